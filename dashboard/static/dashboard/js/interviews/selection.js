/*
 * The selection of rows: [data-select] in each row, [data-select-all] for all that are shown, and the form
 * [data-selection] with what can be done to them. The dialog asks first, and then tells what became of each.
 *
 *   event "interviews-changed"   {interviewIds}: the action ran on these
 */
(() => {
  "use strict";

  const bar = document.querySelector("[data-selection]");
  const all = document.querySelector("[data-select-all]");
  if (!bar || !all) return;
  const ask = document.getElementById("ask");
  const count = bar.querySelector("[data-selection-count]");

  const boxes = () => [...document.querySelectorAll("tr:not(.filtered-out) [data-select]")];
  const chosen = () => boxes().filter((box) => box.checked);

  const show = () => {
    const n = chosen().length;
    bar.hidden = n === 0;
    all.checked = n > 0 && n === boxes().length;
    all.indeterminate = n > 0 && !all.checked;
    all.disabled = boxes().length === 0;
    const text = interpolate(ngettext("%(n)s selected", "%(n)s selected", n), { n }, true);
    if (count.textContent !== text) count.textContent = text;
  };
  const set = (isChosen) => {
    for (const box of boxes()) box.checked = isChosen;
    show();
  };

  document.addEventListener("change", ({ target }) => {
    if (target === all) set(all.checked);
    else if (target.matches("[data-select]")) show();
  });
  bar.querySelector("[data-selection-clear]").addEventListener("click", () => set(false));
  bar.addEventListener("submit", (event) => {
    event.preventDefault();
    const token = bar.querySelector("[name=csrfmiddlewaretoken]").value;
    const values = { csrfmiddlewaretoken: token, id: chosen().map((box) => box.value) };
    const url = event.submitter.getAttribute("formaction");
    htmx.ajax("POST", url, { source: ask, target: ask, swap: "innerHTML", values });
  });
  document.addEventListener("interviews-changed", () => set(false));
  document.addEventListener("rows:changed", show);
  show();
})();
