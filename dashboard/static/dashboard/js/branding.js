/* The page Branding: colors and the new logo in the preview, and the color picker. */
(() => {
  "use strict";

  const form = document.getElementById("brand-form");
  const preview = document.getElementById("brand-preview");
  const color = form.elements.color;
  const picker = form.querySelector("[data-color-picker]");
  const PREFIX = "data-token-";
  let chosenLogo = "";

  const paint = () => {
    for (const box of preview.querySelectorAll(".brand-preview")) {
      for (const { name, value } of box.attributes) {
        if (name.startsWith(PREFIX)) box.style.setProperty(`--${name.slice(PREFIX.length)}`, value);
      }
      if (!chosenLogo) continue;
      const image = box.querySelector("[data-preview-logo]");
      image.src = chosenLogo;
      image.hidden = false;
      box.querySelector("[data-preview-name]").hidden = true;
    }
  };

  const readLogo = () => {
    const file = form.elements.logo.files[0];
    chosenLogo = "";
    if (!file || file.size > Number(form.elements.logo.dataset.maxBytes)) return paint();
    const reader = new FileReader();
    reader.addEventListener("load", () => {
      chosenLogo = reader.result;
      paint();
    });
    return reader.readAsDataURL(file);
  };

  picker.hidden = false;
  picker.addEventListener("input", () => {
    color.value = picker.value;
  });
  color.addEventListener("input", () => {
    if (/^#[0-9a-f]{6}$/i.test(color.value)) picker.value = color.value;
  });
  form.elements.logo.addEventListener("change", readLogo);
  preview.addEventListener("htmx:afterSwap", paint);
  paint();
})();
