/*
 * Values that the invitation forms fill in and calculate.
 *
 *   input[data-viewer-zone]   gets the viewer's time zone
 *   [data-total]              shows the duration with its allowance
 *   [data-durations]          the usual duration of each challenge, copied into the form
 */
(() => {
  "use strict";

  const CUSTOM = "custom";

  const inWords = (minutes) => {
    const hours = Math.floor(minutes / 60);
    const rest = minutes % 60;
    return [hours && `${hours} h`, (rest || !hours) && `${rest} min`].filter(Boolean).join(" ");
  };

  // A whole number as it would be sent, or NaN.
  const chosen = (form, name, other) => {
    const { value } = form.elements[name];
    const text = value === CUSTOM ? form.elements[other].value : value;
    return /^\d+$/.test(text) ? Number(text) : NaN;
  };

  const showTotal = (form) => {
    const total = form.querySelector("[data-total]");
    if (!total) return;
    const minutes = chosen(form, "duration_minutes", "custom_minutes");
    const percent = chosen(form, "allowance_percent", "custom_percent");
    const isGiven = minutes > 0 && percent > 0;
    total.hidden = !isGiven;
    if (!isGiven) return;
    // Whole minutes, rounded up, as on the server.
    const sum = Math.ceil((minutes * (100 + percent)) / 100);
    total.textContent = `${inWords(minutes)} + ${percent} % = ${inWords(sum)}`;
  };

  // The challenge's duration, unless another one was chosen.
  const showUsual = (form) => {
    const { challenge, duration_minutes: duration, custom_minutes: custom } = form.elements;
    const usual = JSON.parse(challenge.dataset.durations)[challenge.value];
    if (!usual || duration.dataset.chosen) return;
    const isOffered = [...duration.options].some((option) => option.value === String(usual));
    duration.value = isOffered ? String(usual) : CUSTOM;
    custom.value = isOffered ? "" : String(usual);
  };

  const prepare = (root) => {
    const zone = root.querySelector("input[data-viewer-zone]");
    if (zone) {
      zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone;
      zone.removeAttribute("data-viewer-zone");
    }
    for (const form of root.querySelectorAll("form")) showTotal(form);
  };

  prepare(document);
  document.addEventListener("htmx:afterSwap", ({ detail }) => prepare(detail.target));
  // A browser suggests only zones that match the field's text: select it, so that typing replaces it.
  document.addEventListener("focusin", ({ target }) => {
    if (target.matches("input[list=zones]")) target.select();
  });
  document.addEventListener("input", ({ target }) => {
    if (target.name === "duration_minutes" || target.name === "custom_minutes") {
      target.form.elements.duration_minutes.dataset.chosen = "yes";
    }
    if (target.matches("[data-durations]")) showUsual(target.form);
    if (target.form) showTotal(target.form);
  });
})();
