/*
 * A list with [data-live-list], which is fetched again when a review changes or an interview ends, begins
 * or is deleted: what waits for me, and the candidates of a challenge. One with [data-checks-of] also when
 * the checks of a submission of that challenge start or end.
 */
(() => {
  "use strict";

  const ENDED = new Set(["completed", "expired", "revoked", "cancelled"]);

  const find = (root) => root.querySelector("[data-live-list]");
  // It may come into the list, or is in it.
  const concerns = ({ interviewId, status }) =>
    ENDED.has(status) || find(document).querySelector(`a[href*="/${CSS.escape(interviewId)}/"]`) !== null;
  // A trial has no interview. A row that comes into the list just now would not be found in it.
  const concernsChecks = ({ interviewId, challengeId }) =>
    interviewId !== "" && challengeId === find(document).dataset.checksOf;

  const refresh = coalesce(async () => {
    const old = find(document);
    const html = await fetchFragment(old.dataset.address);
    const next = find(parseFragment(html));
    if (next) replacePart(old, next);
  });

  connectStream({
    url: "/api/events",
    onEvent: (name, data) => {
      if (name === "review" || (name === "interview" && concerns(data))) refresh();
      if (name === "checks" && concernsChecks(data)) refresh();
    },
    onSync: refresh,
    onState: showLive,
    onClock: (now) => serverClock.hear(now),
  });
})();
