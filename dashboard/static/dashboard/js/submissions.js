/*
 * The pages of a submission: j and k go to the next and the previous changed file.
 *
 * Single keys can be switched off in the list of shortcuts (WCAG 2.1.4).
 */
(() => {
  "use strict";

  const singleKeys = document.getElementById("single-keys");

  const isTyping = ({ target }) =>
    target.closest("input, textarea, select, [contenteditable]") || document.querySelector("dialog:modal");

  document.addEventListener("keydown", (event) => {
    if (!singleKeys?.checked || event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) return;
    const link = event.key && document.querySelector(`a[data-key="${CSS.escape(event.key)}"]`);
    if (link) link.click();
  });
})();
