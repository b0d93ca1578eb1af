/* Fetches the notice of paused starts when a start failed or succeeded. */
(() => {
  "use strict";

  const refresh = coalesce(async () => {
    const old = document.getElementById("paused-starts");
    const html = await fetchFragment(old.dataset.address);
    const next = parseFragment(html).querySelector("#paused-starts");
    if (next) replacePart(old, next);
  });

  window.pausedStarts = {
    refresh,
    hear: (name, { type, status }) => {
      const hasEnded = status === "failed" || status === "completed";
      if (name === "operation" && type === "create" && hasEnded) refresh();
    },
  };
})();
