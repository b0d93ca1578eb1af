/* Fetches the figures when a start was measured, or an event may have been missed. Nothing polls. */
(() => {
  "use strict";

  const show = (html) => {
    const next = parseFragment(html).querySelector("#start-times");
    if (next) replacePart(document.getElementById("start-times"), next);
  };

  const refresh = coalesce(async () => {
    const html = await fetchFragment(location.pathname + location.search);
    if (html) show(html);
  });

  connectStream({
    url: "/api/events",
    onEvent: (name, data) => {
      pausedStarts.hear(name, data);
      if (name === "operation" && data.type === "create" && data.status === "completed") refresh();
    },
    onSync: () => {
      refresh();
      pausedStarts.refresh();
    },
    onState: showLive,
    onClock: (now) => serverClock.hear(now),
  });
})();
