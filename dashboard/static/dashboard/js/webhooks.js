/*
 * The pages of webhooks: [data-webhooks] is fetched again when that webhook, or with no number any of
 * them, is different now.
 */
(() => {
  "use strict";

  const CONTROLS = "a[href], button, summary, pre";

  const part = () => document.querySelector("[data-webhooks]");

  const show = (html) => {
    const next = parseFragment(html).querySelector("[data-webhooks]");
    const old = part();
    if (!next) return;
    // What the reader unfolded, and where they are, stays.
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

  const ask = coalesce(async () => {
    const html = await fetchFragment(location.pathname + location.search);
    // It was deleted: its page says so.
    if (html) show(html);
    else location.assign("/webhooks/");
  });

  connectStream({
    url: "/api/events",
    onEvent: (name, { webhookId }) => {
      const { webhooks } = part().dataset;
      if (name === "webhook" && (!webhooks || webhooks === String(webhookId))) ask();
    },
    onSync: ask,
    onState: showLive,
    onClock: (now) => serverClock.hear(now),
  });
})();
