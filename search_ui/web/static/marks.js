// From one marked word of an article to the next: two buttons, and the keys n and p, which a third one turns off for
// good, since they are in the way of speech input. Without this script the marks are reached by the links above the text.
"use strict";
(() => {
  const bar = document.querySelector(".marks");
  const marks = [...document.querySelectorAll("mark[id]")];
  if (!bar || !marks.length) return;
  let current = marks.findIndex((mark) => `#${mark.id}` === location.hash);
  const place = document.createElement("span");
  place.setAttribute("role", "status");

  function show() {
    place.textContent = current < 0 ? `${marks.length}` : `${current + 1} ${bar.dataset.of} ${marks.length}`;
  }
  function go(step) {
    marks[current]?.classList.remove("current");
    current = current < 0 ? (step > 0 ? 0 : marks.length - 1) : (current + step + marks.length) % marks.length;
    const mark = marks[current];
    mark.classList.add("current");
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    mark.scrollIntoView({ block: "center", behavior: calm ? "auto" : "smooth" });
    history.replaceState(history.state, "", `#${mark.id}`);
    show();
  }
  function button(text, name, step) {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = text;
    made.setAttribute("aria-label", name);
    made.title = name;
    made.addEventListener("click", () => go(step));
    return made;
  }

  bar.querySelectorAll("a").forEach((link) => link.remove());
  const KEYS = "arshif-mark-keys";
  const stored = () => { try { return localStorage.getItem(KEYS); } catch { return null; } };
  let keys = stored() !== "off";
  const toggle = document.createElement("button");
  toggle.type = "button";
  toggle.textContent = "n p";
  toggle.setAttribute("aria-label", bar.dataset.keys); // begins with what is seen, for speech input
  toggle.title = bar.dataset.keys;
  toggle.setAttribute("aria-pressed", String(keys));
  toggle.addEventListener("click", () => {
    keys = !keys;
    toggle.setAttribute("aria-pressed", String(keys));
    try { localStorage.setItem(KEYS, keys ? "on" : "off"); } catch { /* for this page alone */ }
  });

  bar.append(place, button("↑", bar.dataset.previous, -1), button("↓", bar.dataset.next, 1), toggle);
  bar.classList.add("live");
  marks[current]?.classList.add("current");
  show();
  document.addEventListener("keydown", (event) => {
    if (!keys || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea")) return;
    // The keys that carry n and p on a keyboard of Arabic letters too.
    if (event.code === "KeyN") go(1);
    else if (event.code === "KeyP") go(-1);
  });
})();
