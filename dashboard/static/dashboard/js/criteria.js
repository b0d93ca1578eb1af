/*
 * The criteria in a challenge's form: rows are added, moved and removed. The form may be replaced by
 * the server's answer, so everything listens on the document.
 */
(() => {
  "use strict";

  const rowsOf = (section) => section.querySelector("[data-criteria-rows]");

  const update = (section) => {
    const count = rowsOf(section).children.length;
    section.querySelector("[data-criteria-default]").hidden = count > 0;
    section.querySelector("[data-criterion-add]").disabled = count >= Number(section.dataset.most);
  };

  const add = (section, template) => {
    const rows = rowsOf(section);
    const before = rows.children.length;
    rows.append(section.querySelector(template).content.cloneNode(true));
    update(section);
    rows.children[before].querySelector("input").focus();
  };

  const move = (row, button, isUp) => {
    const other = isUp ? row.previousElementSibling : row.nextElementSibling;
    if (!other) return;
    if (isUp) other.before(row);
    else other.after(row);
    button.focus();
    const place = [...row.parentElement.children].indexOf(row) + 1;
    announce(interpolate(gettext("Now number %(place)s."), { place }, true));
  };

  const remove = (section, row) => {
    const next = row.nextElementSibling ?? row.previousElementSibling;
    row.remove();
    update(section);
    (next?.querySelector("input") ?? section.querySelector("[data-criterion-add]")).focus();
  };

  document.addEventListener("click", ({ target }) => {
    const button = target.closest("button");
    const section = button?.closest("[data-criteria]");
    if (!section) return;
    const row = button.closest("[data-criterion]");
    if (button.matches("[data-criterion-add]")) add(section, "[data-criterion-empty]");
    if (button.matches("[data-criteria-default]")) add(section, "[data-criteria-common]");
    if (button.matches("[data-criterion-up]")) move(row, button, true);
    if (button.matches("[data-criterion-down]")) move(row, button, false);
    if (button.matches("[data-criterion-remove]")) remove(section, row);
  });
})();
