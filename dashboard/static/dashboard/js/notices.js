/*
 * Shows a notification of the browser for what was chosen on the profile (notice_settings.js).
 *
 * An event of the stream says only that an interview changed, so the interview is fetched, and its
 * newest change is shown if that was just now. All tabs of the browser hear the same event: a
 * notification with the same tag replaces the one before.
 */
(() => {
  "use strict";

  const KEY = "notices";
  const STATUSES = { completed: "finished", expired: "expired", error: "failed" };
  // An event may also be about a change of long ago, such as an email that was sent again.
  const RECENT_MS = 120_000;

  const settings = () => {
    try {
      const stored = JSON.parse(localStorage.getItem(KEY) || "null");
      return stored && stored.isOn && Notification.permission === "granted" ? stored : null;
    } catch {
      return null;
    }
  };
  if (!("Notification" in window) || !settings()) return;

  const { username, email } = document.querySelector("[data-username]").dataset;

  const eventOf = ({ timeline }) => {
    const last = timeline.at(-1);
    if (!last || Date.now() - Date.parse(last.at) > RECENT_MS) return "";
    if (last.what === "problem_reported") return "problem";
    const before = timeline.at(-2);
    return before && before.status === last.status ? "" : STATUSES[last.status] || "";
  };

  const isOwn = ({ createdBy, interviewers }) => {
    const names = [username, email].filter(Boolean).map((name) => name.toLowerCase());
    return createdBy === username || interviewers.some((name) => names.includes(name.toLowerCase()));
  };

  const TEXTS = {
    finished: () => gettext("Finished"),
    expired: () => gettext("The invitation has expired"),
    failed: () => gettext("The workspace couldn't be started"),
    problem: () => gettext("The candidate reported a problem"),
  };

  const onEvent = async (name, data) => {
    const chosen = settings();
    if (name !== "interview" || !chosen) return;
    const response = await fetch(`/api/interviews/${encodeURIComponent(data.interviewId)}`);
    if (!response.ok) return;
    const interview = await response.json();
    const event = eventOf(interview);
    if (!event || !chosen.events.includes(event)) return;
    if (chosen.onlyOwn && !isOwn(interview)) return;
    const tag = `${interview.id} ${interview.timeline.length}`;
    const notification = new Notification(interview.candidateName, { body: TEXTS[event](), tag });
    notification.addEventListener("click", () => {
      window.focus();
      location.assign(`/interviews/${encodeURIComponent(interview.id)}/`);
    });
  };

  connectStream({ url: "/api/events", onEvent, onSync() {}, onState() {} });
})();
