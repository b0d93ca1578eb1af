/* "I have a problem": the report says what the page knows besides. */
(() => {
  "use strict";

  const box = document.querySelector("[data-problem]");
  if (!box) return;
  const isDrafted = wordsForm(box, {
    before: ({ elements }) => {
      elements.screen.value = `${window.innerWidth}x${window.innerHeight}`;
      elements.stream.value = document.querySelector("[data-live]")?.dataset.live ?? "";
    },
    sent: ({ elements }) => {
      elements.text.value = "";
    },
  });
  if (isDrafted) box.open = true;
})();
