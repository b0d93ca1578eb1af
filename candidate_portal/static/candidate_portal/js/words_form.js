/*
 * A form in which the candidate writes: it is sent without leaving the page, and what is typed is
 * kept until then, over a reload as well.
 *
 *   wordsForm(box, { before(form), sent(form) })
 *     box       has the form, [data-form-error] and [data-form-sent]
 *     before    runs before it is sent
 *     sent      runs once it was sent
 *     returns   true if it had something that was typed before a reload
 */
(() => {
  "use strict";

  // Storage may be off; then a reload loses what is typed, and nothing else.
  const keep = (key, draft) => {
    try {
      if (draft) sessionStorage.setItem(key, JSON.stringify(draft));
      else sessionStorage.removeItem(key);
    } catch {
      // Nothing to do.
    }
  };
  const kept = (key) => {
    try {
      return JSON.parse(sessionStorage.getItem(key));
    } catch {
      return null;
    }
  };

  const typed = (form) =>
    [...form.elements].filter((field) => field.name && !["hidden", "submit"].includes(field.type));
  const drafted = (form) => {
    const data = new FormData(form);
    return Object.fromEntries(typed(form).map(({ name }) => [name, data.get(name) ?? ""]));
  };

  window.wordsForm = (box, { before = () => {}, sent: after = () => {} } = {}) => {
    const form = box.querySelector("form");
    const error = box.querySelector("[data-form-error]");
    const sent = box.querySelector("[data-form-sent]");
    const button = form.querySelector("button");
    const { text } = form.elements;
    const key = `words:${form.action}`;

    const show = (message) => {
      error.textContent = message;
      error.hidden = message === "";
      if (message === "") {
        text.removeAttribute("aria-invalid");
        return;
      }
      text.setAttribute("aria-invalid", "true");
      announce(message, true);
    };

    const settle = (answer, message) => {
      if (!answer.ok) {
        show(message || gettext("It couldn't be sent. Your text is still here; please try again."));
        text.focus();
        return;
      }
      show("");
      keep(key, null);
      after(form);
      sent.hidden = false;
      announce(sent.textContent.trim());
    };

    const send = async () => {
      before(form);
      sent.hidden = true;
      button.disabled = true;
      try {
        const answer = await fetch(form.action, {
          method: "POST",
          body: new URLSearchParams(new FormData(form)),
          headers: { "HX-Request": "true" },
          signal: AbortSignal.timeout(20_000),
        });
        // What the page of an error says is not for this place.
        settle(answer, [409, 422].includes(answer.status) ? await answer.text() : "");
      } catch {
        settle({ ok: false }, "");
      }
      button.disabled = false;
    };

    form.addEventListener("submit", (event) => {
      event.preventDefault();
      send();
    });
    form.addEventListener("input", () => {
      sent.hidden = true;
      error.hidden = true;
      keep(key, drafted(form));
    });
    // After an error of a page without scripts, the page has what was typed last.
    const draft = error.hidden ? kept(key) : null;
    if (!draft) return false;
    for (const { name } of typed(form)) {
      if (name in draft) form.elements.namedItem(name).value = draft[name];
    }
    return true;
  };
})();
