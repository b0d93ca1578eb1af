/*
 * Short times of tables, in the viewer's zone, which [data-zone] names; and counters.
 *
 *   <time datetime data-when>      30 Nov, 14:05
 *   <time datetime data-exact>     30 Nov, 14:05:09
 *   <time datetime data-minute>    14:05
 *   <time datetime data-second>    14:05:09
 *   <option data-at data-text>     data-text, with 30 Nov, 14:05 for {time}
 *   [data-until=epoch seconds]     counts down on the server's clock
 *   [data-since=epoch seconds]     counts up on it
 *   formatShortTimes(root)         formats them all in a fetched fragment
 */
(() => {
  "use strict";

  const minute = { day: "numeric", month: "short", ...clockFormat };
  const WHEN = new Intl.DateTimeFormat(pageLocale, minute);
  const WHEN_LONG_AGO = new Intl.DateTimeFormat(pageLocale, { ...minute, year: "numeric" });
  const EXACT = new Intl.DateTimeFormat(pageLocale, { ...minute, second: "2-digit" });
  const MINUTE = new Intl.DateTimeFormat(pageLocale, clockFormat);
  const SECOND = new Intl.DateTimeFormat(pageLocale, { ...clockFormat, second: "2-digit" });
  const YEAR = new Intl.DateTimeFormat("en", { year: "numeric", timeZone: viewerZone });
  const SOON_MS = 10 * 60_000;

  const titleOf = (at) =>
    interpolate(gettext("%(utc)s (your zone: %(zone)s)"), { utc: at.toISOString(), zone: zoneOf(at) }, true);

  const write = (element, text) => {
    if (element.textContent !== text) element.textContent = text;
  };

  const count = (root) => {
    const now = serverClock.now();
    for (const each of root.querySelectorAll("[data-until]")) {
      const left = Number(each.dataset.until) * 1000 - now;
      write(each, countdown(left));
      each.classList.toggle("soon", left < SOON_MS);
    }
    for (const each of root.querySelectorAll("[data-since]")) {
      write(each, countdown(Math.max(0, now - Number(each.dataset.since) * 1000)));
    }
  };

  window.formatShortTimes = (root) => {
    formatTimes(root);
    const year = YEAR.format(new Date());
    const when = (at) => (YEAR.format(at) === year ? WHEN : WHEN_LONG_AGO).format(at);
    for (const each of root.querySelectorAll("time[data-when]")) {
      const at = new Date(each.dateTime);
      write(each, when(at));
      each.title = titleOf(at);
    }
    for (const each of root.querySelectorAll("option[data-at]")) {
      write(each, each.dataset.text.replace("{time}", when(new Date(each.dataset.at))));
    }
    for (const each of root.querySelectorAll("time[data-exact]")) {
      const at = new Date(each.dateTime);
      write(each, EXACT.format(at));
      each.title = titleOf(at);
    }
    for (const each of root.querySelectorAll("time[data-minute]")) {
      write(each, MINUTE.format(new Date(each.dateTime)));
    }
    for (const each of root.querySelectorAll("time[data-second]")) {
      write(each, SECOND.format(new Date(each.dateTime)));
    }
    count(root);
  };

  formatShortTimes(document);
  document.addEventListener("htmx:load", ({ target }) => formatShortTimes(target.parentNode ?? document));
  setInterval(() => count(document), 1_000);
})();
