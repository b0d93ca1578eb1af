/*
 * Buttons that copy: data-copy="text", or data-copy-from="selector" of the element with the text.
 * The button fires a bubbling event "copied" after it succeeded.
 *
 *   showOnButton(button, words)   for two seconds, in place of its [data-copy-label]
 */
(() => {
  "use strict";

  const SHOWN_MS = 2_000;

  // Fallback without the clipboard API: plain HTTP on another machine, or an older browser.
  const copyBySelection = (text) => {
    const area = document.createElement("textarea");
    area.value = text;
    area.readOnly = true;
    area.className = "visually-hidden";
    // While a dialog is open, only its content can be focused.
    (document.querySelector("dialog[open]") ?? document.body).append(area);
    area.select();
    const copied = document.execCommand("copy");
    area.remove();
    if (!copied) throw new Error("The browser refused to copy.");
  };

  const copy = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      copyBySelection(text);
    }
  };

  window.showOnButton = (button, words) => {
    const label = button.querySelector("[data-copy-label]");
    // Not in an attribute: a page that follows events brings those up to date.
    if (label.textContent !== button.shownWords) button.label = label.textContent;
    button.shownWords = label.textContent = words;
    clearTimeout(button.shown);
    button.shown = setTimeout(() => {
      if (label.textContent === words) label.textContent = button.label;
    }, SHOWN_MS);
  };

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy], [data-copy-from]");
    if (!button) return;
    const from = button.dataset.copyFrom;
    const text = from ? document.querySelector(from).textContent.trim() : button.dataset.copy;
    try {
      await copy(text);
      showOnButton(button, gettext("Copied"));
      announce(button.dataset.copied);
      button.dispatchEvent(new CustomEvent("copied", { bubbles: true }));
    } catch {
      showOnButton(button, gettext("Not copied"));
      announce(gettext("Couldn't copy. Select the text and copy it yourself."));
    }
    button.focus();
  });
})();
