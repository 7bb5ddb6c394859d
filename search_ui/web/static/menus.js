// Menus of the results page: Escape, a click elsewhere or leaving with the keyboard closes an open one. Without this
// script they are opened and closed by their summary.
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
  // A file is saved and the page stays.
  document.addEventListener("click", (event) => {
    const menu = event.target.closest("details.menu .files a")?.closest("details");
    if (menu) menu.open = false;
  });
})();
