/* The filters of a list, form[data-filters]: a choice applies at once, and what is empty leaves the address. */
(() => {
  "use strict";

  const form = document.querySelector("form[data-filters]");

  form.querySelector("button[type=submit]").hidden = true;
  form.addEventListener("change", () => form.requestSubmit());
  form.addEventListener("submit", () => {
    for (const field of form.elements) if (field.name && !field.value) field.disabled = true;
  });
})();
