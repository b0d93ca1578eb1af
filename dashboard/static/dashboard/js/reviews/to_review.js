/* The page "To review": its list is fetched again when a review or an interview changes. */
(() => {
  "use strict";

  const refresh = coalesce(async () => {
    const old = document.getElementById("to-review");
    const html = await fetchFragment(old.dataset.address);
    const next = parseFragment(html).getElementById("to-review");
    if (!next || old.isEqualNode(next)) return;
    const held = old.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    old.replaceWith(next);
    if (held === null) return;
    const same = [...next.querySelectorAll("a")].find((link) => link.getAttribute("href") === held);
    (same ?? document.getElementById("title")).focus({ preventScroll: true });
  });

  connectStream({
    url: "/api/events",
    onEvent: (name) => {
      if (name === "review" || name === "interview") refresh();
    },
    onSync: refresh,
    onState: showLive,
    onClock: (now) => serverClock.hear(now),
  });
})();
