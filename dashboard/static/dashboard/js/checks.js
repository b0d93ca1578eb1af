/*
 * The checks of a submission, or a trial. When something about them changes, they are fetched once and
 * brought up to date, and so are the links to the interview's other pages. What the reader sees stays
 * where it is, also where lines come above it.
 */
(() => {
  "use strict";

  const page = document.getElementById("checks");
  const { interview, challenge, address, above } = page.dataset;

  // -- showing ------------------------------------------------------------------------------------

  const MARKS = ".check h3, .check summary, .check tbody th, .runs a, h2";

  // The first line that is seen stays where it is, also in browsers that don't see to that themselves.
  const withoutMoving = (change) => {
    const seen = [...page.querySelectorAll(MARKS)].find((mark) => mark.getBoundingClientRect().top >= 0);
    const top = seen?.getBoundingClientRect().top;
    change();
    if (!seen?.isConnected || scrollY === 0) return;
    scrollBy({ top: seen.getBoundingClientRect().top - top, behavior: "instant" });
  };

  const result = () => page.querySelector("[data-said]")?.textContent.trim();

  const show = (html) => {
    const fresh = parseFragment(html);
    const pages = fresh.getElementById("part-pages");
    if (pages) replacePart(document.getElementById("part-pages"), pages);
    const before = result();
    withoutMoving(() => replacePart(page, fresh.getElementById("checks")));
    if (result() && result() !== before) announce(result());
  };

  const refresh = coalesce(async () => {
    const html = await fetchFragment(address);
    if (html) show(html);
    // The run or the interview was deleted: the page above says so.
    else location.assign(above);
  });

  // -- what changes them --------------------------------------------------------------------------

  const ABOUT_THE_INTERVIEW = new Set(["checks", "interview", "review"]);

  const concerns = (name, data) => {
    if (!interview) return name === "checks" && data.interviewId === "" && data.challengeId === challenge;
    // A version that has checks can be chosen at once.
    if (name === "challenge") return data.challengeId === challenge;
    return ABOUT_THE_INTERVIEW.has(name) && data.interviewId === interview;
  };

  connectStream({
    url: "/api/events",
    onEvent: (name, data) => {
      if (concerns(name, data)) refresh();
    },
    onSync: refresh,
    onState: showLive,
    onClock: (now) => serverClock.hear(now),
  });
})();
