/* What this page does with what it hears on the event stream. */
(() => {
  "use strict";

  connectStream({
    url: "/api/events",
    onEvent: (name, data) => {
      testLog.hear(name, data);
      // Take-homes and live interviews have lists of their own; a line of a log changes no row.
      if (name === "interview" && testRows.types.includes(data.type)) testRows.look(data.interviewId);
      if (name === "operation" && testRows.rowOf(data.interviewId)) testRows.look(data.interviewId);
    },
    onSync: () => {
      testRows.lookAtAll();
      testLog.lookAgain();
    },
    onState: showLive,
    onClock: (now) => serverClock.hear(now),
  });
})();
