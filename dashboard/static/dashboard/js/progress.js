/*
 * The slider shows its state once it is let go, and the line is fetched again when the interview says
 * that something changed, or an event may have been missed. Nothing polls.
 */
(() => {
  "use strict";

  const line = () => document.getElementById("progress-line");

  const stepper = document.querySelector("[data-stepper]");
  stepper.addEventListener("change", () => stepper.requestSubmit());

  const refresh = coalesce(async () => {
    const html = await fetchFragment(location.pathname + location.search);
    const next = html && parseFragment(html).querySelector("#progress-line");
    const old = line();
    if (!next) return;
    if (old.querySelector("details").open) next.querySelector("details").open = true;
    if (old.isEqualNode(next)) return;
    const focused = old.contains(document.activeElement) && document.activeElement.closest("a, summary, [tabindex]");
    const place = [...old.querySelectorAll("a, summary, [tabindex]")].indexOf(focused);
    old.replaceWith(next);
    if (place >= 0) next.querySelectorAll("a, summary, [tabindex]")[place]?.focus({ preventScroll: true });
  });

  connectStream({
    url: "/api/events",
    onEvent: (name, data) => {
      if (name === "interview" && data.interviewId === line().dataset.interview) refresh();
    },
    onSync: refresh,
    onState: showLive,
    onClock: (now) => serverClock.hear(now),
  });
})();
