/*
 * A changed time: said aloud once, shown until it is dismissed, and told to the people who changed it
 * once it was really on a screen that somebody may look at. The same for a clock that stands still.
 */
(() => {
  "use strict";

  const FIRST_RETRY_MS = 3_000;
  const LONGEST_RETRY_MS = 60_000;

  const screenNow = () => document.getElementById("screen");

  // -- dismissed: on this tab, also after a reload -------------------------------------------------

  const key = () => `time-news:${screenNow().dataset.passcode}`;
  const dismissed = () => Number(sessionStorage.getItem(key()) ?? -1);
  const lines = (box) => [...box.querySelectorAll("[data-number]")];
  const numberOf = (line) => Number(line.dataset.number);
  const newest = (box) => Math.max(...lines(box).map(numberOf));

  document.addEventListener("click", ({ target }) => {
    const box = target.closest("[data-news-dismiss]")?.closest("[data-news]");
    if (!box) return;
    sessionStorage.setItem(key(), String(newest(box)));
    box.hidden = true;
    document.getElementById("headline").focus({ preventScroll: true });
  });

  // -- shown and said ------------------------------------------------------------------------------

  const words = (element) => element.textContent.replace(/\s+/g, " ").trim();
  let said = null; // the newest line that was read out, or was old news when the page came
  let stood = false; // the clock stood still when this was last looked at

  const showNews = (screen) => {
    const box = screen.querySelector("[data-news]");
    if (!box) return;
    const old = dismissed();
    for (const line of lines(box)) line.hidden = numberOf(line) <= old;
    box.hidden = newest(box) <= old;
    const fresh = lines(box).filter((line) => numberOf(line) > Math.max(said ?? -1, old));
    said = newest(box);
    if (fresh.length === 0) return;
    const outcome = [...box.querySelectorAll("[data-now-so]")];
    announce([...fresh, ...outcome].map(words).join(" "), true);
  };

  const showClock = (screen) => {
    const stands = "left" in screen.dataset;
    if (stands && !stood) announce(words(screen.querySelector("[data-stands]")), true);
    stood = stands;
  };

  // -- told ----------------------------------------------------------------------------------------

  let told = 0; // the last change of which the server knows that it was shown here
  let telling = false;
  let failures = 0;

  const again = () => {
    const wait = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** failures);
    failures += 1;
    setTimeout(tell, wait * (0.5 + Math.random() / 2));
  };

  const tell = async () => {
    const form = screenNow()?.querySelector("form[data-seen]");
    if (!form || document.hidden || telling) return;
    const number = Number(form.elements.number.value);
    if (number <= Math.max(told, Number(form.dataset.seen))) return;
    telling = true;
    try {
      const response = await fetch(form.action, {
        method: "POST",
        body: new URLSearchParams(new FormData(form)),
        signal: AbortSignal.timeout(20_000),
      });
      // Refused for good is not asked again; the page goes on as it is.
      if (response.status < 500) told = number;
      else again();
      if (response.ok) failures = 0;
    } catch {
      again();
    }
    telling = false;
    if (number !== Number(screenNow()?.querySelector("form[data-seen]")?.elements.number.value)) tell();
  };

  const look = () => {
    const screen = screenNow();
    showNews(screen);
    showClock(screen);
    tell();
  };

  // What was shown before is not read out to somebody who only loads the page again.
  const first = screenNow();
  const form = first.querySelector("form[data-seen]");
  const box = first.querySelector("[data-news]");
  if (box && form && Number(form.dataset.seen) >= Number(form.elements.number.value)) {
    said = newest(box);
  }
  look();
  document.addEventListener("screen:changed", look);
  document.addEventListener("visibilitychange", tell);
})();
