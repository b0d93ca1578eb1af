/*
 * The live log of one interview: fetches and appends new lines, and leaves the rest alone.
 *
 * [data-log] is either part of the page, or in the dialog #logs while that is open. A button
 * [data-logs=url] opens the dialog.
 *
 *   operationLogs.hear(name, data)   an "operation" or "log" event of any interview
 *   operationLogs.refreshAll()       events may have been missed
 */
(() => {
  "use strict";

  const GATHER_MS = 100;
  const NEAR_END_PX = 40;

  const queue = new Set(); // ids of operations whose lines to fetch; "*" is the list of operations

  const log = () => document.querySelector("[data-log]");
  const sections = () => [...log().querySelectorAll("[data-operation]")];
  const sectionOf = (id) => sections().find((section) => section.dataset.operation === id);

  // -- following the end, unless the user has scrolled up -----------------------------------------

  const isAtEnd = () => {
    const box = log();
    return box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_END_PX;
  };
  const toEnd = () => {
    log().scrollTop = log().scrollHeight;
    showDown();
  };
  const showDown = () => {
    document.querySelector("[data-log-down]").hidden = isAtEnd();
  };
  const keepingPlace = (change) => {
    const follow = isAtEnd();
    change();
    if (follow) toEnd();
    else showDown();
  };

  // -- fetching -----------------------------------------------------------------------------------

  const fetchLines = async (id) => {
    const section = sectionOf(id);
    if (!section?.open) return;
    const lines = section.querySelector(".lines");
    const after = lines.lastElementChild?.dataset.seq ?? "0";
    const newLines = parseFragment(await fetchFragment(`${section.dataset.lines}?after=${after}`)).querySelectorAll("li");
    // Another response may have added the line meanwhile.
    const known = new Set([...lines.children].map((line) => line.dataset.seq));
    const fresh = [...newLines].filter((line) => !known.has(line.dataset.seq));
    if (log()) keepingPlace(() => lines.append(...fresh));
    if (newLines.length >= Number(log()?.dataset.pageSize)) queue.add(id);
  };

  const fetchOperations = async () => {
    const content = parseFragment(await fetchFragment(log().dataset.url));
    // Another log may have been opened meanwhile.
    if (!log() || content.querySelector("[data-log]")?.dataset.log !== log().dataset.log) return;
    keepingPlace(() => {
      for (const section of content.querySelectorAll("[data-operation]")) {
        const { operation } = section.dataset;
        const old = sectionOf(operation);
        const summary = section.querySelector("summary");
        if (!old) log().append(section);
        if (!old || replacePart(old.querySelector("summary"), summary)) queue.add(operation);
      }
      if (sections().length > 0) log().querySelector("[data-log-empty]")?.remove();
    });
  };

  const refreshNext = async (id) => {
    queue.delete(id);
    try {
      await (id === "*" ? fetchOperations() : fetchLines(id));
    } catch (error) {
      queue.add(id);
      throw error;
    }
  };

  const processQueue = coalesce(async () => {
    while (queue.size > 0 && log()) await refreshNext([...queue][0]);
  }, GATHER_MS);

  const enqueue = (id) => {
    queue.add(id);
    processQueue();
  };

  const enqueueAll = () => {
    enqueue("*");
    for (const section of sections()) enqueue(section.dataset.operation);
  };

  const follow = () => {
    log().addEventListener("scroll", showDown, { passive: true });
    toEnd();
    enqueueAll();
  };

  // Capture: the event does not bubble, and sections are added later.
  document.addEventListener(
    "toggle",
    ({ target }) => {
      if (target instanceof Element && target.matches("[data-operation]") && target.open) {
        enqueue(target.dataset.operation);
      }
    },
    true,
  );
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-log-down]")) toEnd();
  });
  if (log()) follow();

  // -- the dialog ---------------------------------------------------------------------------------

  const dialog = document.getElementById("logs");
  let wanted = null;

  const open = async (url) => {
    wanted = url;
    const content = await fetchFragment(url);
    if (!content || wanted !== url || dialog.open) return;
    dialog.replaceChildren(...parseFragment(content).children);
    dialog.showModal();
    follow();
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-logs]");
    if (button) {
      open(button.dataset.logs).catch(() =>
        notice(gettext("We couldn't load the log. Please try again in a moment.")),
      );
    }
  });
  dialog?.addEventListener("close", () => {
    queue.clear();
    dialog.replaceChildren();
  });

  window.operationLogs = {
    hear: (name, { interviewId, operationId }) => {
      if (log()?.dataset.log !== interviewId || name === "interview") return;
      enqueue(name === "log" && sectionOf(operationId) ? operationId : "*");
    },
    refreshAll: () => {
      if (log()) enqueueAll();
    },
  };
})();
