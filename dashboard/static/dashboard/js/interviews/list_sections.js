/*
 * The headings of the live interviews: now, the next 24 hours, later. They move while time goes by and
 * after every change of the rows, by the rule of dashboard.presenters.interviews.sections.
 */
(() => {
  "use strict";

  const PREPARED_MS = 5 * 60_000;
  const DAY_MS = 24 * 3_600_000;

  const body = document.getElementById("rows");
  const heading = (section) =>
    document.querySelector(`[data-section-heading="${section}"]`).content.querySelector("tr").cloneNode(true);

  const sectionOf = (row) => {
    const untilStart = Number(row.dataset.order) * 1000 - serverClock.now();
    if (row.dataset.status !== "scheduled" || untilStart <= PREPARED_MS) return "now";
    return untilStart <= DAY_MS ? "next" : "later";
  };

  const place = () => {
    const wanted = [];
    let last = "";
    for (const row of body.querySelectorAll("tr[data-interview]:not(.filtered-out)")) {
      const section = sectionOf(row);
      if (section !== last) wanted.push({ section, row });
      last = section;
    }
    const shown = [...body.querySelectorAll("[data-section]")];
    const isPlaced = ({ section, row }, number) =>
      shown[number]?.dataset.section === section && shown[number].nextElementSibling === row;
    if (shown.length === wanted.length && wanted.every(isPlaced)) return;
    for (const each of shown) each.remove();
    for (const { section, row } of wanted) body.insertBefore(heading(section), row);
  };

  document.addEventListener("rows:changed", place);
  setInterval(place, 30_000);
  place();
})();
