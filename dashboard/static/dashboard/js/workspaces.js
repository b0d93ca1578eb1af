/*
 * The page of workspaces: fetches #workspaces when an orphaned one changes, the state of an engine, or
 * its line.
 */
(() => {
  "use strict";

  const CONTROLS = "a[href], button";

  const part = () => document.getElementById("workspaces");

  // Keep the focus even if rows come and go: a control is identified by its text.
  const show = (html) => {
    const next = parseFragment(html).querySelector("#workspaces");
    const old = part();
    if (!next) return;
    const held = old.contains(document.activeElement) ? document.activeElement : null;
    const words = held?.textContent;
    old.replaceWith(next);
    if (!held) return;
    const same = [...next.querySelectorAll(CONTROLS)].find((each) => each.textContent === words);
    (same ?? document.getElementById("title")).focus({ preventScroll: true });
  };

  const refresh = coalesce(async () => {
    const html = await fetchFragment("/workspaces/");
    if (html) show(html);
  });

  // For confirm_dialog.js, as on lists. The button that opened a dialog may be gone with its row.
  window.interviewRows = {
    refresh,
    rowOf: (id) => part().querySelector(`[data-interview="${CSS.escape(id)}"]`),
    refocus: (label, row) => {
      const same = row && [...row.querySelectorAll(CONTROLS)].find((each) => each.textContent.trim() === label);
      (same ?? document.getElementById("title")).focus({ preventScroll: true });
    },
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
