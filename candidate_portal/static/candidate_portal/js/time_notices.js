/*
 * Notices of a changed time: announced once, visible until dismissed, and reported to the server once
 * a visible page has shown them, so that staff know. A paused clock is announced as well.
 */
(() => {
  "use strict";

  const FIRST_RETRY_MS = 3_000;
  const LONGEST_RETRY_MS = 60_000;

  const screenNow = () => document.getElementById("screen");

  // -- dismissing, per tab, also across reloads ---------------------------------------------------

  const key = () => `time-news:${screenNow().dataset.passcode}`;
  let dismissedHere = -1; // storage may be off; then it holds until a reload
  const dismissed = () => {
    try {
      return Number(sessionStorage.getItem(key()) ?? -1);
    } catch {
      return dismissedHere;
    }
  };
  const dismiss = (number) => {
    dismissedHere = number;
    try {
      sessionStorage.setItem(key(), String(number));
    } catch {
      // Nothing to do.
    }
  };
  const lines = (box) => [...box.querySelectorAll("[data-number]")];
  const numberOf = (line) => Number(line.dataset.number);
  const newest = (box) => Math.max(...lines(box).map(numberOf));

  document.addEventListener("click", ({ target }) => {
    const box = target.closest("[data-news-dismiss]")?.closest("[data-news]");
    if (!box) return;
    dismiss(newest(box));
    box.hidden = true;
    document.getElementById("headline").focus({ preventScroll: true });
  });

  // -- showing and announcing ---------------------------------------------------------------------

  const words = (element) => element.textContent.replace(/\s+/g, " ").trim();
  let announced = null; // the newest line that was announced, or that was old when the page loaded
  let wasPaused = false; // the clock was paused at the last refresh

  const showNews = (screen) => {
    const box = screen.querySelector("[data-news]");
    if (!box) return;
    const old = dismissed();
    for (const line of lines(box)) line.hidden = numberOf(line) <= old;
    box.hidden = newest(box) <= old;
    const fresh = lines(box).filter((line) => numberOf(line) > Math.max(announced ?? -1, old));
    announced = newest(box);
    if (fresh.length === 0) return;
    const outcome = [...box.querySelectorAll("[data-now-so]")];
    announce([...fresh, ...outcome].map(words).join(" "), true);
  };

  const showClock = (screen) => {
    const isPaused = "left" in screen.dataset;
    if (isPaused && !wasPaused) announce(words(screen.querySelector("[data-stands]")), true);
    wasPaused = isPaused;
  };

  // -- reporting ----------------------------------------------------------------------------------

  let reported = 0; // the last change that the server knows was shown here
  let isReporting = false;
  let failures = 0;

  const retry = () => {
    const wait = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** failures);
    failures += 1;
    setTimeout(report, wait * (0.5 + Math.random() / 2));
  };

  const report = async () => {
    const form = screenNow()?.querySelector("form[data-seen]");
    if (!form || document.hidden || isReporting) return;
    const number = Number(form.elements.number.value);
    if (number <= Math.max(reported, Number(form.dataset.seen))) return;
    isReporting = true;
    try {
      const response = await fetch(form.action, {
        method: "POST",
        body: new URLSearchParams(new FormData(form)),
        signal: AbortSignal.timeout(20_000),
      });
      // Do not repeat a rejected report; the page works without it.
      if (response.status < 500) reported = number;
      else retry();
      if (response.ok) failures = 0;
    } catch {
      retry();
    }
    isReporting = false;
    if (number !== Number(screenNow()?.querySelector("form[data-seen]")?.elements.number.value)) report();
  };

  const refresh = () => {
    const screen = screenNow();
    showNews(screen);
    showClock(screen);
    report();
  };

  // Do not announce old notices again after a reload.
  const first = screenNow();
  const form = first.querySelector("form[data-seen]");
  const box = first.querySelector("[data-news]");
  if (box && form && Number(form.dataset.seen) >= Number(form.elements.number.value)) {
    announced = newest(box);
  }
  refresh();
  document.addEventListener("screen:changed", refresh);
  document.addEventListener("visibilitychange", report);
})();
