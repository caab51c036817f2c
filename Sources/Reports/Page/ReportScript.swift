/// The report's script: values on hover, sortable tables, filtered runs; everything can be read without it.
enum ReportScript {
  static let text = #"""
    "use strict";
    // Values of the mark nearest to the pointer, or stepped through by arrow keys.
    const tip = document.getElementById("tip");
    let shown = null;
    function hide() { if (shown) shown.classList.remove("on"); shown = null; tip.hidden = true; }
    function show(mark) {
      if (mark === shown) return;
      hide();
      shown = mark;
      mark.classList.add("on");
      tip.textContent = mark.dataset.tip;
      tip.hidden = false;
      const at = mark.getBoundingClientRect(), box = tip.getBoundingClientRect(), gap = 10;
      const x = at.left + at.width / 2 - box.width / 2, y = at.top - box.height - gap;
      tip.style.left = Math.max(4, Math.min(x, innerWidth - box.width - 4)) + "px";
      tip.style.top = (y > 4 ? y : at.bottom + gap) + "px";
    }
    for (const svg of document.querySelectorAll(".plot > svg")) {
      const marks = [...svg.querySelectorAll(".mark")];
      for (const mark of marks) {
        const title = mark.querySelector("title");
        mark.dataset.tip = title.textContent;
        mark.setAttribute("role", "img");
        mark.setAttribute("aria-label", title.textContent);
        title.remove();
      }
      svg.addEventListener("pointermove", event => {
        let nearest = null, least = 28 * 28;
        for (const mark of marks) {
          const box = mark.getBoundingClientRect();
          const x = Math.max(box.left - event.clientX, 0, event.clientX - box.right);
          const y = Math.max(box.top - event.clientY, 0, event.clientY - box.bottom);
          if (x * x + y * y < least) [nearest, least] = [mark, x * x + y * y];
        }
        if (nearest) show(nearest); else hide();
      });
      svg.addEventListener("pointerleave", hide);
      svg.addEventListener("blur", hide);
      svg.addEventListener("keydown", event => {
        const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
        if (event.key === "Escape") hide();
        if (!step || !marks.length) return;
        event.preventDefault();
        const place = marks.indexOf(shown);
        show(marks[place < 0 ? 0 : (place + step + marks.length) % marks.length]);
      });
    }
    addEventListener("scroll", hide, { passive: true });

    // Tables sort by their headings: numbers as numbers, what is missing last.
    for (const head of document.querySelectorAll("thead th")) {
      head.tabIndex = 0;
      const sort = () => {
        const table = head.closest("table"), body = table.tBodies[0], column = head.cellIndex;
        const up = head.getAttribute("aria-sort") !== "ascending";
        const value = row => {
          const text = row.cells[column].textContent.trim(), number = parseFloat(text);
          return text === "–" || text === "" ? null : isNaN(number) || head.classList.contains("text") ? text : number;
        };
        const rows = [...body.rows].map(row => [value(row), row]).sort(([a], [b]) => {
          if (a === null || b === null) return (a === null) - (b === null);
          const order = typeof a === "number" && typeof b === "number" ? a - b
            : String(a).localeCompare(String(b), "en", { numeric: true });
          return up ? order : -order;
        });
        for (const other of table.querySelectorAll("th")) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", up ? "ascending" : "descending");
        body.append(...rows.map(([, row]) => row));
      };
      head.addEventListener("click", sort);
      head.addEventListener("keydown", event => {
        if (event.key === "Enter" || event.key === " ") { event.preventDefault(); sort(); }
      });
    }

    // The table of runs shows the rows that hold every word; a link beside numbers leads to just the runs behind them.
    const runs = document.querySelector("table.runs");
    if (runs) {
      const field = document.createElement("input");
      field.type = "search";
      field.setAttribute("aria-label", "Filter runs");
      let chosen = null;
      const filter = () => {
        field.placeholder = chosen ? `the ${chosen.size} runs behind that row; type to look through all`
          : "words that a row has, such as: fc full mnist";
        const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
        for (const row of runs.tBodies[0].rows) {
          if (chosen) { row.hidden = !chosen.has(row.cells[0].textContent); continue; }
          const cells = ` ${[...row.cells].map(cell => cell.textContent).join(" ")} `.toLowerCase();
          row.hidden = !words.every(word => cells.includes(` ${word} `) || words.length === 1 && cells.includes(word));
        }
      };
      field.addEventListener("input", () => { chosen = null; filter(); });
      runs.closest(".wide").before(field);
      filter();
      for (const link of document.querySelectorAll("a[data-runs]")) link.addEventListener("click", () => {
        runs.closest("details").open = true;
        field.value = "";
        chosen = new Set(link.dataset.runs.split(" "));
        filter();
      });
    }

    // A page that is rewritten while its run goes is loaded again, unless its reader says otherwise.
    const follow = document.getElementById("follow");
    if (follow) {
      follow.checked = sessionStorage.getItem("follow") !== "no";
      follow.addEventListener("change", () => sessionStorage.setItem("follow", follow.checked ? "yes" : "no"));
      setInterval(() => { if (follow.checked) location.reload(); }, 10000);
    }

    // Paper shows what is folded, except for long tables.
    let folded = [];
    addEventListener("beforeprint", () => {
      folded = [...document.querySelectorAll("details:not([open]):not(.long)")];
      for (const one of folded) one.open = true;
    });
    addEventListener("afterprint", () => { for (const one of folded) one.open = false; });
    """#
}
