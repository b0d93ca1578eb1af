/*
 * The log of one interview, live: new lines are fetched and appended, the rest stays put.
 *
 * It is the [data-log] on the page: a part of it from the beginning, or in the dialog #logs for as
 * long as that is open, which a button [data-logs=url] opens.
 *
 *   operationLogs.hear(name, data)   an "operation" or a "log" event of any interview
 *   operationLogs.refreshAll()        anything may have been missed
 */
(() => {
  "use strict";

  const GATHER_MS = 100;
  const NEAR_END_PX = 40;

  const asked = new Set(); // operation ids whose lines to fetch; "*": the operations themselves

  const log = () => document.querySelector("[data-log]");
  const sections = () => [...log().querySelectorAll("[data-operation]")];
  const sectionOf = (id) => sections().find((section) => section.dataset.operation === id);

  // -- following the end, unless somebody reads further up ----------------------------------------

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

  const lookAtLines = async (id) => {
    const section = sectionOf(id);
    if (!section?.open) return;
    const lines = section.querySelector(".lines");
    const after = lines.lastElementChild?.dataset.seq ?? "0";
    const came = parseFragment(await fetchFragment(`${section.dataset.lines}?after=${after}`)).querySelectorAll("li");
    // The same line may have come by another way while this one was fetched.
    const known = new Set([...lines.children].map((line) => line.dataset.seq));
    const fresh = [...came].filter((line) => !known.has(line.dataset.seq));
    if (log()) keepingPlace(() => lines.append(...fresh));
    if (came.length >= Number(log()?.dataset.pageSize)) asked.add(id);
  };

  // Tells whether it is another one.
  const swapSummary = (old, next) => {
    if (old.isEqualNode(next)) return false;
    const focused = old === document.activeElement;
    old.replaceWith(next);
    if (focused) next.focus({ preventScroll: true });
    return true;
  };

  const lookAtOperations = async () => {
    const content = parseFragment(await fetchFragment(log().dataset.url));
    // Another log may have been opened while this one was fetched.
    if (!log() || content.querySelector("[data-log]")?.dataset.log !== log().dataset.log) return;
    keepingPlace(() => {
      for (const section of content.querySelectorAll("[data-operation]")) {
        const { operation } = section.dataset;
        const old = sectionOf(operation);
        const summary = section.querySelector("summary");
        if (!old) log().append(section);
        if (!old || swapSummary(old.querySelector("summary"), summary)) asked.add(operation);
      }
      if (sections().length > 0) log().querySelector("[data-log-empty]")?.remove();
    });
  };

  const lookAt = async (id) => {
    asked.delete(id);
    try {
      await (id === "*" ? lookAtOperations() : lookAtLines(id));
    } catch (error) {
      asked.add(id);
      throw error;
    }
  };

  const lookAtAsked = coalesce(async () => {
    while (asked.size > 0 && log()) await lookAt([...asked][0]);
  }, GATHER_MS);

  const ask = (id) => {
    asked.add(id);
    lookAtAsked();
  };

  const askForAll = () => {
    ask("*");
    for (const section of sections()) ask(section.dataset.operation);
  };

  const follow = () => {
    log().addEventListener("scroll", showDown, { passive: true });
    toEnd();
    askForAll();
  };

  // Also of a section that comes later; the event does not bubble.
  document.addEventListener(
    "toggle",
    ({ target }) => {
      if (target instanceof Element && target.matches("[data-operation]") && target.open) {
        ask(target.dataset.operation);
      }
    },
    true,
  );
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-log-down]")) toEnd();
  });
  if (log()) follow();

  // -- in a dialog --------------------------------------------------------------------------------

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
        notice("The log could not be fetched. Please try again in a moment."),
      );
    }
  });
  dialog?.addEventListener("close", () => {
    asked.clear();
    dialog.replaceChildren();
  });

  window.operationLogs = {
    hear: (name, { interviewId, operationId }) => {
      if (log()?.dataset.log !== interviewId || name === "interview") return;
      ask(name === "log" && sectionOf(operationId) ? operationId : "*");
    },
    refreshAll: () => {
      if (log()) askForAll();
    },
  };
})();
