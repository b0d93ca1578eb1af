/*
 * Filter forms with a range of days. The days are in the viewer's zone, unless the URL names another
 * one. Empty fields are left out of the URL.
 */
(() => {
  "use strict";

  const form = document.querySelector("form.search");
  const zone = form.querySelector("[data-own-zone]");
  const days = [...form.querySelectorAll("input[type=date]")];

  form.addEventListener("submit", () => {
    const filled = new Set([...form.elements].filter((field) => field.name && field.value));
    // Unchanged days keep the zone of the URL.
    const changed = days.some((day) => day.value !== day.defaultValue);
    if (!zone.value || changed) zone.value = viewerZone;
    for (const field of form.elements) {
      const isZone = field === zone;
      const without = isZone ? days.every((day) => !day.value) : !filled.has(field);
      if (field.name && without) field.disabled = true;
    }
  });
})();
