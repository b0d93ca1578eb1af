/*
 * The page's running clocks: time left, and time since the start. Both use the server's time.
 *
 *   document, event "countdown:over"   the time is up; fired once per deadline
 */
(() => {
  "use strict";

  const MINUTE = 60_000;
  const WARNINGS = [30, 10, 2];
  const SLOW_MS = 5 * MINUTE;
  const TICK_MS = 250;

  let deadline = null; // the deadline that the warnings below belong to
  let said = null; // the shortest warning given for it, in minutes
  let over = false;

  const saves = () => "saves" in document.getElementById("screen").dataset;
  // A sentence about the minutes left; at the end, what happens to the files.
  const words = (text, minutes) => {
    const sentence = interpolate(text, { minutes }, true);
    if (minutes > 2 || !saves()) return sentence;
    return [sentence, gettext("Your files are saved automatically when time runs out.")].join(" ");
  };

  const begin = (next, left) => {
    deadline = next;
    over = false;
    // A page opened later does not announce warnings that were due before.
    said = WARNINGS.findLast((minutes) => left <= minutes * MINUTE) ?? null;
  };

  const warn = (screen, left, length) => {
    const due = WARNINGS.findLast((minutes) => minutes < length && left <= minutes * MINUTE) ?? null;
    const message = screen.querySelector("[data-warning]");
    message.hidden = due === null;
    const shown = words(gettext("Less than %(minutes)s minutes left."), due);
    if (due !== null && message.textContent !== shown) message.textContent = shown;
    screen.querySelector("[data-countdown]").classList.toggle("is-short", due !== null);
    if (due !== null && due !== said) announce(words(gettext("%(minutes)s minutes left."), due), true);
    said = due;
  };

  // Toggle both ways: a clock that was briefly wrong must not hide the workspace for good.
  const show = (screen, isUp) => {
    const notice = screen.querySelector("[data-time-up]");
    if (notice.hidden !== isUp) return;
    notice.hidden = !isUp;
    for (const each of screen.querySelectorAll("[data-while-running]")) each.hidden = isUp;
    const state = screen.querySelector("[data-state]");
    state.dataset.state ||= state.textContent;
    state.textContent = isUp ? gettext("Time is up") : state.dataset.state;
  };

  const finish = (screen) => {
    for (const dialog of screen.querySelectorAll("dialog[open]")) dialog.close();
    screen.querySelector("[data-warning]").hidden = true;
    if (over) return;
    over = true;
    announce(saves() ? gettext("Time is up. Saving your files.") : gettext("Time is up."), true);
    document.dispatchEvent(new Event("countdown:over"));
  };

  // The workspace does not respond: the clock is paused.
  const stand = (screen) => {
    const text = countdown(Number(screen.dataset.left));
    const clock = screen.querySelector("[data-countdown]");
    if (clock.textContent !== text) clock.textContent = text;
    document.title = [gettext("Paused"), screen.dataset.challenge].join(" · ");
  };

  const left = (screen) => {
    const end = Number(screen.dataset.deadline);
    const ms = end - serverClock.now();
    if (end !== deadline) begin(end, ms);
    const clock = screen.querySelector("[data-countdown]");
    const text = countdown(ms);
    if (clock.textContent !== text) clock.textContent = text;
    const time = ms > 10 * MINUTE ? duration(ms) : text;
    const title = ms > 0 ? interpolate(gettext("%(time)s left"), { time }, true) : gettext("Time is up");
    document.title = `${title} · ${screen.dataset.challenge}`;
    show(screen, ms <= 0);
    if (ms > 0) warn(screen, ms, Number(screen.dataset.minutes));
    else finish(screen);
  };

  const tick = () => {
    const screen = document.getElementById("screen");
    // Before a live interview begins, start_countdown.js counts.
    const isAhead = serverClock.now() < Number(screen?.dataset.begins ?? 0);
    if (screen?.dataset.left) stand(screen);
    else if (screen?.dataset.deadline && !isAhead) left(screen);
    const since = screen?.querySelector("[data-since]");
    if (since) {
      const elapsed = Math.max(0, serverClock.now() - new Date(since.dataset.since));
      const text = countdown(elapsed);
      if (since.textContent !== text) since.textContent = text;
      // Who is in line waits longer, and is told how long.
      screen.querySelector("[data-slow]")?.toggleAttribute("hidden", elapsed < SLOW_MS);
    }
  };

  tick();
  setInterval(tick, TICK_MS);
  document.addEventListener("screen:changed", tick);
})();
