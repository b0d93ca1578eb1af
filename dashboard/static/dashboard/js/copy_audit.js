/*
 * Copying a link, an address or a password is noted in the audit trail, and never waits for that.
 *
 *   [data-copied-of=id], [data-interview=id]   whose credentials the buttons inside copy
 *   event "copied" of copy.js                  bubbles from the button; data-what says what it copies
 */
(() => {
  "use strict";

  const KINDS = { link: "link", password: "password", message: "message" };

  document.addEventListener("copied", ({ target }) => {
    const holder = target.closest("[data-copied-of], [data-interview]");
    const token = document.querySelector("[name=csrfmiddlewaretoken]");
    if (!holder || !token || !target.dataset.what) return;
    const id = holder.dataset.copiedOf ?? holder.dataset.interview;
    const body = new FormData();
    body.set("csrfmiddlewaretoken", token.value);
    body.set("what", KINDS[target.dataset.what] ?? "address");
    const address = `/interviews/${encodeURIComponent(id)}/copied/`;
    // A request that was refused or lost is nothing that whoever copies has to know.
    fetch(address, { method: "POST", body, keepalive: true }).catch(() => {});
  });
})();
