/* "How was it?": appears once the test is over. It is outside of the screen, which is replaced. */
(() => {
  "use strict";

  const box = document.querySelector("[data-feedback-box]");
  if (!box) return;
  wordsForm(box);
  document.addEventListener("screen:changed", () => {
    box.hidden = !("asksFeedback" in document.getElementById("screen").dataset);
  });
})();
