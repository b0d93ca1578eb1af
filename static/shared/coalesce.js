/*
 * const ask = coalesce(look, gatherMs);
 *
 * ask() is to be called whenever something may have changed. It looks once for all calls within a
 * moment, and once more for what came while it was looking. A look that failed (it threw) is
 * repeated, ever more rarely: the stream may be well while a request is lost, as when the network
 * changes, and then no event would come to ask again.
 */
(() => {
  "use strict";

  const GATHER_MS = 300;
  const FIRST_RETRY_MS = 2_000;
  const LONGEST_RETRY_MS = 30_000;

  window.coalesce = (look, gatherMs = GATHER_MS) => {
    let timer = null;
    let retry = null;
    let busy = false;
    let again = false;
    let failures = 0;

    const work = async () => {
      timer = null;
      if (busy) {
        again = true;
        return;
      }
      busy = true;
      again = false;
      try {
        await look();
        failures = 0;
      } catch {
        const longest = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** failures);
        failures += 1;
        retry = setTimeout(ask, longest * (0.5 + Math.random() / 2));
      }
      busy = false;
      if (again) ask();
    };

    const ask = () => {
      // What is new is looked at now, however long the last failure was to wait.
      clearTimeout(retry);
      timer ??= setTimeout(work, gatherMs);
    };
    return ask;
  };
})();
