/*
 * "I have a problem": sends the report without leaving the page, and keeps what is typed until then,
 * over a reload as well.
 */
(() => {
  "use strict";

  const box = document.querySelector("[data-problem]");
  const form = box?.querySelector("form");
  if (!form) return;
  const { text, screen: size, stream } = form.elements;
  const error = box.querySelector("[data-problem-error]");
  const sent = box.querySelector("[data-problem-sent]");
  const button = form.querySelector("button");
  const key = `problem:${form.action}`;

  // Storage may be off; then a reload loses what is typed, and nothing else.
  const keep = (draft) => {
    try {
      if (draft) sessionStorage.setItem(key, draft);
      else sessionStorage.removeItem(key);
    } catch {
      // Nothing to do.
    }
  };
  const kept = () => {
    try {
      return sessionStorage.getItem(key);
    } catch {
      return null;
    }
  };

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
    text.value = "";
    keep("");
    sent.hidden = false;
    announce(sent.textContent.trim());
  };

  const send = async () => {
    size.value = `${window.innerWidth}x${window.innerHeight}`;
    stream.value = document.querySelector("[data-live]")?.dataset.live ?? "";
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
  text.addEventListener("input", () => {
    sent.hidden = true;
    error.hidden = true;
    keep(text.value);
  });
  const draft = kept();
  if (draft && text.value === "") {
    text.value = draft;
    box.open = true;
  }
})();
