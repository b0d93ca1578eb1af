/*
 * Counts down to the start of a live interview, on the server's time. [data-before] is visible until
 * then, [data-begun] afterwards.
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

  let wasAhead = false; // this page was open before the start

  const tick = () => {
    const screen = document.getElementById("screen");
    const left = Number(screen?.dataset.begins ?? NaN) - serverClock.now();
    const clock = screen?.querySelector("[data-begins-in]");
    if (!clock || Number.isNaN(left)) return;
    show(screen, left > 0);
    if (left > 0) {
      // Hours ahead, seconds do not matter.
      const text = left > 12 * HOUR ? duration(left) : countdown(left);
      write(clock, text);
      const time = left > HOUR ? duration(left) : text;
      const title = interpolate(gettext("Starts in %(time)s"), { time }, true);
      if (!screen.dataset.left) document.title = `${title} · ${screen.dataset.challenge}`;
    } else if (wasAhead) {
      announce(gettext("Your interview starts now."), true);
    }
    wasAhead = left > 0;
  };

  tick();
  setInterval(tick, TICK_MS);
  document.addEventListener("screen:changed", tick);
})();
