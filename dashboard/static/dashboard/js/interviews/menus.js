/*
 * Menus with the other actions of a row: <details data-menu>. One is open at a time. A choice, a click
 * elsewhere and Escape close it; the arrow keys go through it.
 */
(() => {
  "use strict";

  const opened = () => document.querySelector("[data-menu][open]");
  const items = (menu) => [...menu.querySelectorAll("button, a[href]")];

  const close = (menu) => menu?.removeAttribute("open");

  document.addEventListener("click", ({ target }) => {
    const menu = opened();
    if (!menu) return;
    const isElsewhere = !menu.contains(target);
    if (isElsewhere || target.closest("button, a[href]")) close(menu);
  });

  // Capture: the event does not bubble.
  document.addEventListener(
    "toggle",
    ({ target }) => {
      if (!(target instanceof Element) || !target.matches("[data-menu][open]")) return;
      for (const other of document.querySelectorAll("[data-menu][open]")) if (other !== target) close(other);
    },
    true,
  );

  document.addEventListener("keydown", (event) => {
    const menu = event.target.closest?.("[data-menu][open]");
    if (!menu) return;
    if (event.key === "Escape") {
      close(menu);
      menu.querySelector("summary").focus();
      return;
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const all = items(menu);
    const place = all.indexOf(document.activeElement);
    const first = step > 0 ? 0 : all.length - 1;
    all[place < 0 ? first : (place + step + all.length) % all.length].focus();
  });
})();
