/*
 * The search of the history: its days are those of the viewer's zone, unless the address names
 * another one; and what was left empty is left out of the address.
 */
(() => {
  "use strict";

  const form = document.querySelector("form.search");
  const zone = form.querySelector("[data-own-zone]");
  const days = [...form.querySelectorAll("input[type=date]")];
  const viewers = Intl.DateTimeFormat().resolvedOptions().timeZone;

  form.addEventListener("submit", () => {
    const asked = new Set([...form.elements].filter((field) => field.name && field.value));
    // A day that was not changed means what it meant in the address.
    const changed = days.some((day) => day.value !== day.defaultValue);
    if (!zone.value || changed) zone.value = viewers;
    for (const field of form.elements) {
      const isZone = field === zone;
      const without = isZone ? days.every((day) => !day.value) : !asked.has(field);
      if (field.name && without) field.disabled = true;
    }
  });
  // Back again by the browser's own button, with the page as it was left.
  window.addEventListener("pageshow", () => {
    for (const field of form.elements) field.disabled = false;
  });
})();
