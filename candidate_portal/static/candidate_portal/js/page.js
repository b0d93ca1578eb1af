/*
 * Keeps the screen as the server has it: asks again on every event and whenever this page may have
 * missed one, and swaps only what is different. Nothing here polls.
 */
(() => {
  "use strict";

  const GATHER_MS = 30; // one change is often two events
  const STALE_MS = 15_000; // a page that was away for less was told by the stream
  const LAST_LOOK_MS = 10_000; // after the end, once: the event may have been lost

  const screenNow = () => document.getElementById("screen");

  let presses = 0; // so far: an answer to a request from before the last one shows what was
  let pressing = false; // a button's answer is on its way, which replaces the screen itself
  let missed = false; // something may have changed while it was
  let asked = performance.now();

  // -- what was received --------------------------------------------------------------------------

  const settled = (screen, before) => {
    formatTimes(screen);
    for (const id of before.open) screen.querySelector(`#${id}`)?.setAttribute("open", "");
    const focus = before.focus && document.getElementById(before.focus);
    if (focus) focus.focus({ preventScroll: true });
    else if (before.inside) screen.querySelector("#headline").focus({ preventScroll: true });
    if (before.status !== screen.dataset.status) {
      window.scrollTo({ top: 0 });
      announce(screen.dataset.headline ?? screen.querySelector("h1").textContent);
    }
    document.title = [screen.dataset.headline, screen.dataset.challenge]
      .filter((part, place, parts) => part && parts.indexOf(part) === place)
      .join(" · ");
    document.dispatchEvent(new Event("screen:changed"));
    if ("final" in screen.dataset) end();
    else if (state) showState();
  };

  const remember = (screen) => ({
    status: screen.dataset.status,
    inside: screen.contains(document.activeElement),
    focus: screen.contains(document.activeElement) ? document.activeElement.id : "",
    open: [...screen.querySelectorAll("details[open]")].map((details) => details.id),
  });

  const receive = (html, at) => {
    const template = document.createElement("template");
    template.innerHTML = html;
    const next = template.content.querySelector("#screen");
    serverClock.hear(Number(next.dataset.now), at);
    if (next.dataset.version === screenNow().dataset.version) return;
    const before = remember(screenNow());
    screenNow().replaceWith(next);
    htmx.process(next);
    settled(next, before);
  };

  const look = async () => {
    if (pressing) {
      missed = true;
      return;
    }
    missed = false;
    asked = performance.now();
    const before = presses;
    const response = await fetch(location.pathname, {
      headers: { "HX-Request": "true" },
      cache: "no-store",
      signal: AbortSignal.timeout(20_000),
    });
    const at = performance.now();
    const html = await response.text();
    // What was pressed meanwhile is newer than this answer.
    if (presses !== before) refresh();
    else if (response.ok) receive(html, at);
    else if (response.status === 404) location.reload();
    else throw new Error(`The page answered ${response.status}`);
  };

  const refresh = coalesce(look, GATHER_MS);

  // -- what calls for it --------------------------------------------------------------------------

  let stream = null;
  let state = null; // of the stream

  // Whoever is done is not shown that the page still listens: it may be opened again.
  const showState = () => {
    if (screenNow().dataset.status !== "completed") showLive(state);
    else for (const badge of document.querySelectorAll("[data-live]")) badge.hidden = true;
  };

  const end = () => {
    stream?.close();
    stream = null;
    for (const badge of document.querySelectorAll("[data-live]")) badge.hidden = true;
  };

  const begin = () => {
    const screen = screenNow();
    if ("final" in screen.dataset || !screen.dataset.passcode) return;
    stream = connectStream({
      url: `/api/events?passcode=${encodeURIComponent(screen.dataset.passcode)}`,
      onEvent: refresh,
      onSync: refresh,
      onState: (next) => {
        state = next;
        showState();
      },
      onClock: (epochMs) => serverClock.hear(epochMs),
    });
  };

  let before = null;
  document.addEventListener("htmx:beforeRequest", () => {
    pressing = true;
    presses += 1;
  });
  document.addEventListener("htmx:afterRequest", () => {
    pressing = false;
    if (missed) refresh();
  });
  document.addEventListener("htmx:beforeSwap", () => {
    before = remember(screenNow());
  });
  document.addEventListener("htmx:afterSwap", () => {
    serverClock.hear(Number(screenNow().dataset.now));
    settled(screenNow(), before);
  });

  const back = () => {
    if (!document.hidden && performance.now() - asked > STALE_MS) refresh();
  };
  document.addEventListener("visibilitychange", back);
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) refresh();
  });
  document.addEventListener("clock:doubt", refresh);
  document.addEventListener("countdown:over", () => setTimeout(refresh, LAST_LOOK_MS));

  begin();
})();
