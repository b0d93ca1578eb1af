/*
 * The practice workspace before the start: counts its time down on the server's time, and announces
 * what becomes of it.
 */
(() => {
  "use strict";

  const TICK_MS = 250;

  const section = () => document.querySelector("[data-practice]");

  const tick = () => {
    const clock = document.querySelector("[data-practice-until]");
    if (!clock) return;
    const text = countdown(Math.max(0, Number(clock.dataset.practiceUntil) - serverClock.now()));
    if (clock.textContent !== text) clock.textContent = text;
  };

  let phase = section()?.dataset.practice;
  let isOwn = false; // the response is that of the section's own button, which is gone with it

  document.addEventListener("htmx:beforeRequest", ({ target }) => {
    isOwn = section()?.contains(target) ?? false;
  });
  document.addEventListener("screen:changed", () => {
    tick();
    const title = document.getElementById("practice-title");
    const now = section()?.dataset.practice;
    if (now === phase) return;
    phase = now;
    if (!title) return;
    if (isOwn) title.focus({ preventScroll: true });
    else announce(title.textContent);
    isOwn = false;
  });

  tick();
  setInterval(tick, TICK_MS);
})();
