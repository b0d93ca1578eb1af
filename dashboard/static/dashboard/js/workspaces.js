/*
 * The page of workspaces that no interview needs: fetches #workspaces when one of them changes, or the
 * state of an engine.
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
