/*
 * The server's time, whatever the clock of this machine says.
 *
 *   serverClock.hear(epochMs, at)   the server said its time; at: performance.now() of the receipt
 *   serverClock.now()               the server's time, epoch milliseconds (the machine's own
 *                                   until the server was heard)
 *   [data-now="epochMs"]            anywhere in the page as it was loaded: heard by itself
 *   document, event "clock:doubt"   the machine slept, or its clock was set: ask the server again
 *
 * Counted on performance.now(), which nobody can set. It stands still while some machines sleep;
 * Date.now() does not, so the two drifting apart tells that one of them cannot be believed.
 */
(() => {
  "use strict";

  const DRIFT_MS = 1_500;
  // Offsets that differ by less differ by the way they travelled: the largest was the fastest.
  const SAME_MS = 2_000;
  const LOOK_MS = 1_000;

  let offset = null;
  let difference = Date.now() - performance.now();

  const hear = (epochMs, at = performance.now()) => {
    const heard = epochMs - at;
    if (!Number.isFinite(heard)) return;
    offset = offset === null || Math.abs(heard - offset) > SAME_MS ? heard : Math.max(heard, offset);
  };

  const look = () => {
    const next = Date.now() - performance.now();
    if (Math.abs(next - difference) < DRIFT_MS) return;
    difference = next;
    document.dispatchEvent(new Event("clock:doubt"));
  };

  window.serverClock = {
    hear,
    now: () => (offset === null ? Date.now() : performance.now() + offset),
  };

  // The page's own time was said when its first byte came, which may be a while ago.
  const said = document.querySelector("[data-now]");
  const page = performance.getEntriesByType("navigation")[0];
  if (said) hear(Number(said.dataset.now), page?.responseStart || performance.now());

  setInterval(look, LOOK_MS);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) look();
  });
})();
