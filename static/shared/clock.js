/*
 * The server's time, independent of this machine's clock.
 *
 *   serverClock.hear(epochMs, at)   the server sent its time; at: performance.now() of the receipt
 *   serverClock.now()               the server's time in epoch milliseconds (this machine's until then)
 *   [data-now="epochMs"]            the server's time in the loaded page, used automatically
 *   document, event "clock:doubt"   the machine slept, or its clock was set: ask the server again
 *
 * It counts on performance.now(), which cannot be set but pauses while some machines sleep. Date.now()
 * does not pause: if the two drift apart, one of them is wrong.
 */
(() => {
  "use strict";

  const DRIFT_MS = 1_500;
  // Offsets that differ by less differ by network delay: the largest took the fastest way.
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

  // The server sent the page's time with its first byte, which may be a while ago.
  const said = document.querySelector("[data-now]");
  const page = performance.getEntriesByType("navigation")[0];
  if (said) hear(Number(said.dataset.now), page?.responseStart || performance.now());

  setInterval(look, LOOK_MS);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) look();
  });
})();
