/// The frame of the report: one file that needs no other and no network.
enum ReportPage {
  static func html(title: String, body: String) -> String {
    """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>\(Markup.escaped(title))</title>
    <style>
    \(style)
    </style>
    </head>
    <body>
    <main>
    \(body)
    </main>
    <script>
    \(script)
    </script>
    </body>
    </html>

    """
  }

  private static let style = """
    :root { --ink: #1c2126; --dim: #5c6670; --line: #d5dade; --faint: #eef1f3; --page: #ffffff; --note: #f5f7f8;
      --p0: #1764ab; --p1: #d1550f; --p2: #2a8043; --p3: #8a3ca5; --p4: #a8790a; --p5: #0f8b8d; --p6: #b02a4c;
      --p7: #98a1a9; }
    @media (prefers-color-scheme: dark) { :root { --ink: #e4e8eb; --dim: #9fa9b2; --line: #3b444c; --faint: #262d33;
      --page: #15191d; --note: #1d2328; --p0: #6db3f2; --p1: #f59a62; --p2: #77c98d; --p3: #cb94e0; --p4: #dfb95a;
      --p5: #5fc9ca; --p6: #f0809b; --p7: #69747d; } }
    * { box-sizing: border-box; }
    body { margin: 0; background: var(--page); color: var(--ink);
      font: 16px/1.55 system-ui, "Segoe UI", "Liberation Sans", sans-serif; }
    main { max-width: 60rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
    h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .4rem; }
    h2 { font-size: 1.3rem; margin: 2.6rem 0 .6rem; padding-bottom: .3rem; border-bottom: 1px solid var(--line); }
    h3 { font-size: 1rem; margin: 0 0 .4rem; }
    .verdict { font-size: 1.15rem; background: var(--note); border-left: .3rem solid var(--p0); padding: .9rem 1.1rem;
      margin: 1.2rem 0; }
    .dim, figcaption { color: var(--dim); font-size: .9rem; }
    figure { margin: 1.4rem 0 2rem; break-inside: avoid; }
    figcaption { margin-top: .3rem; }
    .grid2 { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); gap: 0 1.5rem; }
    .plot { overflow-x: auto; } svg { width: 100%; min-width: 30rem; height: auto; display: block; }
    svg .label { font-size: 12px; fill: var(--dim); }
    .grid { stroke: var(--faint); } .axis { stroke: var(--dim); } .zero { stroke: var(--dim); stroke-dasharray: 4 3; }
    .line { fill: none; stroke: var(--c); stroke-width: 2; } .line.dashed { stroke-dasharray: 5 4; }
    .band { fill: var(--c); opacity: .14; } .whisker { stroke: var(--c); stroke-width: 1.6; }
    .dot { fill: var(--c); } .dot.dashed { fill: var(--page); stroke: var(--c); stroke-width: 1.6; }
    .dot:hover { stroke: var(--ink); stroke-width: 2; }
    .c0 { --c: var(--p0); } .c1 { --c: var(--p1); } .c2 { --c: var(--p2); } .c3 { --c: var(--p3); }
    .c4 { --c: var(--p4); } .c5 { --c: var(--p5); } .c6 { --c: var(--p6); } .c7 { --c: var(--p7); }
    dt { margin-top: .7rem; } dd { margin: .1rem 0 0 1.2rem; color: var(--dim); }
    pre { background: var(--note); padding: .8rem 1rem; overflow-x: auto; font-size: .82rem; }
    .legend { display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; margin: .3rem 0; font-size: .85rem; color: var(--dim); }
    .legend i { display: inline-block; width: .8rem; height: .8rem; border-radius: 50%; background: var(--c);
      border: 2px solid var(--c); vertical-align: -.1rem; margin-right: .35rem; }
    .legend i.dashed { background: var(--page); }
    .wide { overflow-x: auto; }
    table { border-collapse: collapse; font-size: .88rem; font-variant-numeric: tabular-nums; margin: .6rem 0; }
    th, td { padding: .3rem .7rem; text-align: right; white-space: nowrap; border-bottom: 1px solid var(--faint); }
    th { border-bottom: 1px solid var(--line); color: var(--dim); font-weight: 600; cursor: pointer; }
    th.text, td.text { text-align: left; } th[aria-sort=ascending]::after { content: " ↑"; }
    th[aria-sort=descending]::after { content: " ↓"; }
    a { color: var(--p0); } code { font-size: .9em; }
    @media print { svg { min-width: 0; } :root { --page: #fff; --ink: #000; --note: #f5f7f8; } main { max-width: none; padding: 0; }
      h2 { break-after: avoid; } a { color: inherit; } }
    """

  private static let script = """
    for (const head of document.querySelectorAll("th")) head.addEventListener("click", () => {
      const table = head.closest("table"), body = table.tBodies[0], column = head.cellIndex;
      const up = head.getAttribute("aria-sort") !== "ascending";
      const value = row => { const text = row.cells[column].textContent, number = parseFloat(text.replace("−", "-"));
        return isNaN(number) ? text : number; };
      const rows = [...body.rows].sort((a, b) => { const x = value(a), y = value(b);
        const order = typeof x === "number" && typeof y === "number" ? x - y : String(x).localeCompare(String(y));
        return up ? order : -order; });
      for (const other of table.querySelectorAll("th")) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      body.append(...rows);
    });
    """
}
