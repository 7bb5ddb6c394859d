// Buttons that copy a text of the page, and links of results that copy their citation. Where the browser has no clipboard for this address the text is marked, to be
// copied by hand; without this script the buttons are not shown, and a click marks the text.
"use strict";
(() => {
  const status = document.getElementById("status");

  async function copy(button) {
    const text = document.getElementById(button.dataset.copy);
    try {
      await navigator.clipboard.writeText(text.textContent.trim());
      getSelection().selectAllChildren(text);
    } catch {
      const fold = text.closest("details");
      if (fold) fold.open = true;
      getSelection().selectAllChildren(text);
      return;
    }
    confirm(button);
  }

  function confirm(button) {
    const name = button.dataset.name ??= button.textContent; // a second click within two seconds reads "Copied"
    button.textContent = status.textContent = button.dataset.done;
    setTimeout(() => { button.textContent = name; status.textContent = ""; }, 2000);
  }

  // Without a clipboard the link is followed: the article's page has its citation.
  async function copyCitation(link) {
    try {
      const answer = await fetch(link.dataset.citation);
      if (!answer.ok) throw new Error(answer.statusText);
      await navigator.clipboard.writeText(await answer.text());
      confirm(link);
    } catch {
      location.assign(link.href);
    }
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[data-citation]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    copyCitation(link);
  });

  for (const button of document.querySelectorAll("button[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", () => copy(button));
  }
})();
