/*
 * The header's menus close on Escape, on a click elsewhere, and when they lose the focus.
 *
 * On a narrow screen (nav.css says from which width) all of it is behind one button, with its menus
 * open.
 */
(() => {
  "use strict";

  const toggle = document.querySelector("[data-nav-toggle]");
  const menus = [...document.querySelectorAll("[data-nav-more]")];
  if (!toggle) return;
  const panel = document.getElementById(toggle.getAttribute("aria-controls"));

  const isNarrow = () => getComputedStyle(toggle).display !== "none";

  const show = (isOpen) => {
    toggle.setAttribute("aria-expanded", String(isOpen));
    panel.classList.toggle("is-open", isOpen);
    for (const menu of menus) menu.open = isOpen;
  };

  const closeOthers = (inside) => {
    if (isNarrow()) {
      if (!panel.contains(inside) && inside !== toggle) show(false);
      return;
    }
    for (const menu of menus) if (!menu.contains(inside)) menu.open = false;
  };

  toggle.addEventListener("click", () => show(toggle.getAttribute("aria-expanded") !== "true"));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    if (isNarrow()) {
      if (toggle.getAttribute("aria-expanded") !== "true") return;
      show(false);
      toggle.focus();
      return;
    }
    const open = menus.find((menu) => menu.open);
    if (!open) return;
    open.open = false;
    open.querySelector("summary").focus();
  });
  document.addEventListener("click", ({ target }) => closeOthers(target));
  panel.addEventListener("focusout", ({ relatedTarget }) => {
    if (relatedTarget) closeOthers(relatedTarget);
  });
  // A screen that was turned: nothing stays open from the other layout.
  let wasNarrow = isNarrow();
  window.addEventListener("resize", () => {
    if (isNarrow() === wasNarrow) return;
    wasNarrow = !wasNarrow;
    show(false);
  });
})();
