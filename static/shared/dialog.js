/*
 * Dialogs: <button data-opens="id"> opens the <dialog id>, and [data-closes] in it closes it.
 *
 * Escape, focus and what lies behind are the browser's own work. Without scripts a data-opens
 * button that submits a form does so at once.
 */
(() => {
  "use strict";

  // What was wrong with a field is no longer said once it is being changed.
  document.addEventListener("input", (event) => {
    const field = event.target.closest(".field");
    if (!field) return;
    field.querySelector(".field-error")?.remove();
    event.target.removeAttribute("aria-invalid");
  });

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-opens]");
    if (opener) {
      event.preventDefault();
      document.getElementById(opener.dataset.opens).showModal();
    }
    if (event.target.closest("[data-closes]")) event.target.closest("dialog").close();
    // A click on the dialog itself, and not on what it holds, hit its backdrop or its rim.
    if (event.target.matches("dialog")) {
      const box = event.target.getBoundingClientRect();
      const inside =
        event.clientX >= box.left && event.clientX <= box.right &&
        event.clientY >= box.top && event.clientY <= box.bottom;
      if (!inside) event.target.close();
    }
  });
})();
