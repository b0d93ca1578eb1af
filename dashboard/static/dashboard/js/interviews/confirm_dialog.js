/*
 * Dialogs that htmx fills: confirmations of actions, and forms.
 *
 *   [data-ask=url]              fetches the confirmation, worded for the current status
 *   form[data-acts]             acts at once; what is refused is shown in a dialog
 *   dialog[data-form=url]       holds a form; after it was sent (.invited), fetches an empty one
 *   event "interview-changed"   {interviewId, done}: an action succeeded; `done` is announced
 *   event "interviews-changed"  {interviewIds}: an action ran on these; the dialog tells what became of each
 */
(() => {
  "use strict";

  const ask = document.getElementById("ask");
  const forms = [...document.querySelectorAll("dialog[data-form]")];
  let openedBy = null; // {id, label}, because the row may be swapped while the dialog is open

  const remember = (button) => {
    const row = button.closest("[data-interview]");
    openedBy = row && { id: row.dataset.interview, label: button.textContent.trim() };
  };

  // The first field to fill in: an invalid one, if any, or else what the form says as a whole.
  const first = (dialog) => {
    const wrong = dialog.querySelector("[aria-invalid=true]");
    return (wrong?.matches("fieldset") ? wrong.querySelector("input") : wrong) ??
      dialog.querySelector(".message-bad") ?? dialog.querySelector("[autofocus]");
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-ask], [data-logs]");
    if (button) remember(button);
    const url = button?.dataset.ask;
    if (url) htmx.ajax("GET", url, { target: ask, swap: "innerHTML", source: button });
  });

  // Open after htmx has settled: only then do the buttons work, and htmx no longer moves the focus.
  document.addEventListener("htmx:afterSettle", ({ detail }) => {
    const dialog = detail.target;
    if (dialog === ask && !ask.open && ask.childElementCount > 0) ask.showModal();
    else if (dialog === ask || forms.includes(dialog)) first(dialog)?.focus();
  });

  // The action succeeded (204): refresh the row, even while the event stream is down.
  document.addEventListener("interview-changed", ({ detail }) => {
    window.interviewRows?.refresh(detail.interviewId);
    if (ask.open) ask.close();
    if (detail.done) announce(detail.done);
  });

  document.addEventListener("interviews-changed", ({ detail }) => {
    for (const id of detail.interviewIds) window.interviewRows?.refresh(id);
  });

  // The event stream may replace the form before the answer arrives: the dialog stays on the page.
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form[data-acts]");
    if (!form) return;
    event.preventDefault();
    if (form.dataset.acts === "sent") return;
    form.dataset.acts = "sent";
    const values = Object.fromEntries(new FormData(form, event.submitter));
    const sent = { source: ask, target: ask, swap: "innerHTML", values };
    htmx.ajax("POST", form.action, sent).finally(() => {
      form.dataset.acts = "";
    });
  });

  // The browser returns the focus to the button, unless its row was swapped meanwhile.
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
    // Next time, start with an empty form, unless this one was not sent.
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
