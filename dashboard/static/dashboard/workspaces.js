/*
 * The page of workspaces that nobody needs: #workspaces is fetched again when one of them, or what is
 * known of an engine, is different now. One look is for all that came within a moment.
 */
(() => {
  "use strict";

  const GATHER_MS = 300;
  const CONTROLS = "a[href], button";

  const part = () => document.getElementById("workspaces");

  let timer = null;
  let asking = false;
  let again = false;

  const ask = () => {
    timer ??= setTimeout(look, GATHER_MS);
  };

  // Where the reader is stays, also where other rows came or went: a control is known by its words.
  const show = (html) => {
    const next = elements(html).querySelector("#workspaces");
    const old = part();
    if (!next) return;
    const held = old.contains(document.activeElement) ? document.activeElement : null;
    const words = held?.textContent;
    old.replaceWith(next);
    if (!held) return;
    const same = [...next.querySelectorAll(CONTROLS)].find((each) => each.textContent === words);
    (same ?? document.getElementById("title")).focus({ preventScroll: true });
  };

  const look = async () => {
    timer = null;
    if (asking) {
      again = true;
      return;
    }
    asking = true;
    again = false;
    try {
      const html = await fragment("/workspaces/");
      if (html) show(html);
    } catch {
      // Not reached: the badge says so, and the stream calls us when it is back.
    } finally {
      asking = false;
      if (again) ask();
    }
  };

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
