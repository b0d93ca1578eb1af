/*
 * A submission whose index a worker is making. The interview is announced after that, and the page is
 * loaded again once it can be shown. A connection that was away asks as well. If the worker failed,
 * the page says so: it does not ask again by itself, as each question has a worker try again.
 */
(() => {
  "use strict";

  const GATHER_MS = 100;
  const PREPARING = 202;

  const { preparing: id, opening } = document.querySelector("[data-preparing]").dataset;

  const look = coalesce(async () => {
    const response = await fetch(location.href, { signal: AbortSignal.timeout(20_000) });
    if (response.status !== PREPARING) location.reload();
  }, GATHER_MS);

  const showFailure = () => {
    document.querySelector("[data-waiting]").hidden = true;
    document.querySelector("[data-failed]").hidden = false;
  };

  connectStream({
    url: "/api/events",
    onEvent: (name, data) => {
      if (data.interviewId !== id) return;
      if (name === "interview") look();
      if (name === "submission" && String(data.opening) === opening) showFailure();
    },
    onSync: look,
    onState: showLive,
    onClock: (now) => serverClock.hear(now),
  });
})();
