// The words typical of the results: fetched when their place comes into view, so that the results never wait for them.
// Without this script a link leads to the page of these words.
"use strict";
(() => {
  const watch = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) if (isIntersecting) { watch.unobserve(target); fill(target); }
  }, { rootMargin: "300px" });

  async function fill(place) {
    try {
      const answer = await fetch(place.dataset.typical, { headers: { Accept: "text/html" } });
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (!place.isConnected) return;
      place.replaceChildren(...page.body.childNodes);
      place.nextElementSibling.hidden = !place.querySelector("li"); // no link to a longer list of none
    } catch {
      // The link below is still there.
    }
  }

  const watchAll = () => {
    watch.disconnect();
    document.querySelectorAll("[data-typical]").forEach((place) => watch.observe(place));
  };
  watchAll();
  document.addEventListener("results", watchAll);
})();
