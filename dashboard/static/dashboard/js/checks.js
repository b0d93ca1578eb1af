/*
 * The checks of a submission, or a trial. When a run starts or ends, the page is fetched once and the
 * parts that differ are swapped; focus and open details stay.
 */
(() => {
  "use strict";

  const page = document.getElementById("checks");
  const { interview, challenge, address } = page.dataset;

  const controls = (root) => [...root.querySelectorAll("a[href], button, summary, select")];
  const keyOf = (control) => control.getAttribute("href") ?? control.id ?? control.textContent.trim();

  const keep = (old, next) => {
    for (const { id } of old.querySelectorAll("details[open]")) {
      next.querySelector(`#${CSS.escape(id)}`)?.setAttribute("open", "");
    }
    const token = old.querySelector("[name=csrfmiddlewaretoken]")?.value;
    // It differs in every response.
    for (const input of next.querySelectorAll("[name=csrfmiddlewaretoken]")) {
      if (token) input.setAttribute("value", token);
    }
  };

  const swap = (old, next) => {
    keep(old, next);
    if (old.isEqualNode(next)) return;
    const held = old.contains(document.activeElement) ? keyOf(document.activeElement) : null;
    old.replaceWith(next);
    const said = next.querySelector("[data-said]");
    if (said) announce(said.textContent.trim());
    if (held === null) return;
    const same = controls(next).find((control) => keyOf(control) === held && !control.disabled);
    (same ?? document.getElementById("title")).focus({ preventScroll: true });
  };

  const show = (html) => {
    const fresh = parseFragment(html).getElementById("checks");
    const known = [...page.querySelectorAll(":scope > [data-part]")];
    const parts = [...fresh.querySelectorAll(":scope > [data-part]")];
    if (known.map((part) => part.id).join() !== parts.map((part) => part.id).join()) {
      page.replaceChildren(...fresh.children);
      return;
    }
    for (const [place, old] of known.entries()) swap(old, parts[place]);
  };

  const refresh = coalesce(async () => {
    const html = await fetchFragment(address);
    if (html) show(html);
  });

  const concerns = (data) =>
    interview ? data.interviewId === interview : data.interviewId === "" && data.challengeId === challenge;

  connectStream({
    url: "/api/events",
    onEvent: (name, data) => {
      if (name === "checks" && concerns(data)) refresh();
      if (name === "interview" && interview && data.interviewId === interview) refresh();
    },
    onSync: refresh,
    onState: showLive,
    onClock: (now) => serverClock.hear(now),
  });
})();
