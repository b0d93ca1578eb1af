/* What this page does with what it hears on the event stream. */
(() => {
  "use strict";

  connectStream({
    url: "/api/events",
    onEvent: (name, data) => {
      operationLogs.hear(name, data);
      // Take-homes and live interviews have lists of their own; a line of a log changes no row.
      if (name === "interview" && interviewRows.types.includes(data.type)) interviewRows.refresh(data.interviewId);
      if (name === "operation" && interviewRows.rowOf(data.interviewId)) interviewRows.refresh(data.interviewId);
    },
    onSync: () => {
      interviewRows.refreshAll();
      operationLogs.refreshAll();
    },
    onState: showLive,
    onClock: (now) => serverClock.hear(now),
  });
})();
