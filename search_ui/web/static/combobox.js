// Suggestions under the search box: the combobox pattern of ARIA 1.2. The focus stays in the box; the arrows move
// aria-activedescendant through the list. Without this script the box is a plain one.
"use strict";
(() => {
  const box = document.getElementById("q");
  if (!box || !box.dataset.suggest) return;
  const status = document.getElementById("status");
  const list = document.createElement("ul");
  const PAUSE = 120; // milliseconds without a key before it is asked
  let timer, request, typed = box.value, current = -1;

  list.id = "suggestions";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", box.dataset.offered);
  list.hidden = true;
  box.after(list);
  for (const [name, value] of Object.entries({
    role: "combobox", "aria-autocomplete": "list", "aria-haspopup": "listbox", "aria-expanded": "false",
    "aria-controls": list.id,
  })) box.setAttribute(name, value);

  const isOpen = () => !list.hidden;

  function close() {
    clearTimeout(timer);
    request?.abort();
    list.hidden = true;
    list.replaceChildren();
    current = -1;
    box.setAttribute("aria-expanded", "false");
    box.removeAttribute("aria-activedescendant");
  }

  function show(suggestions) {
    list.replaceChildren(...suggestions.map((suggestion, number) => {
      const option = document.createElement("li");
      option.id = `suggestion-${number}`;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      option.className = suggestion.kind;
      option.dir = "auto";
      option.textContent = suggestion.text;
      option.dataset.text = suggestion.text;
      if (suggestion.url) option.dataset.url = suggestion.url;
      return option;
    }));
    current = -1;
    box.removeAttribute("aria-activedescendant");
    list.hidden = suggestions.length === 0;
    box.setAttribute("aria-expanded", String(isOpen()));
    status.textContent = suggestions.length ? `${box.dataset.offered}: ${suggestions.length}` : box.dataset.none;
  }

  async function ask() {
    request?.abort();
    request = new AbortController();
    const { signal } = request;
    try {
      const answer = await fetch(`${box.dataset.suggest}?q=${encodeURIComponent(box.value)}`, { signal });
      if (!answer.ok) return close();
      const { suggestions } = await answer.json();
      if (!signal.aborted && document.activeElement === box) show(suggestions);
    } catch (error) {
      if (error.name !== "AbortError") close();
    }
  }

  function move(step) {
    const options = list.children;
    options[current]?.setAttribute("aria-selected", "false");
    // One place more than there are options: the text that was typed.
    current = (current + 1 + step + options.length + 1) % (options.length + 1) - 1;
    const option = options[current];
    if (option) {
      option.setAttribute("aria-selected", "true");
      option.scrollIntoView({ block: "nearest" });
      box.setAttribute("aria-activedescendant", option.id);
    } else box.removeAttribute("aria-activedescendant");
    box.value = option && !option.dataset.url ? option.dataset.text : typed;
  }

  function choose(option) {
    const { url, text } = option.dataset;
    close();
    if (url) return location.assign(url);
    box.value = typed = text;
    box.form.requestSubmit();
  }

  box.addEventListener("input", (event) => {
    typed = box.value;
    clearTimeout(timer);
    if (event.isComposing) return;
    if (!typed.trim()) return close();
    timer = setTimeout(ask, PAUSE);
  });
  box.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (isOpen()) move(event.key === "ArrowDown" ? 1 : -1);
      else if (box.value.trim()) ask();
      else return;
      event.preventDefault();
    } else if (event.key === "Enter" && list.children[current]) {
      event.preventDefault();
      choose(list.children[current]);
    } else if (event.key === "Escape" && isOpen()) {
      event.preventDefault();
      box.value = typed;
      close();
    } else if (event.key === "Tab") close();
  });
  box.addEventListener("blur", close);
  box.form.addEventListener("submit", close);
  list.addEventListener("pointerdown", (event) => event.preventDefault()); // the focus stays in the box
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) choose(option);
  });
})();
