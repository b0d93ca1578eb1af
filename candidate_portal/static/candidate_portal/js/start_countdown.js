/*
 * The time to the beginning of a live interview: shown while it is ahead ([data-before]), and gone
 * once it is here ([data-begun]). On the server's time.
 */
(() => {
  "use strict";

  const HOUR = 3_600_000;
  const TICK_MS = 250;

  const write = (element, text) => {
    if (element.textContent !== text) element.textContent = text;
  };

  const show = (screen, isAhead) => {
    for (const each of screen.querySelectorAll("[data-before]")) each.hidden = !isAhead;
    for (const each of screen.querySelectorAll("[data-begun]")) each.hidden = isAhead;
  };

  let wasAhead = false; // this page has waited for it

  const tick = () => {
    const screen = document.getElementById("screen");
    const left = Number(screen?.dataset.begins ?? NaN) - serverClock.now();
    const clock = screen?.querySelector("[data-begins-in]");
    if (!clock || Number.isNaN(left)) return;
    show(screen, left > 0);
    if (left > 0) {
      // From hours away nobody counts seconds.
      const text = left > 12 * HOUR ? duration(left) : countdown(left);
      write(clock, text);
      const short = left > HOUR ? duration(left) : text;
      if (!screen.dataset.left) document.title = `Begins in ${short} · ${screen.dataset.challenge}`;
    } else if (wasAhead) {
      announce("Your interview begins now.", true);
    }
    wasAhead = left > 0;
  };

  tick();
  setInterval(tick, TICK_MS);
  document.addEventListener("screen:changed", tick);
})();
