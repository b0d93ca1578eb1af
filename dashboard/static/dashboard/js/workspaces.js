/*
 * The page of workspaces: fetches #workspaces when an orphaned one changes, the state of an engine, or
 * its line.
 */
(() => {
  "use strict";

  const CONTROLS = "a[href], button";

  const part = () => document.getElementById("workspaces");

  const words = (control) => control.textContent.trim();

  // A control is identified by its text: the one that had the focus may be gone with its row.
  const refocus = (label, root) => {
    const same = root && [...root.querySelectorAll(CONTROLS)].find((each) => words(each) === label);
    (same ?? document.getElementById("title")).focus({ preventScroll: true });
  };

  const show = (html) => {
    const next = parseFragment(html).querySelector("#workspaces");
    if (next) replacePart(part(), next);
  };

  const refresh = coalesce(async () => {
    const html = await fetchFragment("/workspaces/");
    if (html) show(html);
  });

  // For confirm_dialog.js, as on lists.
  window.interviewRows = {
    refresh,
    rowOf: (id) => part().querySelector(`[data-interview="${CSS.escape(id)}"]`),
    refocus,
  };

  connectStream({
    url: "/api/events",
    onEvent: (name) => {
      if (name === "workspaces") refresh();
    },
    onSync: refresh,
    onState: showLive,
    onClock: (now) => serverClock.hear(now),
  });
})();
