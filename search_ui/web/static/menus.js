// Menus of the results page: Escape, a click elsewhere or leaving with the keyboard closes an open one. What is counted
// in them costs searches, so it is asked when they are opened. Without this script they are opened and closed by their
// summary, and a link inside counts.
"use strict";
(() => {
  const openMenus = () => document.querySelectorAll("details.menu[open]");

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    for (const menu of openMenus()) {
      if (menu.contains(document.activeElement)) menu.querySelector("summary").focus();
      menu.open = false;
    }
  });
  document.addEventListener("pointerdown", (event) => {
    for (const menu of openMenus()) if (!menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("focusin", (event) => {
    for (const menu of openMenus()) if (!menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("toggle", async (event) => {
    const opened = event.target;
    if (!opened.open || !opened.dataset?.counts) return;
    const address = opened.dataset.counts;
    delete opened.dataset.counts;
    const part = opened.matches(".also") ? ".also > div" : ".set";
    try {
      const answer = await fetch(address, { headers: { Accept: "text/html" } });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const [here, counted] = [opened.querySelector(part), page.querySelector(part)];
      if (!here || !counted || !opened.isConnected) return;
      const inside = here.contains(document.activeElement);
      here.replaceChildren(...counted.childNodes);
      if (inside) opened.querySelector("summary").focus();
    } catch { /* the link counts */ }
  }, true);
  // A file is saved and the page stays.
  document.addEventListener("click", (event) => {
    const menu = event.target.closest("details.menu .files a")?.closest("details");
    if (menu) menu.open = false;
  });
})();
