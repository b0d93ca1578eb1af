/*
 * Audits that a link, an address or a password was copied. Copying never waits for the request.
 *
 *   [data-copied-of=id], [data-interview=id]   the interview of the buttons inside
 *   event "copied" of copy.js                  bubbles from the button; data-what is the kind of text
 */
(() => {
  "use strict";

  const KINDS = { link: "link", password: "password", message: "message" };

  document.addEventListener("copied", ({ target }) => {
    const holder = target.closest("[data-copied-of], [data-interview]");
    const token = document.querySelector("[name=csrfmiddlewaretoken]");
    // The request that fetched a secret was audited itself.
    if (!holder || !token || !target.dataset.what || target.dataset.secret) return;
    const id = holder.dataset.copiedOf ?? holder.dataset.interview;
    const body = new FormData();
    body.set("csrfmiddlewaretoken", token.value);
    body.set("what", KINDS[target.dataset.what] ?? "address");
    const address = `/interviews/${encodeURIComponent(id)}/copied/`;
    // A failed request must not disturb the user.
    fetch(address, { method: "POST", body, keepalive: true }).catch(() => {});
  });
})();
