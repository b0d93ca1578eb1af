/*
 * Keeps the candidate's screen up to date: fetches it on every event, and whenever the page may
 * have missed one, and brings it up to date if it differs. Nothing polls.
 */
(() => {
  "use strict";

  const GATHER_MS = 30; // one change often causes two events, the second a little later
  const STALE_MS = 15_000; // after a shorter absence, the stream has reported every change
  const LAST_LOOK_MS = 10_000; // once after the end, in case its event was lost

  const screenNow = () => document.getElementById("screen");

  let requests = 0; // number of requests so far: a response older than the last one is out of date
  let isRequesting = false; // a button's request is running; its response replaces the screen itself
  let wasSkipped = false; // a refresh was skipped because of that request
  let fetchedAt = performance.now();

  // -- handling a response ------------------------------------------------------------------------

  // `isOwn`: the response of this page's own button, which is gone, or was disabled and lost focus.
  const settled = (screen, before, isOwn = false) => {
    formatTimes(screen);
    for (const id of before.open) screen.querySelector(`#${id}`)?.setAttribute("open", "");
    const headline = screen.querySelector("#headline");
    const isKept = !isOwn && before.focused !== document.body && before.focused === document.activeElement;
    if (!isKept && !headline.contains(document.activeElement)) {
      const focus = before.focus && document.getElementById(before.focus);
      if (focus) focus.focus({ preventScroll: true });
      else if (before.inside || isOwn) headline.focus({ preventScroll: true });
    }
    if (before.status !== screen.dataset.status) window.scrollTo({ top: 0 });
    // A screen reader reads the headline that gets the focus, but not one that had it already.
    const isRead = document.activeElement === headline && before.focused !== headline;
    if (!isRead && before.headline !== screen.dataset.headline) announce(screen.dataset.headline);
    document.title = [screen.dataset.headline, screen.dataset.challenge]
      .filter((part, place, parts) => part && parts.indexOf(part) === place)
      .join(" · ");
    document.dispatchEvent(new Event("screen:changed"));
    if ("final" in screen.dataset) end();
    else if (state) showState();
  };

  const remember = (screen) => ({
    status: screen.dataset.status,
    headline: screen.dataset.headline,
    inside: screen.contains(document.activeElement),
    focus: screen.contains(document.activeElement) ? document.activeElement.id : "",
    focused: document.activeElement,
    open: [...screen.querySelectorAll("details[open]")].map((details) => details.id),
  });

  const receive = (html, at) => {
    const template = document.createElement("template");
    template.innerHTML = html;
    const next = template.content.querySelector("#screen");
    serverClock.hear(Number(next.dataset.now), at);
    // A button's response has brought it meanwhile.
    if (next.dataset.version === screenNow().dataset.version) return;
    const before = remember(screenNow());
    formatTimes(next);
    replacePart(screenNow(), next);
    settled(screenNow(), before);
  };

  const fetchScreen = async () => {
    if (isRequesting) {
      wasSkipped = true;
      return;
    }
    wasSkipped = false;
    fetchedAt = performance.now();
    const before = requests;
    const response = await fetch(location.pathname, {
      headers: { "HX-Request": "true", "If-None-Match": `"${screenNow().dataset.version}"` },
      cache: "no-store",
      signal: AbortSignal.timeout(20_000),
    });
    const at = performance.now();
    const html = await response.text();
    // The response of a button pressed meanwhile is newer than this one.
    if (requests !== before) refresh();
    else if (response.status === 304) serverClock.hear(Number(response.headers.get("X-Now")), at);
    else if (response.ok) receive(html, at);
    else if (response.status === 404) location.reload();
    else throw new Error(`The page answered ${response.status}`);
  };

  const refresh = coalesce(fetchScreen, GATHER_MS);

  // -- triggers -----------------------------------------------------------------------------------

  let stream = null;
  let state = null; // state of the stream

  // A candidate who is done sees no live badge, but the page still listens: the test may be
  // reopened.
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
    isRequesting = true;
    requests += 1;
  });
  document.addEventListener("htmx:afterRequest", () => {
    isRequesting = false;
    if (wasSkipped) refresh();
  });
  document.addEventListener("htmx:beforeSwap", () => {
    before = remember(screenNow());
  });
  document.addEventListener("htmx:afterSwap", () => {
    serverClock.hear(Number(screenNow().dataset.now));
    settled(screenNow(), before, true);
  });

  const back = () => {
    if (!document.hidden && performance.now() - fetchedAt > STALE_MS) refresh();
  };
  document.addEventListener("visibilitychange", back);
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) refresh();
  });
  document.addEventListener("clock:doubt", refresh);
  document.addEventListener("countdown:over", () => setTimeout(refresh, LAST_LOOK_MS));

  begin();
})();
