// Charts: drag over bars or points, or Shift and the arrow keys, to narrow the page to their time. Without this script
// each bar is a link to its own time, and the table has all links.
"use strict";
(() => {
  const SVG = "http://www.w3.org/2000/svg";

  function enliven(chart) {
    const bars = [...chart.querySelectorAll("a[data-after]")];
    if (!bars.length || chart.dataset.enlivened) return;
    chart.dataset.enlivened = "yes";
    const lineOf = (bar) => Number(bar.dataset.line || 0);
    bars.sort((one, other) => lineOf(one) - lineOf(other) || one.dataset.after.localeCompare(other.dataset.after));
    const mirrored = "mirrored" in chart.dataset;
    const frame = document.createElementNS(SVG, "rect");
    frame.setAttribute("class", "selection");
    frame.setAttribute("height", "100%");
    let from = -1, to = -1, dragged = false;

    const hint = document.createElement("p");
    hint.className = "hidden";
    hint.id = "chart-hint";
    hint.textContent = chart.dataset.hint;
    chart.after(hint);
    chart.setAttribute("aria-describedby", hint.id);

    // One Tab stop for all bars.
    bars.forEach((bar, place) => bar.setAttribute("tabindex", place ? "-1" : "0"));
    function focus(place) {
      bars.forEach((bar, other) => bar.setAttribute("tabindex", other === place ? "0" : "-1"));
      bars[place].focus();
    }

    function draw() {
      if (from < 0) return frame.remove();
      const outer = chart.getBoundingClientRect();
      const boxes = [from, to].map((place) => bars[place].querySelector(".reach").getBoundingClientRect());
      const left = Math.min(...boxes.map((box) => box.left)) - outer.left;
      const right = Math.max(...boxes.map((box) => box.right)) - outer.left;
      frame.setAttribute("x", `${(100 * left) / outer.width}%`);
      frame.setAttribute("width", `${(100 * (right - left)) / outer.width}%`);
      chart.append(frame);
    }

    function narrow() {
      const [first, last] = [bars[from], bars[to]].sort((one, other) => one.dataset.after.localeCompare(other.dataset.after));
      const address = new URL(chart.dataset.all, location.href);
      address.searchParams.set("after", first.dataset.after);
      address.searchParams.set("before", last.dataset.before);
      document.dispatchEvent(new CustomEvent("go", { detail: address.href }));
    }

    // Along a line by left and right; to the same time of another line by up and down.
    function target(place, step, key) {
      const line = lineOf(bars[place]);
      const same = bars.filter((bar) => lineOf(bar) === line);
      if (step) return bars.indexOf(same[Math.max(0, Math.min(same.length - 1, same.indexOf(bars[place]) + step))]);
      if (!/^Arrow(Up|Down)$/.test(key) || same.length === bars.length) return undefined;
      const others = bars.filter((bar) => bar.dataset.after === bars[place].dataset.after);
      const direction = key === "ArrowUp" ? -1 : 1;
      return bars.indexOf(others[(others.indexOf(bars[place]) + direction + others.length) % others.length]);
    }

    function nearest(clientX) {
      const middle = (bar) => {
        const box = bar.querySelector(".reach").getBoundingClientRect();
        return Math.abs(box.left + box.width / 2 - clientX);
      };
      return bars.reduce((best, bar, place) => (middle(bar) < middle(bars[best]) ? place : best), 0);
    }

    chart.addEventListener("pointerdown", (event) => {
      if (event.button || event.pointerType === "touch") return; // a finger scrolls, and taps a bar
      from = to = nearest(event.clientX);
      dragged = false;
      addEventListener("pointerup", up, { once: true });
    });
    chart.addEventListener("pointermove", (event) => {
      if (from < 0 || !(event.buttons & 1)) return;
      to = nearest(event.clientX);
      dragged ||= to !== from;
      if (dragged) draw();
    });
    function up() {
      if (dragged) narrow();
      from = to = -1;
      draw();
    }
    chart.addEventListener("dragstart", (event) => event.preventDefault());
    chart.addEventListener("click", (event) => { if (dragged) { event.preventDefault(); dragged = false; } }, true);

    chart.addEventListener("keydown", (event) => {
      const place = bars.indexOf(document.activeElement);
      if (place < 0) return;
      const [forward, backward] = mirrored ? ["ArrowLeft", "ArrowRight"] : ["ArrowRight", "ArrowLeft"];
      const steps = { [forward]: 1, [backward]: -1, Home: -bars.length, End: bars.length };
      const next = target(place, steps[event.key], event.key);
      if (next !== undefined) {
        if (event.shiftKey) { if (from < 0) from = place; to = next; } else from = to = -1;
        draw();
        focus(next);
      } else if ((event.key === "Enter" || event.key === " ") && from >= 0) narrow();
      else if (event.key === " ") document.activeElement.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true }));
      else if (event.key === "Escape" && from >= 0) { from = to = -1; draw(); }
      else return;
      event.preventDefault();
    });
  }

  const enlivenAll = () => document.querySelectorAll(".chart[data-all]").forEach(enliven);
  enlivenAll();
  document.addEventListener("results", enlivenAll);
})();
