/*
 * The dialogs that htmx fills: the question before something is done to an interview, and the forms.
 *
 *   [data-ask=url]           fetches the question, which fits the state at that moment
 *   dialog[data-form=url]    holds a form; closed after it was sent (.invited), the url gives the next
 *   event "interview-changed"   {interviewId, done}: something was done, and `done` is said aloud
 */
(() => {
  "use strict";

  const ask = document.getElementById("ask");
  const forms = [...document.querySelectorAll("dialog[data-form]")];
  let openedBy = null; // {id, label}: the row may be swapped while the dialog is open

  const remember = (button) => {
    const row = button.closest("[data-interview]");
    openedBy = row && { id: row.dataset.interview, label: button.textContent.trim() };
  };

  // What is to be filled in: what is wrong, if anything is.
  const first = (dialog) => {
    const wrong = dialog.querySelector("[aria-invalid=true]");
    return (wrong?.matches("fieldset") ? wrong.querySelector("input") : wrong) ??
      dialog.querySelector("[autofocus]");
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-ask], [data-logs]");
    if (button) remember(button);
    const url = button?.dataset.ask;
    if (url) htmx.ajax("GET", url, { target: ask, swap: "innerHTML", source: button });
  });

  // Not before it is settled: only then do its buttons do what they say, and htmx has done with
  // moving the focus itself.
  document.addEventListener("htmx:afterSettle", ({ detail }) => {
    const dialog = detail.target;
    if (dialog === ask && !ask.open && ask.childElementCount > 0) ask.showModal();
    else if (dialog === ask || forms.includes(dialog)) first(dialog)?.focus();
  });

  // What was asked for was done: 204, and the row is fetched also when no event can come.
  document.addEventListener("interview-changed", ({ detail }) => {
    window.interviewRows?.refresh(detail.interviewId);
    if (ask.open) ask.close();
    if (detail.done) announce(detail.done);
  });

  // The browser gives the focus back to the button, unless its row was swapped meanwhile.
  for (const dialog of document.querySelectorAll("dialog")) {
    dialog.addEventListener("close", () => {
      const focused = document.activeElement;
      const isLost = focused === document.body || dialog.contains(focused);
      if (!openedBy || !isLost) return;
      interviewRows.refocus(openedBy.label, interviewRows.rowOf(openedBy.id));
      openedBy = null;
    });
  }

  for (const dialog of forms) {
    // The next one starts with an empty form, unless one was begun.
    dialog.addEventListener("close", () => {
      if (dialog.querySelector(".invited")) {
        htmx.ajax("GET", dialog.dataset.form, { target: dialog, swap: "innerHTML" });
      }
    });
    // A dialog that the server rendered open is not modal yet.
    if (dialog.open) {
      dialog.close();
      dialog.showModal();
    }
  }
})();
