/*
 * Passwords that a page does not have until somebody asks: [data-secret=url] fetches it, which the server
 * audits, and shows it (data-purpose="show", in place of the dots of the [data-masked] before it) or copies it
 * (data-purpose="copy"; data-what is "password" or "message").
 *
 *   keepSecrets(old, next)   what is shown in an element stays so in the one that replaces it
 */
(() => {
  "use strict";

  const DOTS = "••••••••";

  const fetchSecret = async ({ dataset: { secret: url, what, purpose } }) => {
    const body = new FormData();
    body.set("csrfmiddlewaretoken", document.querySelector("[name=csrfmiddlewaretoken]").value);
    body.set("what", what);
    body.set("purpose", purpose);
    const response = await fetch(url, { method: "POST", body, signal: AbortSignal.timeout(20_000) });
    if (!response.ok || response.redirected) throw new Error(`${url} answered ${response.status}`);
    return response.text();
  };

  const copy = async (button) => {
    const text = fetchSecret(button);
    if (window.ClipboardItem && navigator.clipboard?.write) {
      // Some browsers let a page copy only during the click: the text may follow.
      const blob = text.then((each) => new Blob([each], { type: "text/plain" }));
      await navigator.clipboard.write([new ClipboardItem({ "text/plain": blob })]);
      showOnButton(button, gettext("Copied"));
      announce(button.dataset.copied);
      return;
    }
    // copy.js can do it without the clipboard API. What it copies was audited already.
    button.dataset.copy = await text;
    button.click();
    delete button.dataset.copy;
  };

  const show = (button, text) => {
    button.parentElement.querySelector("[data-masked]").textContent = text ?? DOTS;
    button.setAttribute("aria-pressed", String(Boolean(text)));
    button.querySelector("[data-show-label]").textContent = text ? gettext("Hide") : pgettext("password", "Show");
  };

  window.keepSecrets = (old, next) => {
    const shown = old.querySelector("[data-purpose=show][aria-pressed=true]");
    const button = next.querySelector("[data-purpose=show]");
    if (shown && button) show(button, shown.parentElement.querySelector("[data-masked]").textContent);
  };

  const toggle = async (button) => {
    const isShown = button.getAttribute("aria-pressed") === "true";
    const { id } = button;
    const text = isShown ? null : await fetchSecret(button);
    // The row may have been replaced meanwhile.
    show(document.getElementById(id) ?? button, text);
  };

  document.addEventListener("click", async ({ target }) => {
    const button = target.closest("[data-secret]:not([data-copy])");
    if (!button) return;
    try {
      await (button.dataset.purpose === "show" ? toggle(button) : copy(button));
    } catch {
      notice(gettext("We couldn't get the password. Please try again in a moment."));
    }
  });
})();
