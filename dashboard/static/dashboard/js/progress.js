/*
 * The slider shows its state once it is let go. The page is fetched again when the interview says that
 * something changed, or an event may have been missed, and its parts are brought up to date. Nothing polls.
 *
 * Without a state in its address, the page follows the newest one, as a reload would show it; while
 * somebody is among the files or has moved the slider, it stays at the state that they look at.
 */
(() => {
  "use strict";

  const part = (name) => document.getElementById(`progress-${name}`);
  const slider = () => document.getElementById("state-slider");
  const interview = part("line").dataset.interview;

  document.addEventListener("change", (event) => {
    if (event.target.id === "state-slider") event.target.form.requestSubmit();
  });

  // -- what is looked at --------------------------------------------------------------------------

  const isMoved = () => slider().matches(":active") || slider().value !== slider().defaultValue;
  const isChosen = () =>
    [...document.getElementById("state-base").options].some((each) => each.selected !== each.defaultSelected);
  const isInUse = () =>
    isMoved() || isChosen() || [part("state"), part("files")].some((each) => each.contains(document.activeElement));

  const address = () => {
    const url = new URL(location.href);
    if (!url.searchParams.has("state") && isInUse()) url.searchParams.set("state", part("state").dataset.number);
    return url.pathname + url.search;
  };

  // -- replacing ----------------------------------------------------------------------------------

  // Only how far the slider goes: its place, and the state that is chosen to compare with, stay.
  const extend = (next) => {
    const fresh = next.querySelector("#state-slider");
    slider().max = fresh.max;
    document.getElementById("state-title").textContent = next.querySelector("#state-title").textContent;
  };

  const refresh = coalesce(async () => {
    const html = await fetchFragment(address());
    if (!html) return;
    for (const next of [...parseFragment(html).querySelectorAll("[data-part]")]) {
      const old = document.getElementById(next.id);
      if (!old) continue;
      if (next.id === "progress-state" && (isMoved() || isChosen())) extend(next);
      else replacePart(old, next);
    }
  });

  connectStream({
    url: "/api/events",
    onEvent: (name, data) => {
      if (name === "interview" && data.interviewId === interview) refresh();
    },
    onSync: refresh,
    onState: showLive,
    onClock: (now) => serverClock.hear(now),
  });
})();
