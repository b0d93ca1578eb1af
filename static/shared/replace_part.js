/*
 * Brings a part of the page to what was fetched of it: the one way of all pages that follow events.
 *
 *   replacePart(shown, fetched)   whether something changed
 *   replaceParts(root)            the same for each [data-part] of a fetched page, by its id
 *
 * What is equal stays the same element, so nothing that a person has there is lost: the focus, typed text
 * and choices that are not sent yet, what is selected, how far a box is scrolled, and which <details> and
 * dialogs are open or closed. Nothing is read out again because it was put in anew.
 *
 * An element is found again by its id or its interview, a control by what it does (never by its place: a
 * click must not hit what has moved under it), and one without either by what it contains. So a <details>
 * whose summary changes needs an id.
 *
 * If the focused control is gone, the focus goes to the part itself if it takes it, as a row does, to its
 * heading, or else to the page's.
 */
(() => {
  "use strict";

  // -- which element is which ---------------------------------------------------------------------

  const TOKEN = "csrfmiddlewaretoken";
  // What a button does, before how it is called: its label may say "Copied" for a moment.
  const DOES = ["data-ask", "data-logs", "data-opens", "data-copy", "data-copy-from", "data-secret", "formaction"];

  const buttonKey = (button) => {
    const does = DOES.map((name) => button.getAttribute(name)).find(Boolean);
    const { purpose = "", what = "" } = button.dataset;
    if (does) return `${does} ${what} ${purpose}`;
    const action = button.closest("form")?.getAttribute("action") ?? "";
    return `${action} ${button.name}=${button.value} ${button.textContent.trim()}`;
  };
  const fieldKey = (field) => {
    const { name, type, value } = field;
    return name && `${name}=${["checkbox", "radio", "submit"].includes(type) ? value : ""}`;
  };
  const KEYS = {
    a: (link) => link.getAttribute("href"),
    button: buttonKey,
    details: (fold) => fold.querySelector("summary")?.textContent.trim(),
    form: (form) => form.getAttribute("action"),
    input: fieldKey,
    select: fieldKey,
    textarea: fieldKey,
  };

  const ownKey = (node) => {
    if (node.nodeType !== Node.ELEMENT_NODE) return "";
    const { interview, operation } = node.dataset;
    const key = node.id || interview || operation || KEYS[node.localName]?.(node);
    return key ? `${node.localName} ${key}` : "";
  };
  // A row without a key is that of its first link.
  const innerKey = (node) => {
    if (node.nodeType !== Node.ELEMENT_NODE || ownKey(node)) return "";
    for (const each of node.querySelectorAll("*")) {
      const key = ownKey(each);
      if (key) return `${node.localName} ${key}`;
    }
    return "";
  };
  const content = (node) => (ownKey(node) ? "" : (node.outerHTML ?? ""));
  const kind = (node) => (ownKey(node) ? "" : node.nodeName);

  const pairs = (shown, fetched) => {
    const found = new Map();
    const left = new Set(shown.childNodes);
    for (const keyOf of [ownKey, innerKey, content, kind]) {
      const byKey = new Map();
      for (const node of left) {
        const key = keyOf(node);
        if (key) byKey.set(key, [...(byKey.get(key) ?? []), node]);
      }
      for (const node of fetched.childNodes) {
        const same = found.has(node) ? null : byKey.get(keyOf(node))?.shift();
        if (!same) continue;
        found.set(node, same);
        left.delete(same);
      }
    }
    return found;
  };

  // -- bringing one to the other ------------------------------------------------------------------

  // The person opens and closes these.
  const isOwn = (element, name) => name === "open" && ["details", "dialog"].includes(element.localName);

  const setAttributes = (shown, fetched) => {
    for (const { name } of [...shown.attributes]) {
      if (!fetched.hasAttribute(name) && !isOwn(shown, name)) shown.removeAttribute(name);
    }
    for (const attribute of fetched.attributes) {
      const isSame = shown.getAttribute(attribute.name) === attribute.value;
      if (!isSame && !isOwn(shown, attribute.name)) shown.setAttributeNode(attribute.cloneNode());
    }
  };

  const update = (shown, fetched) => {
    if (shown.isEqualNode(fetched)) return;
    if (shown.nodeType !== Node.ELEMENT_NODE) {
      shown.data = fetched.data;
      return;
    }
    const keep = KEEPS[shown.localName]?.(shown);
    setAttributes(shown, fetched);
    setChildren(shown, fetched);
    keep?.();
  };

  const hasFocus = (node) => node.contains(document.activeElement);

  const setChildren = (shown, fetched) => {
    const same = pairs(shown, fetched);
    const kept = new Set(same.values());
    for (const node of [...shown.childNodes]) if (!kept.has(node)) node.remove();
    let place = shown.firstChild;
    for (const node of [...fetched.childNodes]) {
      const next = same.get(node) ?? node;
      if (next !== node) update(next, node);
      // What is before it comes later. What has the focus stays, as it would lose it by being moved.
      if (hasFocus(next) || (place?.nextSibling === next && !hasFocus(place))) place = next;
      if (place === next) place = next.nextSibling;
      else shown.insertBefore(next, place);
    }
  };

  // -- what is typed and chosen -------------------------------------------------------------------

  const keepText = (field) => {
    const { value } = field;
    const isTyped = value !== field.defaultValue;
    return () => {
      const next = isTyped && field.type !== "hidden" ? value : field.defaultValue;
      // To set the same would move the caret.
      if (field.value !== next) field.value = next;
    };
  };
  const keepTick = (box) => {
    const { checked } = box;
    const isChosen = checked !== box.defaultChecked;
    return () => {
      box.checked = isChosen ? checked : box.defaultChecked;
    };
  };
  const keepChoice = (select) => {
    // Where the page marks none, the browser chose the first: it stays as well.
    const isTouched = [...select.options].some((option) => option.selected !== option.defaultSelected);
    const chosen = new Set([...select.selectedOptions].map((option) => option.value));
    return () => {
      const options = [...select.options];
      const isKept = isTouched && options.some((option) => chosen.has(option.value));
      for (const option of options) option.selected = isKept ? chosen.has(option.value) : option.defaultSelected;
      if (select.selectedIndex < 0 && !select.multiple) select.selectedIndex = 0;
    };
  };
  const keepInput = (field) => {
    if (field.type === "file") return null;
    return ["checkbox", "radio"].includes(field.type) ? keepTick(field) : keepText(field);
  };
  const KEEPS = { input: keepInput, select: keepChoice, textarea: keepText };

  // -- the focus and inner scrolling --------------------------------------------------------------

  const focusKey = (element) => (element.localName === "summary" ? `summary ${ownKey(element.parentElement)}` : ownKey(element));
  const rowOf = (element) => ownKey(element.closest("[data-interview], [data-operation]") ?? document);
  const takesFocus = (element) => element.isConnected && !element.disabled && element.getClientRects().length > 0;

  const keepFocus = (part) => {
    const held = part.contains(document.activeElement) ? document.activeElement : null;
    if (!held) return () => {};
    const [key, row] = [focusKey(held), rowOf(held)];
    return () => {
      if (document.activeElement === held && takesFocus(held)) return;
      const all = [held, ...(key ? part.querySelectorAll(held.localName) : [])];
      const same = all.find((each) => (each === held || (focusKey(each) === key && rowOf(each) === row)) && takesFocus(each));
      const heading = part.matches("[tabindex='-1']") ? part : part.querySelector("[tabindex='-1']") ?? document.getElementById("title");
      (same ?? heading)?.focus({ preventScroll: true });
    };
  };

  // Whatever is moved on a page closes, as a dialog.
  const keepDialogs = (part) => {
    const open = [...part.querySelectorAll("dialog:modal")];
    return () => {
      for (const dialog of open.filter((each) => each.isConnected && !each.matches(":modal"))) {
        dialog.removeAttribute("open");
        dialog.showModal();
      }
    };
  };

  // A box that was moved begins at its top.
  const keepScroll = (part) => {
    const boxes = [part, ...part.querySelectorAll("*")].filter((box) => box.scrollTop || box.scrollLeft);
    const places = boxes.map((box) => [box, box.scrollTop, box.scrollLeft]);
    return () => {
      for (const [box, top, left] of places) [box.scrollTop, box.scrollLeft] = [top, left];
    };
  };

  // -- a part, and all of them --------------------------------------------------------------------

  // They differ in every response.
  const keepTokens = (shown, fetched) => {
    const token = shown.querySelector(`[name=${TOKEN}]`)?.value;
    if (!token) return;
    for (const input of fetched.querySelectorAll(`[name=${TOKEN}]`)) input.setAttribute("value", token);
  };

  window.replacePart = (shown, fetched) => {
    keepTokens(shown, fetched);
    if (shown.isEqualNode(fetched)) return false;
    const before = shown.cloneNode(true);
    const keeps = [keepDialogs(shown), keepScroll(shown), keepFocus(shown)];
    update(shown, fetched);
    for (const keep of keeps) keep();
    // What differed may be what the person opened.
    if (before.isEqualNode(shown)) return false;
    htmx.process(shown);
    return true;
  };

  window.replaceParts = (root) => {
    let hasChanged = false;
    for (const fetched of [...root.querySelectorAll("[data-part]")]) {
      const shown = document.getElementById(fetched.id);
      if (shown && replacePart(shown, fetched)) hasChanged = true;
    }
    return hasChanged;
  };
})();
