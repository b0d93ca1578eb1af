/* Refreshes a list's rows and open log on events of the stream. */
(() => {
  "use strict";

  connectStream({
    url: "/api/events",
    onEvent: (name, data) => {
      operationLogs.hear(name, data);
      // The history has no such notice.
      window.pausedStarts?.hear(name, data);
      // Each list has its own interview types. A log line changes no row.
      if (name === "interview" && interviewRows.types.includes(data.type)) interviewRows.refresh(data.interviewId);
      if (["operation", "review"].includes(name) && interviewRows.rowOf(data.interviewId)) interviewRows.refresh(data.interviewId);
    },
    onSync: () => {
      interviewRows.refreshAll();
      operationLogs.refreshAll();
      window.pausedStarts?.refresh();
    },
    onState: showLive,
    onClock: (now) => serverClock.hear(now),
  });
})();
