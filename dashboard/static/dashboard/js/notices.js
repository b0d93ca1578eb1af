/*
 * Shows a notification of the browser for what was chosen on the profile (notice_settings.js).
 *
 * An event of the stream says only that an interview changed, so its newest change is fetched: without
 * the interview's credentials, which nobody looks at here. All tabs of the browser hear the same event:
 * a notification with the same tag replaces the one before.
 */
(() => {
  "use strict";

  const KEY = "notices";

  const settings = () => {
    try {
      const stored = JSON.parse(localStorage.getItem(KEY) || "null");
      return stored && stored.isOn && Notification.permission === "granted" ? stored : null;
    } catch {
      return null;
    }
  };
  if (!("Notification" in window) || !settings()) return;

  const TEXTS = {
    finished: () => gettext("Finished"),
    expired: () => gettext("The invitation has expired"),
    failed: () => gettext("The workspace couldn't be started"),
    problem: () => gettext("The candidate reported a problem"),
  };

  const onEvent = async (name, data) => {
    const chosen = settings();
    if (name !== "interview" || !chosen) return;
    const page = `/interviews/${encodeURIComponent(data.interviewId)}/`;
    const response = await fetch(`${page}notice/`, { headers: { "HX-Request": "true" } });
    // 204: nobody is to be told of its newest change.
    if (response.status !== 200) return;
    const { event, isOwn, candidateName, moment } = await response.json();
    if (!chosen.events.includes(event) || (chosen.onlyOwn && !isOwn)) return;
    const tag = `${data.interviewId} ${moment}`;
    const notification = new Notification(candidateName, { body: TEXTS[event](), tag });
    notification.addEventListener("click", () => {
      window.focus();
      location.assign(page);
    });
  };

  connectStream({ url: "/api/events", onEvent, onSync() {}, onState() {} });
})();
