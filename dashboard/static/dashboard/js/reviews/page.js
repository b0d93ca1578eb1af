/*
 * The page of an interview's reviews: on an event about it, and once one's own draft is there, its parts
 * are brought up to date. Forms that somebody types in are in none of them. The others are told of no
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
    replaceParts(parseFragment(html));
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
