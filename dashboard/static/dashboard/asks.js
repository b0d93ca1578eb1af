/*
 * The dialogs that htmx fills: the question before something is done to a test, and the invitation.
 *
 * [data-ask=url] fetches the question, which fits the state that the test has at that moment.
 */
(() => {
  "use strict";

  const ask = document.getElementById("ask");
  const invite = document.getElementById("invite");
  let openedBy = null; // {id, label}: the row may be swapped while the dialog is open

  const remember = (button) => {
    const row = button.closest("tr[data-interview]");
    openedBy = row && { id: row.dataset.interview, label: button.textContent.trim() };
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-ask], [data-logs]");
    if (button) remember(button);
    const url = button?.dataset.ask;
    if (url) htmx.ajax("GET", url, { target: ask, swap: "innerHTML", source: button });
  });

  document.addEventListener("htmx:afterSwap", ({ detail }) => {
    if (detail.target === ask && !ask.open && ask.childElementCount > 0) ask.showModal();
    if (detail.target === invite) {
      const first = invite.querySelector("[aria-invalid=true], [autofocus]");
      first?.focus();
    }
  });

  // What was asked for was done: 204, and the row is fetched also when no event can come.
  document.addEventListener("interview-changed", ({ detail }) => {
    testRows.look(detail.interviewId);
    if (ask.open) ask.close();
    if (detail.done) announce(detail.done);
  });

  // The browser gives the focus back to the button, unless its row was swapped meanwhile.
  for (const dialog of document.querySelectorAll("dialog")) {
    dialog.addEventListener("close", () => {
      const focused = document.activeElement;
      const isLost = focused === document.body || dialog.contains(focused);
      if (!openedBy || !isLost) return;
      testRows.refocus(openedBy.label, testRows.rowOf(openedBy.id));
      openedBy = null;
    });
  }

  // The next invitation starts with an empty form, unless one was begun.
  invite.addEventListener("close", () => {
    if (invite.querySelector(".invited")) {
      htmx.ajax("GET", "/interviews/invite/form/", { target: invite, swap: "innerHTML" });
    }
  });
  // A dialog that the server rendered open is not modal yet.
  if (invite.open) {
    invite.close();
    invite.showModal();
  }
})();
