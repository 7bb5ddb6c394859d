// The timeline: drag over bars, or Shift and the arrow keys, to narrow the search to their time. Without this script
// each bar is a link to its own time.
"use strict";
(() => {
  const SVG = "http://www.w3.org/2000/svg";

  function enliven(chart) {
    const bars = [...chart.querySelectorAll("a[data-after]")];
    if (!bars.length || chart.dataset.enlivened) return;
    chart.dataset.enlivened = "yes";
    bars.sort((one, other) => one.dataset.after.localeCompare(other.dataset.after));
    const frame = document.createElementNS(SVG, "rect");
    frame.setAttribute("class", "selection");
    frame.setAttribute("y", 0);
    frame.setAttribute("height", 100);
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
      const edges = [from, to].flatMap((place) => {
        const reach = bars[place].querySelector(".reach");
        const x = Number(reach.getAttribute("x"));
        return [x, x + Number(reach.getAttribute("width"))];
      });
      frame.setAttribute("x", Math.min(...edges));
      frame.setAttribute("width", Math.max(...edges) - Math.min(...edges));
      chart.append(frame);
    }

    function narrow() {
      const [first, last] = [Math.min(from, to), Math.max(from, to)];
      const address = new URL(chart.dataset.all, location.href);
      address.searchParams.set("after", bars[first].dataset.after);
      address.searchParams.set("before", bars[last].dataset.before);
      document.dispatchEvent(new CustomEvent("go", { detail: address.href }));
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
      const forward = getComputedStyle(chart).direction === "rtl" ? "ArrowLeft" : "ArrowRight";
      const backward = forward === "ArrowLeft" ? "ArrowRight" : "ArrowLeft";
      const steps = { [forward]: 1, [backward]: -1, Home: -bars.length, End: bars.length };
      if (event.key in steps) {
        const next = Math.max(0, Math.min(bars.length - 1, place + steps[event.key]));
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
