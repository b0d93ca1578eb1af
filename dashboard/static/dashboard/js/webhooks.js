/*
 * The pages of webhooks: fetches [data-webhooks] when that webhook changes, or without a number when
 * any webhook does.
 */
(() => {
  "use strict";

  const CONTROLS = "a[href], button, summary, pre";

  const part = () => document.querySelector("[data-webhooks]");

  const show = (html) => {
    const next = parseFragment(html).querySelector("[data-webhooks]");
    const old = part();
    if (!next) return;
    // Keep open sections and the scroll position.
    for (const { id } of old.querySelectorAll("details[open]")) {
      next.querySelector(`[id="${id}"]`)?.setAttribute("open", "");
    }
    const held = document.activeElement;
    const near = old.contains(held) ? held.closest("li, tr, section") : null;
    const place = [...old.querySelectorAll(CONTROLS)].indexOf(held);
    const body = held.closest("details")?.id;
    old.replaceWith(next);
    if (!near && place < 0) return;
    const same = body
      ? next.querySelector(`[id="${body}"] ${held.localName}`)
      : next.querySelectorAll(CONTROLS)[place];
    (same ?? next.querySelector("[tabindex='-1']"))?.focus({ preventScroll: true });
  };

  const refresh = coalesce(async () => {
    const html = await fetchFragment(location.pathname + location.search);
    // The webhook was deleted: its page says so.
    if (html) show(html);
    else location.assign("/webhooks/");
  });

  connectStream({
    url: "/api/events",
    onEvent: (name, { webhookId }) => {
      const { webhooks } = part().dataset;
      if (name === "webhook" && (!webhooks || webhooks === String(webhookId))) refresh();
    },
    onSync: refresh,
    onState: showLive,
    onClock: (now) => serverClock.hear(now),
  });
})();
