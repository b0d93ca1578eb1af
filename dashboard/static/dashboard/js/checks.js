/*
 * The checks of a submission, or a trial. When something about them changes, they are fetched once and
 * the parts that differ are replaced, and so are the links to the interview's other pages. What the
 * reader has opened, chosen, scrolled to or focused stays, also where lines come above it.
 */
(() => {
  "use strict";

  const page = document.getElementById("checks");
  const { interview, challenge, address, above } = page.dataset;

  // -- what the reader has ------------------------------------------------------------------------

  // By its text: another run has its tests in another order.
  const foldKey = (fold) => {
    const check = fold.closest(".check")?.querySelector("h3").textContent ?? "";
    return `${check} ${fold.querySelector("summary").textContent}`;
  };
  const keyOf = (element) => {
    const fold = element.closest("details");
    const own = fold ? foldKey(fold) : element.getAttribute("href") || element.id || element.textContent.trim();
    return `${element.localName} ${own}`;
  };
  const find = (root, selector, key) => [...root.querySelectorAll(selector)].find((each) => keyOf(each) === key);

  const FOCUSABLE = "a[href], button, summary, select, pre[tabindex], [tabindex='-1']";
  const MARKS = ".check h3, .check summary, .check tbody th, .runs a, h2";

  const keep = (old, next) => {
    for (const fold of old.querySelectorAll("details[open]")) {
      find(next, "details", keyOf(fold))?.setAttribute("open", "");
    }
    const token = old.querySelector("[name=csrfmiddlewaretoken]")?.value;
    // It differs in every response.
    for (const input of next.querySelectorAll("[name=csrfmiddlewaretoken]")) {
      if (token) input.setAttribute("value", token);
    }
  };

  const keepChoices = (old, next) => {
    for (const { id, value } of old.querySelectorAll("select")) {
      const select = next.querySelector(`#${CSS.escape(id)}`);
      if (select && [...select.options].some((option) => option.value === value)) select.value = value;
    }
  };

  const keepScroll = (old, next) => {
    for (const { scrollTop, key } of old) {
      const same = scrollTop > 0 && find(next, "pre", key);
      if (same) same.scrollTop = scrollTop;
    }
  };

  // -- replacing ----------------------------------------------------------------------------------

  const focus = (next, held) => {
    const same = next && find(next, FOCUSABLE, held);
    const title = next?.querySelector("[tabindex='-1']") ?? document.getElementById("title");
    (same && !same.disabled ? same : title).focus({ preventScroll: true });
  };

  const swap = (old, next) => {
    keep(old, next);
    if (old.isEqualNode(next)) return;
    keepChoices(old, next);
    const scrolled = [...old.querySelectorAll("pre")].map((pre) => ({ scrollTop: pre.scrollTop, key: keyOf(pre) }));
    const held = old.contains(document.activeElement) ? keyOf(document.activeElement) : null;
    old.replaceWith(next);
    keepScroll(scrolled, next);
    if (held !== null) focus(next, held);
    const said = next.querySelector("[data-said]")?.textContent.trim();
    if (said && said !== old.querySelector("[data-said]")?.textContent.trim()) announce(said);
  };

  const place = (parts) => {
    const ids = new Set(parts.map((part) => part.id));
    for (const old of [...page.children].filter((part) => !ids.has(part.id))) {
      const hadFocus = old.contains(document.activeElement);
      old.remove();
      if (hadFocus) focus(null, null);
    }
    for (const [number, next] of parts.entries()) {
      const old = document.getElementById(next.id);
      if (old) swap(old, next);
      else page.insertBefore(next, page.children[number] ?? null);
    }
  };

  // The first line that is seen stays where it is.
  const withoutMoving = (change) => {
    const seen = [...page.querySelectorAll(MARKS)].find((mark) => mark.getBoundingClientRect().top >= 0);
    const before = seen && { key: keyOf(seen), top: seen.getBoundingClientRect().top };
    change();
    const same = before && scrollY > 0 && find(page, MARKS, before.key);
    if (same) scrollBy({ top: same.getBoundingClientRect().top - before.top, behavior: "instant" });
  };

  const show = (html) => {
    const fresh = parseFragment(html);
    const pages = fresh.getElementById("part-pages");
    if (pages) swap(document.getElementById("part-pages"), pages);
    withoutMoving(() => place([...fresh.getElementById("checks").children]));
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
