/*
 * The pages of webhooks: fetches [data-webhooks] when that webhook changes, or without a number when
 * any webhook does.
 */
(() => {
  "use strict";

  const part = () => document.querySelector("[data-webhooks]");

  const show = (html) => {
    const next = parseFragment(html).querySelector("[data-webhooks]");
    if (next) replacePart(part(), next);
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
