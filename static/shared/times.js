/*
 * <time datetime data-time="full | date | clock | relative"> in the viewer's zone, with its name
 * and its offset from UTC. The zone is that of <html data-own-time-zone>, or else the browser's.
 * [data-zone] gets the zone's name alone: "Europe/Berlin".
 * [data-zone-unknown] is shown if the browser does not know the viewer's zone, and uses UTC.
 *
 *   viewerZone          its name, for forms
 *   pageLocale          the viewer's variant of the page's language: "en-GB"
 *   clockFormat         options of Intl.DateTimeFormat for hour and minute, as the viewer prefers,
 *                      in the viewer's zone
 *   zoneOf(date)        its short name with the offset from UTC: "CET (UTC+1)"
 *   formatTimes(root)   runs on load and on content that htmx swaps in
 *   duration(ms)        "3 h 05 min", "12 min", "40 s"
 *   countdown(ms)       "3:05:09", "12:40"
 */
(() => {
  "use strict";

  // The page's language in the viewer's variant, and 12 or 24 hours as the viewer prefers.
  const language = document.documentElement.lang || "en";
  window.pageLocale =
    (navigator.languages ?? []).find((locale) => locale.split("-")[0] === language) ?? language;
  const viewer = new Intl.DateTimeFormat(undefined, { hour: "numeric" }).resolvedOptions();
  // A zone that the server knows, and this browser may not yet.
  const isZone = (name) => {
    try {
      return Boolean(new Intl.DateTimeFormat("en", { timeZone: name }));
    } catch {
      return false;
    }
  };
  const own = document.documentElement.dataset.ownTimeZone;
  const zone = own && isZone(own) ? own : viewer.timeZone;
  // Browsers that cannot tell say "Etc/Unknown".
  const isKnown = Boolean(zone) && zone !== "Etc/Unknown";
  window.viewerZone = isKnown ? zone : "UTC";
  // "8:05 AM", and "08:05" with 24 hours.
  window.clockFormat = {
    hour: ["h11", "h12"].includes(viewer.hourCycle) ? "numeric" : "2-digit",
    minute: "2-digit",
    hourCycle: viewer.hourCycle,
    timeZone: viewerZone,
  };
  const day = {
    weekday: "short", day: "numeric", month: "long", year: "numeric", timeZone: viewerZone,
  };
  const hour = { ...clockFormat, timeZoneName: "short" };
  const FORMATS = {
    full: new Intl.DateTimeFormat(pageLocale, { ...day, ...hour }),
    date: new Intl.DateTimeFormat(pageLocale, day),
    clock: new Intl.DateTimeFormat(pageLocale, hour),
  };
  const offset = new Intl.DateTimeFormat(pageLocale, {
    timeZone: viewerZone, timeZoneName: "shortOffset",
  });
  const zoneIn = (format, at) =>
    format.formatToParts(at).find((part) => part.type === "timeZoneName").value;

  // "CET" alone does not say how far it is from UTC; "GMT-3:30" does.
  window.zoneOf = (at) => {
    const name = zoneIn(FORMATS.clock, at);
    return /^(GMT|UTC)/.test(name) ? name : `${name} (UTC${zoneIn(offset, at).slice(3)})`;
  };
  const withZone = (format, at) =>
    format
      .formatToParts(at)
      .map(({ type, value }) => (type === "timeZoneName" ? zoneOf(at) : value))
      .join("");
  const two = (number) => String(number).padStart(2, "0");

  // In German, "3 Tage", but "vor 3 Tagen".
  const DAYS = [gettext("%(days)s days"), gettext("%(days)s days %(hours)s h")];
  const DAYS_AWAY = [
    pgettext("relative", "%(days)s days"),
    pgettext("relative", "%(days)s days %(hours)s h"),
  ];
  const lasting = (ms, daysTexts) => {
    const seconds = Math.max(0, Math.round(ms / 1000));
    const minutes = Math.floor(seconds / 60);
    const hours = Math.floor(minutes / 60);
    const days = Math.floor(hours / 24);
    if (days > 1) {
      return interpolate(daysTexts[hours % 24 ? 1 : 0], { days, hours: hours % 24 }, true);
    }
    if (hours > 0) {
      const text = minutes % 60 ? gettext("%(hours)s h %(minutes)s min") : gettext("%(hours)s h");
      return interpolate(text, { hours, minutes: two(minutes % 60) }, true);
    }
    return minutes > 0
      ? interpolate(gettext("%(minutes)s min"), { minutes }, true)
      : interpolate(gettext("%(seconds)s s"), { seconds }, true);
  };

  window.duration = (ms) => lasting(ms, DAYS);

  window.countdown = (ms) => {
    // Rounded up, so that 0:00 appears exactly when the time is up.
    const seconds = Math.max(0, Math.ceil(ms / 1000));
    const minutes = Math.floor(seconds / 60) % 60;
    const hours = Math.floor(seconds / 3600);
    return hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
  };

  const relative = (ms) => {
    const away = ms - serverClock.now();
    const text = away >= 0 ? gettext("in %(duration)s") : gettext("%(duration)s ago");
    return interpolate(text, { duration: lasting(Math.abs(away), DAYS_AWAY) }, true);
  };

  window.formatTimes = (root) => {
    for (const zone of root.querySelectorAll("[data-zone]")) zone.textContent = viewerZone;
    for (const note of root.querySelectorAll("[data-zone-unknown]")) note.hidden = isKnown;
    for (const time of root.querySelectorAll("time[data-time]")) {
      const at = new Date(time.dateTime);
      const style = time.dataset.time;
      time.textContent = style === "relative" ? relative(at.getTime()) : withZone(FORMATS[style], at);
      if (!time.title) time.title = at.toISOString();
    }
  };

  formatTimes(document);
  document.addEventListener("htmx:load", ({ target }) => formatTimes(target.parentNode ?? document));
  // Relative times must be updated.
  setInterval(() => formatTimes(document), 30_000);
})();
