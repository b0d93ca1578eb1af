/*
 * The page of one interview. On every event, the page is fetched once and its parts are brought up to
 * date.
 *
 *   interviewRows.refresh(id), .rowOf(id), .refocus(label, row)   for confirm_dialog.js, as on lists
 */
(() => {
  "use strict";

  const GATHER_MS = 100;

  const article = document.getElementById("interview");
  const { interview: id, address } = article.dataset;

  const controls = (root) => [...root.querySelectorAll("a[href], button, summary")];
  const words = (control) => control.textContent.trim();

  // -- showing ------------------------------------------------------------------------------------

  const show = (html) => {
    const fresh = parseFragment(html).getElementById("interview");
    serverClock.hear(Number(fresh.dataset.now));
    keepSecrets(article, fresh);
    replaceParts(fresh);
    if (article.dataset.said !== fresh.dataset.said) announce(fresh.dataset.said);
    article.dataset.said = fresh.dataset.said;
    article.dataset.status = fresh.dataset.status;
  };

  const gone = () => {
    stream.close();
    for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
    for (const badge of document.querySelectorAll("[data-live]")) badge.hidden = true;
    article.remove();
    document.querySelector("[data-gone]").hidden = false;
    const title = document.getElementById("gone-title");
    title.focus();
    document.title = words(title);
    announce(words(title));
  };

  // -- fetching -----------------------------------------------------------------------------------

  const refresh = coalesce(async () => {
    if (!article.isConnected) return;
    const html = await fetchFragment(address);
    if (html) show(html);
    else gone();
  }, GATHER_MS);

  window.interviewRows = {
    refresh,
    rowOf: () => document.getElementById("part-head"),
    refocus: (label, row) => {
      const same = row && controls(row).find((control) => words(control) === label);
      (same ?? document.getElementById("title"))?.focus({ preventScroll: true });
    },
  };

  const stream = connectStream({
    url: "/api/events",
    onEvent: (name, data) => {
      if (data.interviewId !== id) return;
      operationLogs.hear(name, data);
      if (name !== "log") refresh();
    },
    onSync: () => {
      refresh();
      operationLogs.refreshAll();
    },
    onState: showLive,
    onClock: (now) => serverClock.hear(now),
  });
})();
