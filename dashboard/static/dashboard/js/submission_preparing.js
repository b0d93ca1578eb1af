/*
 * A submission whose index a worker is making. The interview is announced after that, and the page is
 * loaded again once it can be shown. A connection that was away asks as well.
 */
(() => {
  "use strict";

  const GATHER_MS = 100;
  const PREPARING = 202;

  const { preparing: id } = document.querySelector("[data-preparing]").dataset;

  const look = coalesce(async () => {
    const response = await fetch(location.href, { signal: AbortSignal.timeout(20_000) });
    if (response.status !== PREPARING) location.reload();
  }, GATHER_MS);

  connectStream({
    url: "/api/events",
    onEvent: (name, data) => {
      if (name === "interview" && data.interviewId === id) look();
    },
    onSync: look,
    onState: showLive,
    onClock: (now) => serverClock.hear(now),
  });
})();
