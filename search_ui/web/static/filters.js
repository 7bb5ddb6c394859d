// Filters: a box that finds a value in a long list; and on a narrow window a sheet from the bottom, whose button says how
// many results there will be. Without this script the filters are a section below the results, with its own button.
"use strict";
(() => {
  const narrow = matchMedia("(max-width: 61.99rem)");
  const main = document.getElementById("main");
  const status = document.getElementById("status");
  document.documentElement.classList.add("with-sheet");

  // As the search itself: differences of hamza, ta marbuta, alif maqsura, harakat and case are ignored.
  const fold = (text) => text.normalize("NFC").replace(/[\u064b-\u0652\u0640]/g, "").replace(/[أإآٱ]/g, "ا")
    .replace(/ة/g, "ه").replace(/ى/g, "ي").replace(/[ؤئ]/g, "ء").toLowerCase();

  function enliven(root) {
    for (const box of root.querySelectorAll("input.find")) box.hidden = false;
  }
  document.addEventListener("input", (event) => {
    if (!event.target.matches("input.find")) return;
    const typed = fold(event.target.value.trim());
    for (const label of event.target.closest("fieldset").querySelectorAll(".values label"))
      label.hidden = typed !== "" && !fold(label.querySelector("bdi").textContent).includes(typed);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches?.("input.find")) event.preventDefault();
  });

  let sheet = null, kept = [], request;
  const formOf = (nodes) => nodes.find((node) => node.nodeName === "FORM");

  function addressOf(form) {
    const values = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (value) values.append(name, value);
    return `${form.action}?${values}`;
  }

  function open() {
    const aside = document.getElementById("filters");
    if (!aside || sheet) return;
    sheet = document.createElement("dialog");
    sheet.className = "filter-sheet filters";
    sheet.setAttribute("aria-labelledby", "filters-title");
    kept = [...aside.childNodes];
    const close = document.createElement("button");
    close.type = "button";
    close.className = "close";
    close.setAttribute("aria-label", aside.dataset.close);
    close.textContent = "×";
    close.addEventListener("click", () => sheet.close());
    sheet.append(...kept, close);
    document.body.append(sheet);
    say(formOf(kept));
    sheet.addEventListener("change", (event) => { if (!event.target.matches(".find")) ask(); });
    sheet.addEventListener("click", (event) => {
      if (event.target === sheet) return sheet.close(); // the backdrop
      const link = event.target.closest("a[data-live]");
      if (link) leave(event, link.href);
    });
    sheet.addEventListener("submit", (event) => leave(event, addressOf(event.target)));
    sheet.addEventListener("close", closed);
    sheet.showModal();
  }

  // The button says how many results the choices have; while that is asked, that they are applied.
  function say(form) {
    const button = form.querySelector(".do button");
    button.dataset.apply = button.textContent;
    button.textContent = button.dataset.show;
  }

  async function ask() {
    request?.abort();
    request = new AbortController();
    const { signal } = request;
    const form = sheet.querySelector("form");
    const button = form.querySelector(".do button");
    button.textContent = button.dataset.apply;
    try {
      const answer = await fetch(addressOf(form), { signal, headers: { Accept: "text/html" } });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.querySelector("#filters form");
      if (signal.aborted || !sheet || !fresh) return;
      const held = document.activeElement;
      const scrolled = sheet.scrollTop;
      const lists = [...form.querySelectorAll(".values")].map((list) => list.scrollTop);
      const found = [...form.querySelectorAll("input.find")].map((box) => box.value);
      const years = form.querySelector(".periods")?.open;
      say(fresh);
      form.replaceWith(fresh);
      enliven(fresh);
      if (years && fresh.querySelector(".periods")) fresh.querySelector(".periods").open = true;
      fresh.querySelectorAll("input.find").forEach((box, place) => {
        box.value = found[place] ?? "";
        if (box.value) box.dispatchEvent(new Event("input", { bubbles: true }));
      });
      fresh.querySelectorAll(".values").forEach((list, place) => { list.scrollTop = lists[place] ?? 0; });
      sheet.scrollTop = scrolled;
      status.textContent = fresh.querySelector(".do button").textContent;
      const same = held === button ? fresh.querySelector(".do button")
        : held.id ? document.getElementById(held.id)
          : [...fresh.querySelectorAll("[name]")].find((one) => one.name === held.name && one.value === held.value);
      same?.focus({ preventScroll: true });
    } catch (error) {
      if (error.name !== "AbortError") console.warn(error); // the button applies the choices all the same
    }
  }

  function leave(event, address) {
    event.preventDefault();
    sheet.close();
    document.dispatchEvent(new CustomEvent("go", { detail: address }));
  }

  // Closed without a choice, the filters are as they were.
  function closed() {
    request?.abort();
    const form = formOf(kept);
    form.reset();
    form.querySelector(".do button").textContent = form.querySelector(".do button").dataset.apply;
    document.getElementById("filters")?.replaceChildren(...kept);
    sheet.remove();
    sheet = null;
    document.getElementById("to-filters")?.focus({ preventScroll: true });
  }

  document.addEventListener("click", (event) => {
    if (!event.target.closest("a[data-sheet]") || !narrow.matches) return;
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open();
  });
  narrow.addEventListener("change", () => { if (!narrow.matches) sheet?.close(); });
  document.addEventListener("results", () => enliven(main));
  enliven(main);
})();
