/*
 * The log of one test, live in a modal: new lines are fetched and appended, the rest stays put.
 *
 *   testLog.hear(name, data)   an "operation" or a "log" event of any test
 *   testLog.lookAgain()        anything may have been missed
 */
(() => {
  "use strict";

  const GATHER_MS = 100;
  const NEAR_END_PX = 40;

  const dialog = document.getElementById("logs");
  const asked = new Set(); // operation ids whose lines to fetch; "*": the operations themselves
  let url = null;
  let timer = null;
  let busy = false;

  const log = () => dialog.querySelector("[data-log]");
  const sections = () => [...dialog.querySelectorAll("[data-operation]")];
  const sectionOf = (id) => sections().find((section) => section.dataset.operation === id);

  const parse = (html) => {
    const template = document.createElement("template");
    template.innerHTML = html;
    showTimes(template.content);
    return template.content;
  };

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
    dialog.querySelector("[data-log-down]").hidden = isAtEnd();
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
    const came = parse(await fragment(`${section.dataset.lines}?after=${after}`)).querySelectorAll("li");
    // The same line may have come by another way while this one was fetched.
    const known = new Set([...lines.children].map((line) => line.dataset.seq));
    const fresh = [...came].filter((line) => !known.has(line.dataset.seq));
    if (log()) keepingPlace(() => lines.append(...fresh));
    if (came.length >= Number(log()?.dataset.pageSize)) asked.add(id);
  };

  const lookAtOperations = async () => {
    const content = parse(await fragment(url));
    // Another log may have been opened while this one was fetched.
    if (!log() || content.querySelector("[data-log]")?.dataset.log !== log().dataset.log) return;
    keepingPlace(() => {
      for (const section of content.querySelectorAll("[data-operation]")) {
        const old = sectionOf(section.dataset.operation);
        if (old) old.querySelector("summary").replaceWith(section.querySelector("summary"));
        else log().append(section);
        if ((old ?? section).open) asked.add(section.dataset.operation);
      }
      if (sections().length > 0) log().querySelector("[data-log-empty]")?.remove();
    });
  };

  const work = async () => {
    timer = null;
    if (busy) return;
    busy = true;
    try {
      while (asked.size > 0 && dialog.open) {
        const [id] = asked;
        asked.delete(id);
        await (id === "*" ? lookAtOperations() : lookAtLines(id));
      }
    } catch {
      asked.add("*");
      timer ??= setTimeout(work, 3_000 + Math.random() * 2_000);
    }
    busy = false;
  };

  const ask = (id) => {
    asked.add(id);
    timer ??= setTimeout(work, GATHER_MS);
  };

  // -- opening and closing ------------------------------------------------------------------------

  const open = async (button) => {
    const wanted = button.dataset.logs;
    url = wanted;
    const content = await fragment(wanted);
    if (!content || url !== wanted || dialog.open) return;
    dialog.replaceChildren(...parse(content).children);
    dialog.showModal();
    log().addEventListener("scroll", showDown, { passive: true });
    toEnd();
    ask("*");
  };
  // Also of a section that comes while the log is open; the event does not bubble.
  dialog.addEventListener(
    "toggle",
    ({ target }) => {
      if (target.matches("[data-operation]") && target.open) ask(target.dataset.operation);
    },
    true,
  );

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-logs]");
    if (button) {
      open(button).catch(() => notice("The log could not be fetched. Please try again in a moment."));
    }
    if (event.target.closest("[data-log-down]")) toEnd();
  });
  dialog.addEventListener("close", () => {
    asked.clear();
    dialog.replaceChildren();
  });

  window.testLog = {
    hear: (name, { interviewId, operationId }) => {
      if (!dialog.open || log()?.dataset.log !== interviewId) return;
      ask(name === "log" && sectionOf(operationId) ? operationId : "*");
    },
    lookAgain: () => {
      if (dialog.open) ask("*");
    },
  };
})();
