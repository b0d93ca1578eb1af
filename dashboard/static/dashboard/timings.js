/*
 * Fetches the figures again when a start was measured, or may have been; nothing here runs on a
 * timer of its own. Starts come in bursts: one look is for all that came within a moment.
 */
(() => {
  "use strict";

  const GATHER_MS = 400;

  const figures = () => document.getElementById("start-times");

  let timer = null;
  let asking = false;
  let again = false;

  const show = (html) => {
    const template = document.createElement("template");
    template.innerHTML = html;
    const next = template.content.getElementById("start-times");
    const old = figures();
    if (!next) return;
    // What the reader unfolded, and where they are, stays.
    for (const { id } of old.querySelectorAll("details[open]")) {
      next.querySelector(`#${id}`)?.setAttribute("open", "");
    }
    if (old.isEqualNode(next)) return;
    const focused = document.activeElement.closest("a, summary, [tabindex]");
    const places = [...old.querySelectorAll("a, summary, [tabindex]")];
    const scrolled = [...old.querySelectorAll("[tabindex]")].map((box) => box.scrollLeft);
    const place = places.indexOf(focused);
    old.replaceWith(next);
    if (place >= 0) next.querySelectorAll("a, summary, [tabindex]")[place]?.focus({ preventScroll: true });
    next.querySelectorAll("[tabindex]").forEach((box, number) => {
      box.scrollLeft = scrolled[number] ?? 0;
    });
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
      const response = await fetch(location.pathname + location.search, {
        headers: { "HX-Request": "true", "HX-Current-URL": location.href },
        signal: AbortSignal.timeout(20_000),
      });
      const elsewhere = response.headers.get("HX-Redirect");
      if (elsewhere) location.assign(elsewhere);
      else if (response.ok) show(await response.text());
    } catch {
      // Not reached: the badge says so, and the stream calls us when it is back.
    } finally {
      asking = false;
      if (again) ask();
    }
  };

  const ask = () => {
    timer ??= setTimeout(look, GATHER_MS);
  };

  connectStream({
    url: "/api/events",
    onEvent: (name, { type, status }) => {
      if (name === "operation" && type === "create" && status === "completed") ask();
    },
    onSync: ask,
    onState: showLive,
    onClock: (now) => serverClock.hear(now),
  });
})();
