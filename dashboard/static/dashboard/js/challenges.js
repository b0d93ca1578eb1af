/*
 * The challenge library, and the page of one challenge. On an event, the page is fetched once and its
 * parts are brought up to date.
 *
 *   a[data-file]   shows a file beside the tree, without leaving the page
 */
(() => {
  "use strict";

  const GATHER_MS = 100;

  const page = document.getElementById("challenge");
  const id = page?.dataset.challenge;

  // -- refreshing ---------------------------------------------------------------------------------

  const show = (html) => {
    if (replaceParts(parseFragment(html))) announce(gettext("Page updated."));
  };

  const refresh = coalesce(async () => {
    show(await fetchFragment(page ? page.dataset.address : location.pathname + location.search));
  }, GATHER_MS);

  connectStream({
    url: "/api/events",
    onEvent: (name, data) => {
      if (name === "challenge" && (!id || data.challengeId === id)) refresh();
      if (id && name === "interview" && data.type === "dry-run") refresh();
      if (id && name === "checks" && data.challengeId === id) refresh();
    },
    onSync: refresh,
    onState: showLive,
    onClock: (now) => serverClock.hear(now),
  });

  // -- files --------------------------------------------------------------------------------------

  const showFile = async (link) => {
    const url = new URL(link.href);
    const html = await fetchFragment(url.pathname + "file/" + url.search);
    const next = html && parseFragment(html).getElementById("file");
    if (!next) {
      location.assign(link.href);
      return;
    }
    document.getElementById("file").replaceWith(next);
    document.querySelector("[data-file][aria-current]")?.removeAttribute("aria-current");
    link.setAttribute("aria-current", "true");
    history.replaceState(null, "", link.href);
    const title = document.getElementById("file-title");
    title.focus({ preventScroll: true });
    title.scrollIntoView({ block: "nearest" });
  };

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-file]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    showFile(link).catch(() => notice(gettext("The file couldn't be loaded. Try again in a moment.")));
  });
})();
