/*
 * What a filter form shows is what its page shows. After Back, a browser that kept the page as it was
 * left has the choice of the page after it, and the fields that a script disabled before it was sent.
 * Browsers that load the page again keep what is in fields as well, unless autocomplete="off" forbids
 * it: each form with method="get" has that.
 */
(() => {
  "use strict";

  window.addEventListener("pageshow", (event) => {
    for (const form of document.querySelectorAll("form[method=get]")) {
      for (const field of form.elements) field.disabled = false;
      if (event.persisted) form.reset();
    }
  });
})();
