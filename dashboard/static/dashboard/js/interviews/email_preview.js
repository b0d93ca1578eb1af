/*
 * Opens the preview of an email above the dialog that asked for it. Closing it leads back there, with
 * everything as it was filled in.
 */
(() => {
  "use strict";

  const preview = document.getElementById("email-preview");

  // Open after htmx has settled: only then do the buttons work, and htmx no longer moves the focus.
  document.addEventListener("htmx:afterSettle", ({ detail }) => {
    if (detail.target === preview && !preview.open) preview.showModal();
  });
})();
