/* Opens the endpoint or data type that a link or the page's own address leads to. */
(() => {
  "use strict";

  const open = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target?.matches("details.api-item")) return;
    target.open = true;
    target.querySelector("summary").focus();
  };

  window.addEventListener("hashchange", open);
  open();
})();
