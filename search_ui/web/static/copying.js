// Buttons that copy a text of the page. Where the browser has no clipboard for this address the text is marked, to be
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
    const name = button.textContent;
    button.textContent = status.textContent = button.dataset.done;
    setTimeout(() => { button.textContent = name; status.textContent = ""; }, 2000);
  }

  for (const button of document.querySelectorAll("button[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", () => copy(button));
  }
})();
