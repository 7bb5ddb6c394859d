// Ticked hits: how many there are, also on the pages of results before this one, which a session of the browser
// remembers. Without this script the ticked hits of one page are sent.
"use strict";
(() => {
  const KEY = "arshif-ticked", MOST = 200;
  let ticked = [];
  try { ticked = JSON.parse(sessionStorage.getItem(KEY)) ?? []; } catch { /* no storage: one page at a time */ }
  const keep = () => { try { sessionStorage.setItem(KEY, JSON.stringify(ticked)); } catch { /* likewise */ } };
  const boxes = () => [...document.querySelectorAll(".pick-box input")];

  function show() {
    const bar = document.getElementById("pick");
    if (!bar) return;
    bar.classList.toggle("has-ticks", ticked.length > 0);
    bar.querySelector("[data-ticked]").hidden = false;
    bar.querySelector("output").textContent = ticked.length;
  }
  function restore() {
    for (const box of boxes()) if (ticked.includes(box.value)) box.checked = true;
    show();
  }

  document.addEventListener("change", (event) => {
    if (!event.target.matches(".pick-box input")) return;
    const { value, checked } = event.target;
    if (checked && ticked.length >= MOST) {
      event.target.checked = false;
      document.getElementById("status").textContent = document.getElementById("pick").dataset.full;
      return;
    }
    ticked = ticked.filter((id) => id !== value);
    if (checked) ticked.push(value);
    keep();
    show();
  });
  document.addEventListener("reset", (event) => {
    if (!event.target.matches("#pick")) return; // its own id is hidden by the boxes of that name
    ticked = [];
    keep();
    setTimeout(show);
  });
  // All of them, in the order in which they were ticked.
  document.addEventListener("formdata", (event) => {
    if (!event.target.matches("#pick")) return;
    event.formData.delete("id");
    for (const id of ticked) event.formData.append("id", id);
  });
  // Once they are on a list, the next page of results begins without them.
  document.addEventListener("submit", (event) => {
    if (event.target.matches("#pick") && event.submitter?.matches("[data-add]")) {
      try { sessionStorage.removeItem(KEY); } catch { /* likewise */ }
    }
  });
  document.addEventListener("results", restore);
  addEventListener("pageshow", () => {
    // Boxes that the browser itself ticked again when one went back.
    for (const box of boxes()) if (box.checked && !ticked.includes(box.value)) ticked.push(box.value);
    restore();
  });
})();
