/*
 * The page of workspaces that nobody needs: #workspaces is fetched again when one of them, or what is
 * known of an engine, is different now.
 */
(() => {
  "use strict";

  const CONTROLS = "a[href], button";

  const part = () => document.getElementById("workspaces");

  // Where the reader is stays, also where other rows came or went: a control is known by its words.
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

  const ask = coalesce(async () => {
    const html = await fetchFragment("/workspaces/");
    if (html) show(html);
  });

  connectStream({
    url: "/api/events",
    onEvent: (name) => {
      if (name === "workspaces") ask();
    },
    onSync: ask,
    onState: showLive,
    onClock: (now) => serverClock.hear(now),
  });
})();
