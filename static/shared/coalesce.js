/*
 * const request = coalesce(refresh, gatherMs);
 *
 * Call request() whenever something may have changed. The first call refreshes at once: nobody waits
 * for what may follow. Calls within gatherMs after a refresh cause one more, and so do calls during it.
 * A refresh that throws is retried with growing delays: a request may fail while the event stream
 * works, such as on a network change, and no event would follow.
 */
(() => {
  "use strict";

  const GATHER_MS = 300;
  // Events of one change that arrive together.
  const TOGETHER_MS = 5;
  const FIRST_RETRY_MS = 2_000;
  const LONGEST_RETRY_MS = 30_000;

  window.coalesce = (refresh, gatherMs = GATHER_MS) => {
    let timer = null;
    let retry = null;
    let isRunning = false;
    let isRequested = false;
    let failures = 0;
    let restsUntil = 0; // what is asked for before this time is gathered until then

    const run = async () => {
      timer = null;
      if (isRunning) {
        isRequested = true;
        return;
      }
      isRunning = true;
      isRequested = false;
      try {
        await refresh();
        failures = 0;
      } catch {
        const longest = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** failures);
        failures += 1;
        retry = setTimeout(request, longest * (0.5 + Math.random() / 2));
      }
      isRunning = false;
      restsUntil = performance.now() + gatherMs;
      if (isRequested) request();
    };

    const request = () => {
      // Refresh at once for something new, however long the retry would have waited.
      clearTimeout(retry);
      timer ??= setTimeout(run, Math.max(TOGETHER_MS, restsUntil - performance.now()));
    };
    return request;
  };
})();
