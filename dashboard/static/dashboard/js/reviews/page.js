/*
 * The page of an interview's reviews: on an event about it, and once one's own draft is there, the parts
 * that differ are replaced. Forms that somebody types in are in none of them. The others are told of no
 * draft, so that nothing says who has begun.
 */
(() => {
  "use strict";

  const { interview: id, address } = document.getElementById("reviews").dataset;

  const refresh = coalesce(async () => {
    const html = await fetchFragment(address);
    if (!html) {
      // It was deleted: the page of the interview says so.
      location.assign(address.replace(/review\/$/, ""));
      return;
    }
    const fresh = parseFragment(html);
    for (const next of [...fresh.querySelectorAll("[data-part]")]) {
      const old = document.getElementById(next.id);
      if (!old || old.isEqualNode(next)) continue;
      const hadFocus = old.contains(document.activeElement);
      old.replaceWith(next);
      if (hadFocus) next.querySelector("[tabindex='-1']")?.focus({ preventScroll: true });
    }
  });

  document.getElementById("scorecard")?.addEventListener("firstdraft", refresh);

  connectStream({
    url: "/api/events",
    onEvent: (name, data) => {
      if ((name === "review" || name === "interview") && data.interviewId === id) refresh();
    },
    onSync: refresh,
    onState: showLive,
    onClock: (now) => serverClock.hear(now),
  });
})();
