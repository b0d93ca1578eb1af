/*
 * Dialogs: <button data-opens="id"> opens <dialog id>, and [data-closes] inside closes it.
 *
 * The browser handles Escape, focus and the backdrop. Without scripts, a data-opens button that submits
 * a form does so at once.
 */
(() => {
  "use strict";

  // Changing a field hides its error.
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
    // The target of a click on the backdrop or the border is the dialog itself.
    if (event.target.matches("dialog")) {
      const box = event.target.getBoundingClientRect();
      const inside =
        event.clientX >= box.left && event.clientX <= box.right &&
        event.clientY >= box.top && event.clientY <= box.bottom;
      if (!inside) event.target.close();
    }
  });
})();
