/*
 * The page of one interview. On every event, the page is fetched once and the parts that differ are
 * swapped. Focus, open sections and scroll position stay.
 *
 *   interviewRows.refresh(id), .rowOf(id), .refocus(label, row)   for confirm_dialog.js, as on lists
 */
(() => {
  "use strict";

  const GATHER_MS = 100;

  const article = document.getElementById("interview");
  const { interview: id, address } = article.dataset;

  // -- swapping one part --------------------------------------------------------------------------

  const controls = (root) => [...root.querySelectorAll("a[href], button, summary")];
  const words = (control) => control.textContent.trim();
  // Identify a control by its action: its label may change while it is pressed ("Copied").
  const does = (control) =>
    control.dataset.ask ?? control.dataset.copy ?? control.getAttribute("href") ?? words(control);

  const titleOf = (part) => part.querySelector("[tabindex='-1']") ?? document.getElementById("title");

  const keepFolds = (old, next) => {
    for (const { id: name } of old.querySelectorAll("details[open]")) {
      next.querySelector(`#${name}`)?.setAttribute("open", "");
    }
  };

  const swap = (old, next) => {
    keepFolds(old, next);
    keepSecrets(old, next);
    if (old.isEqualNode(next)) return;
    const held = old.contains(document.activeElement) ? does(document.activeElement) : null;
    old.replaceWith(next);
    htmx.process(next);
    if (held === null) return;
    const same = controls(next).find((control) => does(control) === held);
    (same ?? titleOf(next)).focus({ preventScroll: true });
  };

  const show = (html) => {
    const fresh = parseFragment(html).getElementById("interview");
    serverClock.hear(Number(fresh.dataset.now));
    for (const next of [...fresh.querySelectorAll("[data-part]")]) {
      swap(document.getElementById(next.id), next);
    }
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
