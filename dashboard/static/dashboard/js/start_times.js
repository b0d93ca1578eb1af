/* Fetches the figures when a start was measured, or an event may have been missed. Nothing polls. */
(() => {
  "use strict";

  const figures = () => document.getElementById("start-times");

  const show = (html) => {
    const next = parseFragment(html).querySelector("#start-times");
    const old = figures();
    if (!next) return;
    // Keep open sections and the scroll position.
    for (const { id } of old.querySelectorAll("details[open]")) {
      next.querySelector(`#${id}`)?.setAttribute("open", "");
    }
    if (old.isEqualNode(next)) return;
    const focused = document.activeElement.closest("a, summary, [tabindex]");
    const places = [...old.querySelectorAll("a, summary, [tabindex]")];
    const scrolled = [...old.querySelectorAll("[tabindex]")].map((box) => box.scrollLeft);
    const place = places.indexOf(focused);
    old.replaceWith(next);
    if (place >= 0) next.querySelectorAll("a, summary, [tabindex]")[place]?.focus({ preventScroll: true });
    next.querySelectorAll("[tabindex]").forEach((box, number) => {
      box.scrollLeft = scrolled[number] ?? 0;
    });
  };

  const refresh = coalesce(async () => {
    const html = await fetchFragment(location.pathname + location.search);
    if (html) show(html);
  });

  connectStream({
    url: "/api/events",
    onEvent: (name, data) => {
      pausedStarts.hear(name, data);
      if (name === "operation" && data.type === "create" && data.status === "completed") refresh();
    },
    onSync: () => {
      refresh();
      pausedStarts.refresh();
    },
    onState: showLive,
    onClock: (now) => serverClock.hear(now),
  });
})();
