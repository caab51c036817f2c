/// The report's style sheet: any screen width, light and dark, and print.
enum ReportStyle {
  static let text = """
    :root { color-scheme: light dark; --ink: #1b2127; --dim: #56616b; --line: #cfd6db; --faint: #e9edf0; --page: #ffffff;
      --note: #f4f6f8; --c: #1764ab; --p0: #1764ab; --p1: #c8500b; --p2: #23793c; --p3: #84369f; --p4: #8f6703;
      --p5: #0b7b7d; --p6: #ad2448; --p7: #4a4fb5; --p8: #87919a; }
    @media (prefers-color-scheme: dark) { :root { --ink: #e6eaed; --dim: #a3aeb7; --line: #3d474f; --faint: #272f35;
      --page: #14181c; --note: #1d2429; --p0: #6db3f2; --p1: #f59a62; --p2: #77c98d; --p3: #cb94e0; --p4: #dfb95a;
      --p5: #5fc9ca; --p6: #f0809b; --p7: #a3a8f5; --p8: #7b868f; } }
    * { box-sizing: border-box; }
    html { scroll-padding-top: 1rem; }
    body { margin: 0; background: var(--page); color: var(--ink); overflow-wrap: break-word;
      font: 16px/1.55 system-ui, "Segoe UI", "Liberation Sans", "DejaVu Sans", sans-serif; }
    main { max-width: 64rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
    h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .3rem; }
    h2 { font-size: 1.3rem; margin: 2.8rem 0 .8rem; padding-bottom: .3rem; border-bottom: 1px solid var(--line); }
    h3 { font-size: 1rem; margin: 0 0 .5rem; } h3 + p { margin-top: 0; }
    p, li, dd { max-width: 50rem; } a { color: var(--p0); }
    .dim, figcaption { color: var(--dim); font-size: .9rem; }
    nav { display: flex; flex-wrap: wrap; gap: .3rem 1.1rem; font-size: .9rem; }
    .verdict { background: var(--note); border-left: .35rem solid var(--p8); padding: .9rem 1.2rem; margin: 1.2rem 0; }
    .verdict p { margin: 0; font-size: 1.2rem; font-weight: 600; line-height: 1.4; }
    .verdict p.practice { margin-top: .6rem; font-size: 1rem; font-weight: 400; line-height: 1.55; }
    .verdict.supported { border-color: var(--p2); } .verdict.contradicted { border-color: var(--p6); }
    .verdict.inconclusive { border-color: var(--p4); }
    .claims dt { margin-top: 1rem; font-weight: 600; } .claims dd { margin: .2rem 0 0 2.2rem; color: var(--dim); }
    .claims ul { margin: .2rem 0; padding-left: 1.1rem; }
    .letter { display: inline-block; width: 1.6rem; height: 1.6rem; margin-right: .4rem; border-radius: .3rem;
      background: var(--faint); text-align: center; line-height: 1.6rem; }
    .answer { font-weight: 600; color: var(--ink); border-bottom: .15rem solid var(--p8); }
    .answer.supported { border-color: var(--p2); } .answer.contradicted { border-color: var(--p6); }
    .answer.inconclusive { border-color: var(--p4); }
    figure { margin: 1.6rem 0 2.2rem; min-width: 0; } figcaption { margin-top: .4rem; max-width: 50rem; }
    .pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 27rem), 1fr)); gap: 0 2rem; }
    .plot { overflow-x: auto; } .plot > svg { max-width: 100%; min-width: 36rem; height: auto; display: block; }
    .pair .plot > svg { min-width: 0; }
    .definitions { position: absolute; } svg:focus-visible { outline: 2px solid var(--p0); outline-offset: 2px; }
    svg .label { font-size: 12px; fill: var(--dim); paint-order: stroke; stroke: var(--page); stroke-width: 3px; } svg .strong { fill: var(--ink); font-weight: 600; }
    svg .inside { fill: var(--ink); stroke: none; font-size: 11px; pointer-events: none; }
    .grid { stroke: var(--faint); } .axis { stroke: var(--dim); } .zero { stroke: var(--dim); stroke-dasharray: 4 3; }
    .line { fill: none; stroke: var(--c); stroke-width: 1.8; } .line.dashed { stroke-dasharray: 5 4; }
    .band { fill: var(--c); opacity: .13; } .whisker { stroke: var(--c); stroke-width: 1.5; opacity: .75; }
    .mark { fill: var(--c); stroke: var(--page); stroke-width: 1; }
    .mark.dashed { fill: var(--page); stroke: var(--c); stroke-width: 1.6; }
    .mark.small { opacity: 0; } .mark.on { opacity: 1; stroke: var(--ink); stroke-width: 1.8; }
    .cell { fill: color-mix(in srgb, var(--c) calc(12% + 40% * var(--share)), var(--page)); stroke: none; }
    .c0 { --c: var(--p0); } .c1 { --c: var(--p1); } .c2 { --c: var(--p2); } .c3 { --c: var(--p3); } .c4 { --c: var(--p4); }
    .c5 { --c: var(--p5); } .c6 { --c: var(--p6); } .c7 { --c: var(--p7); } .c8 { --c: var(--p8); }
    .legend { display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; margin: .4rem 0 0; font-size: .87rem; }
    .legend .key { width: .85rem; height: .85rem; margin-right: .35rem; vertical-align: -.08rem; overflow: visible; }
    #tip { position: fixed; z-index: 1; max-width: 20rem; padding: .35rem .6rem; border-radius: .3rem; font-size: .83rem;
      line-height: 1.4; white-space: pre-line; pointer-events: none; background: var(--ink); color: var(--page); }
    .gallery { list-style: none; margin: .6rem 0 1.6rem; padding: 0; display: grid; gap: 1rem .9rem;
      grid-template-columns: repeat(auto-fill, minmax(min(100%, 8.5rem), 1fr)); align-items: end; }
    .gallery.medium { grid-template-columns: repeat(auto-fill, minmax(min(100%, 5.5rem), 1fr)); }
    .gallery.large { grid-template-columns: repeat(auto-fill, minmax(min(100%, 19rem), 1fr)); }
    .gallery li { min-width: 0; font-size: .83rem; line-height: 1.4; break-inside: avoid; }
    .gallery li > span { display: block; overflow-wrap: anywhere; } .gallery li > span + span { color: var(--dim); }
    .gallery img, .gallery li > svg { display: block; width: 100%; height: auto; margin-bottom: .3rem; }
    .gallery .pixels { image-rendering: pixelated; }
    .halo, .truth, .found, .spared { fill: none; vector-effect: non-scaling-stroke; }
    .halo { stroke: #fff; stroke-opacity: .75; stroke-width: 4; } .truth, .spared { stroke: #0b55c4; stroke-width: 2; }
    .found { stroke: #d9480f; stroke-width: 2; stroke-dasharray: 7 3; } .spared { stroke-dasharray: 2 3; }
    .legend .key rect { stroke-width: 2; } .facts th { background: none; position: static; vertical-align: top;
      border-color: var(--faint); }
    .facts td { white-space: normal; overflow-wrap: anywhere; }
    details { margin: .5rem 0; } summary { cursor: pointer; color: var(--dim); font-size: .9rem; }
    details.block > summary { font-size: 1rem; color: var(--ink); font-weight: 600; margin: .8rem 0; }
    .wide { overflow-x: auto; margin: .6rem 0; } .tall { max-height: 36rem; overflow-y: auto; }
    table { border-collapse: collapse; font-size: .87rem; font-variant-numeric: tabular-nums; }
    th, td { padding: .28rem .7rem; text-align: right; white-space: nowrap; border-bottom: 1px solid var(--faint); }
    th { position: sticky; top: 0; background: var(--page); border-bottom: 1px solid var(--line); color: var(--dim);
      font-weight: 600; } th.text, td.text { text-align: left; }
    th[tabindex] { cursor: pointer; } th[aria-sort=ascending]::after { content: " ↑"; }
    th[aria-sort=descending]::after { content: " ↓"; } tbody tr:hover { background: var(--note); }
    input[type=search] { font: inherit; width: min(100%, 26rem); padding: .35rem .6rem; color: inherit;
      background: var(--note); border: 1px solid var(--line); border-radius: .3rem; }
    pre { background: var(--note); padding: .8rem 1rem; overflow-x: auto; font-size: .82rem; }
    @media (max-width: 40rem) { main { padding: 1.2rem 1rem 3rem; } h1 { font-size: 1.5rem; }
      .verdict p { font-size: 1.08rem; } .claims dd { margin-left: .4rem; } }
    @media print { :root { color-scheme: light; --page: #fff; --ink: #000; --dim: #444; --line: #bbb; --faint: #e2e2e2;
      --note: #f4f4f4; --p0: #1764ab; --p1: #c8500b; --p2: #23793c; --p3: #84369f; --p4: #8f6703; --p5: #0b7b7d;
      --p6: #ad2448; --p7: #4a4fb5; --p8: #87919a; }
      body { font-size: 10pt; } main { max-width: none; padding: 0; } nav, input, #tip { display: none; }
      .plot, .wide { overflow: visible; max-height: none; } .plot > svg { min-width: 0; break-inside: avoid; }
      h2, h3, summary { break-after: avoid; } a { color: inherit; } th { position: static; }
      table { font-size: 7.5pt; } th, td { padding: .15rem .35rem; white-space: normal; }
      .broad { page: broad; } .broad table { font-size: 6.5pt; } .broad td { white-space: nowrap; }
      details:not(.long)::details-content { content-visibility: visible; display: block; height: auto; } }
    @page broad { size: landscape; margin: 1cm; }
    """
}
