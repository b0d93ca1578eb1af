/*
 * The command menu (Ctrl+K, Cmd+K, or the header's button) and the keyboard shortcuts of every page.
 *
 *   [data-command-menu]   opens the menu
 *   [data-shortcuts]      opens the list of shortcuts
 *
 * The menu is a combobox: the focus stays in the text field, and aria-activedescendant names the option
 * that Enter opens. Single keys can be switched off (WCAG 2.1.4), as speech input may press them.
 */
(() => {
  "use strict";

  const TYPING_MS = 150;
  // The time for the second key of "g t".
  const SEQUENCE_MS = 1_500;
  const STORED = "single-key-shortcuts";
  const GO_TO = { t: "/", l: "/live/", h: "/history/", c: "/challenges/" };

  const menu = document.getElementById("command-menu");
  const text = document.getElementById("command-text");
  const results = document.getElementById("command-results");
  const shortcuts = document.getElementById("shortcuts");
  const singleKeys = document.getElementById("single-keys");

  // -- the menu -----------------------------------------------------------------------------------

  const options = () => [...results.querySelectorAll("[role=option]")];
  const active = () => results.querySelector("[aria-selected=true]");

  const activate = (option) => {
    active()?.setAttribute("aria-selected", "false");
    option?.setAttribute("aria-selected", "true");
    if (option) text.setAttribute("aria-activedescendant", option.id);
    else text.removeAttribute("aria-activedescendant");
    option?.scrollIntoView({ block: "nearest" });
  };

  let latest = 0;
  const find = async () => {
    const mine = ++latest;
    const response = await fetch(`${menu.dataset.address}?q=${encodeURIComponent(text.value)}`, {
      headers: { "HX-Request": "true", "HX-Current-URL": location.href },
      signal: AbortSignal.timeout(20_000),
    });
    const elsewhere = response.headers.get("HX-Redirect");
    if (elsewhere) location.assign(elsewhere);
    if (!response.ok) throw new Error(`${response.status}`);
    const html = await response.text();
    // An answer that was overtaken by a later one is out of date.
    if (mine !== latest) return;
    results.innerHTML = html;
    const found = options();
    activate(found[0]);
    if (text.value.trim()) announce(interpolate(ngettext("%(n)s result", "%(n)s results", found.length), { n: found.length }, true));
  };

  const refresh = () => find().catch(() => {
    results.textContent = gettext("Search isn't available right now. Try again in a moment.");
    activate(null);
  });

  let typing = 0;
  text.addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(refresh, TYPING_MS);
  });

  text.addEventListener("keydown", (event) => {
    const all = options();
    const place = all.indexOf(active());
    const next = { ArrowDown: place + 1, ArrowUp: place - 1 + all.length }[event.key];
    if (next !== undefined && all.length) {
      event.preventDefault();
      activate(all[next % all.length]);
    }
    if (event.key === "Enter" && active()) {
      event.preventDefault();
      active().click();
    }
  });

  const open = () => {
    // Only one dialog at a time: the one that is open may hold unsaved input.
    if (document.querySelector("dialog:modal")) return;
    menu.showModal();
    text.select();
    refresh();
  };

  const showShortcuts = () => {
    menu.close();
    if (!document.querySelector("dialog:modal")) shortcuts.showModal();
  };

  document.addEventListener("click", ({ target }) => {
    if (target.closest("[data-command-menu]")) open();
    if (target.closest("[data-shortcuts]")) showShortcuts();
  });

  // -- keys ---------------------------------------------------------------------------------------

  // Storage may be off; then the setting holds for this page.
  const stored = () => {
    try {
      return localStorage.getItem(STORED);
    } catch {
      return null;
    }
  };
  singleKeys.checked = stored() !== "off";
  singleKeys.addEventListener("change", () => {
    try {
      localStorage.setItem(STORED, singleKeys.checked ? "on" : "off");
    } catch {
      // Nothing to do.
    }
  });

  const isTyping = ({ target }) =>
    target.closest("input, textarea, select, [contenteditable]") || document.querySelector("dialog:modal");

  let goPressed = 0;
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || event.altKey) return;
    // A browser that fills in a field sends events without a key.
    const key = event.key?.toLowerCase();
    if ((event.ctrlKey || event.metaKey) && !event.shiftKey && key === "k") {
      event.preventDefault();
      if (menu.open) menu.close();
      else open();
      return;
    }
    if (event.ctrlKey || event.metaKey || !singleKeys.checked || isTyping(event)) return;
    const goes = event.timeStamp - goPressed < SEQUENCE_MS;
    goPressed = 0;
    if (goes && GO_TO[key]) location.assign(GO_TO[key]);
    else if (key === "g") goPressed = event.timeStamp;
    else if (key === "?") showShortcuts();
    else if (key === "/") open();
    else return;
    event.preventDefault();
  });
})();
