/*
 * The chips and the search above the table, which filter the rows of this page. The part of the address
 * after "#" has what was chosen: a reload and a shared link keep it, and no server gets a name.
 */
(() => {
  "use strict";

  const bar = document.querySelector("[data-filter]");
  const find = bar.querySelector("input");
  const chips = [...bar.querySelectorAll("[data-group]")];
  const body = document.getElementById("rows");
  const list = document.getElementById("list");
  const nothing = document.querySelector("[data-nothing-found]");
  const searchAll = document.querySelector("[data-search-all]");
  let group = "";

  const inAddress = () => new URLSearchParams(location.hash.slice(1));
  const restore = () => {
    const chosen = inAddress();
    group = chosen.get("show") ?? "";
    find.value = chosen.get("find") ?? "";
  };
  const keep = () => {
    const chosen = new URLSearchParams();
    if (group) chosen.set("show", group);
    if (find.value.trim()) chosen.set("find", find.value.trim());
    const hash = String(chosen) && `#${chosen}`;
    history.replaceState(history.state, "", location.pathname + location.search + hash);
  };

  const offerSearch = (words) => {
    searchAll.hidden = words === "";
    searchAll.textContent = interpolate(gettext("Search all interviews for “%(words)s”"), { words }, true);
    searchAll.search = String(new URLSearchParams({ q: words }));
  };

  const apply = () => {
    const rows = [...body.querySelectorAll("tr[data-interview]")];
    const counts = { "": rows.length };
    for (const row of rows) counts[row.dataset.group] = (counts[row.dataset.group] ?? 0) + 1;
    // A selected group that ran empty would hide every row, with no chip to select another one.
    if (!counts[group]) group = "";
    for (const chip of chips) {
      const count = counts[chip.dataset.group] ?? 0;
      chip.querySelector("[data-count]").textContent = String(count);
      chip.hidden = chip.dataset.group !== "" && count === 0;
      chip.setAttribute("aria-pressed", String(chip.dataset.group === group));
    }
    const wanted = find.value.trim().toLocaleLowerCase();
    let shown = 0;
    for (const row of rows) {
      const cells = [...row.querySelectorAll(".name, .cell-challenge, .passcode")];
      const email = row.querySelector("[data-email]")?.dataset.email ?? "";
      const texts = [...cells.map((cell) => cell.textContent), email];
      const fits =
        (group === "" || row.dataset.group === group) &&
        texts.some((text) => text.toLocaleLowerCase().includes(wanted));
      row.classList.toggle("filtered-out", !fits);
      if (fits) shown += 1;
    }
    bar.hidden = rows.length === 0;
    nothing.hidden = rows.length === 0 || shown > 0;
    offerSearch(find.value.trim());
    list.querySelector("[data-table]").hidden = shown === 0;
  };

  for (const chip of chips) {
    chip.addEventListener("click", () => {
      group = chip.dataset.group;
      keep();
      apply();
    });
  }
  find.addEventListener("input", () => {
    keep();
    apply();
  });
  document.querySelector("[data-filter-reset]").addEventListener("click", () => {
    group = "";
    find.value = "";
    keep();
    apply();
    find.focus();
  });
  document.addEventListener("rows:changed", apply);
  // Another link to this list, or one to a part of the page, such as "Skip to main content".
  window.addEventListener("hashchange", () => {
    if (document.getElementById(location.hash.slice(1))) keep();
    else restore();
    apply();
  });
  restore();
  apply();
})();
