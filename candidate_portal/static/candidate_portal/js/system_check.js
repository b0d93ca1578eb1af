/*
 * Checks before the start whether this browser can run a workspace, at no cost of time: fills
 * [data-system-check]. Nothing is sent anywhere, and a warning forbids nothing.
 */
(() => {
  "use strict";

  const NARROW_PX = 1_000;
  const SLOW_MS = 500;
  const TRIES = 3;

  // -- the checks: each is true if all is well ----------------------------------------------------

  const isCurrent = () =>
    typeof structuredClone === "function" && "WebAssembly" in window && "WebSocket" in window;

  const takesCookies = () => {
    document.cookie = "system_check=1; SameSite=Lax; Max-Age=60";
    const isThere = document.cookie.includes("system_check=1");
    document.cookie = "system_check=; SameSite=Lax; Max-Age=0";
    return isThere;
  };

  const hasMouse = () => matchMedia("(any-hover: hover) and (any-pointer: fine)").matches;

  // How long a small answer of the server takes: the median of some.
  const measure = async () => {
    const times = [];
    for (let number = 0; number < TRIES; number += 1) {
      const begin = performance.now();
      const answer = await fetch(document.querySelector("link[rel=icon]").href, {
        cache: "no-store",
        signal: AbortSignal.timeout(10_000),
      });
      await answer.arrayBuffer();
      times.push(performance.now() - begin);
    }
    return times.sort((one, other) => one - other)[Math.floor(TRIES / 2)];
  };

  // -- the results --------------------------------------------------------------------------------

  let isFast = null; // not known yet

  const streamState = () => document.querySelector("[data-live]")?.dataset.live;

  const results = () => [
    isCurrent()
      ? [true, gettext("Your browser is up to date.")]
      : [false, gettext("Your browser is too old for the workspace. Please update it or use another one.")],
    takesCookies()
      ? [true, gettext("Cookies are on.")]
      : [false, gettext("Cookies are off. The workspace needs them to sign you in.")],
    window.innerWidth >= NARROW_PX
      ? [true, gettext("Your window is large enough.")]
      : [false, gettext("Your window is small for a code editor. Make it larger, or use a computer.")],
    hasMouse()
      ? [true, gettext("You have a mouse or trackpad.")]
      : [false, gettext("We found no mouse or trackpad. Use a computer with a keyboard.")],
    window.isSecureContext
      ? [true, gettext("This browser allows copy and paste here.")]
      : [false, gettext("Copy and paste may not work in the workspace, because this page isn't encrypted. Ctrl+C and Ctrl+V often do.")],
    streamState() === "live"
      ? [true, gettext("This page gets live updates.")]
      : [false, gettext("Live updates aren't connected. If this stays, a proxy or VPN may be in the way.")],
    ...(isFast === null
      ? []
      : [
          isFast
            ? [true, gettext("Your connection is fast enough.")]
            : [false, gettext("Your connection is slow. The editor may lag.")],
        ]),
  ];

  const line = ([isGood, sentence]) => {
    const item = document.createElement("li");
    item.className = isGood ? "check check-good" : "check check-warn";
    item.textContent = sentence;
    return item;
  };

  const show = () => {
    const box = document.querySelector("[data-system-check]");
    if (!box) return;
    const found = results();
    const isGood = found.every(([good]) => good);
    box.querySelector("[data-summary]").textContent = isGood
      ? gettext("Your computer is ready.")
      : gettext("You can start anyway, but some things may not work well.");
    // Warnings first: only they ask for something.
    const sorted = [...found].sort(([one], [other]) => Number(one) - Number(other));
    box.querySelector("ul").replaceChildren(...sorted.map(line));
    box.hidden = false;
  };

  const measureOnce = async () => {
    try {
      isFast = (await measure()) < SLOW_MS;
    } catch {
      isFast = false;
    }
    show();
  };

  if (!document.querySelector("[data-system-check]")) return;
  show();
  measureOnce();
  document.addEventListener("screen:changed", show);
  window.addEventListener("resize", show);
  const badge = document.querySelector("[data-live]");
  const observer = new MutationObserver((changes) => {
    if (changes.some(({ oldValue }) => oldValue !== badge.dataset.live)) show();
  });
  if (badge) observer.observe(badge, { attributeFilter: ["data-live"], attributeOldValue: true });
})();
