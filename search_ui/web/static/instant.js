// Results without a new page: the address is fetched, its <main> takes the place of this one, and the browser's
// history gets the same entries as from links. If anything fails, the browser loads the address itself.
"use strict";
(() => {
  const main = document.getElementById("main");
  const box = document.getElementById("q");
  const status = document.getElementById("status");
  const isSearch = () => main.querySelector("[data-search]") !== null;
  const PAUSE = 350; // milliseconds without a key before the results follow
  let request, timer, typing = false;

  function addressOf(form) {
    const values = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (value) values.append(name, value);
    return `${form.action}?${values}`;
  }

  function focusAgain(held) {
    if (held === null || document.activeElement === box) return;
    const again = (held.id && document.getElementById(held.id)) ||
      (held.name && [...main.querySelectorAll(`[name="${held.name}"]`)].find((one) => one.value === held.value)) ||
      document.getElementById("count");
    again?.focus({ preventScroll: true });
  }

  async function go(address, { history: how = "push", scroll = false } = {}) {
    request?.abort();
    request = new AbortController();
    const { signal } = request;
    const active = document.activeElement;
    const menu = active.closest?.("details.menu")?.querySelector("summary");
    const held = main.contains(active) ? { id: (menu ?? active).id, name: active.name, value: active.value } : null;
    main.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(address, { signal, headers: { Accept: "text/html" } });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.getElementById("main");
      if (signal.aborted) return;
      if (!fresh || !fresh.querySelector("[data-search]")) return location.assign(address);
      if (how === "push") history.pushState({ live: true }, "", address);
      if (how === "replace") history.replaceState({ live: true }, "", address);
      // What is open stays open; years become months, and are the same list.
      const nameOf = (details) => details.className || details.querySelector("summary").textContent;
      const open = new Set([...main.querySelectorAll("details[open]")].map(nameOf));
      main.replaceChildren(...fresh.childNodes);
      for (const one of main.querySelectorAll("aside details, details.over-time")) if (open.has(nameOf(one))) one.open = true;
      document.title = page.title;
      const theirs = page.querySelector(".top .box"), ours = document.querySelector(".top .box");
      if (theirs && ours) {
        if (document.activeElement !== box) box.value = theirs.querySelector("#q").value;
        ours.querySelectorAll("input[type=hidden]").forEach((one) => one.remove());
        theirs.querySelectorAll("input[type=hidden]").forEach((one) => ours.append(one));
      }
      for (const link of page.querySelectorAll(".links a, .foot a")) {
        const same = [...document.querySelectorAll(".links a, .foot a")].find((one) => one.textContent === link.textContent);
        if (same) same.href = link.href;
      }
      const feed = document.getElementById("feed"), theirFeed = page.getElementById("feed");
      if (feed && theirFeed) feed.replaceWith(theirFeed);
      const count = document.getElementById("count");
      status.textContent = count ? count.textContent.replace(/\s+/g, " ") : "";
      if (scroll) { scrollTo(0, 0); count?.focus({ preventScroll: true }); } else focusAgain(held);
      document.dispatchEvent(new Event("results"));
    } catch (error) {
      if (error.name !== "AbortError") location.assign(address);
    } finally {
      if (!signal.aborted) main.removeAttribute("aria-busy");
    }
  }

  document.addEventListener("go", (event) => (isSearch() ? go(event.detail) : location.assign(event.detail)));

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-live], .chart a, .timeline td a, .timeline th a");
    if (!link || event.defaultPrevented || !isSearch() || !main.contains(link)) return;
    if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    go(link.href?.baseVal ?? link.href, { scroll: link.closest(".pages") !== null });
  });

  main.addEventListener("change", (event) => {
    const form = event.target.closest("form.narrow");
    if (form && !event.target.matches(".find")) go(addressOf(form));
  });

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!isSearch() || !form.matches(".narrow, .top .box")) return;
    event.preventDefault();
    clearTimeout(timer);
    typing = false;
    go(addressOf(form));
  });

  // While one types the results follow: the first key makes an entry of the history, the next ones change it.
  box?.addEventListener("input", (event) => {
    clearTimeout(timer);
    if (!isSearch() || event.isComposing || box.value.trim().length < 2) return;
    timer = setTimeout(() => {
      go(addressOf(box.form), { history: typing ? "replace" : "push" });
      typing = true;
    }, PAUSE);
  });
  box?.addEventListener("blur", () => { typing = false; });

  addEventListener("popstate", () => {
    if (location.pathname === new URL(box.form.action).pathname) {
      box.blur();
      go(location.href, { history: "none" });
    } else location.reload();
  });
})();
