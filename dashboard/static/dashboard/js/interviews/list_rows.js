/*
 * The table of a list: fetches and swaps single rows, or the whole page after an absence.
 *
 *   interviewRows.refresh(id)    this interview may have changed, appeared, or left the list
 *   interviewRows.refreshAll()   any row may have changed
 *   interviewRows.types          interview types whose events concern the list
 *   document, event "rows:changed"
 *
 * Events come in bursts: repeated requests for a row are merged, three rows are fetched at a time, and
 * for many rows the whole page is fetched instead.
 */
(() => {
  "use strict";

  const GATHER_MS = 100;
  const AT_ONCE = 3;
  const TOO_MANY = 12;

  const list = document.getElementById("list");
  const body = document.getElementById("rows");
  const { tab } = list.dataset;
  const types = list.dataset.types.split(" ");

  const queue = new Set(); // ids to refresh; "*" is the whole page

  // -- one row ------------------------------------------------------------------------------------

  const rows = () => [...body.querySelectorAll("tr[data-interview]")];
  const rowOf = (id) => document.getElementById(`row-${id}`);
  const controls = (root) => [...root.querySelectorAll("a[href], button:not([hidden]), summary")];
  const words = (element) => element.ariaLabel ?? element.textContent.trim();
  // A control in a closed menu cannot have the focus, but the menu can.
  const focusable = (control) =>
    control?.closest("[data-menu]:not([open])")?.querySelector("summary") ?? control;

  // Keep the keyboard focus in a swapped row.
  const refocus = (label, row) => {
    if (!row) {
      document.getElementById("title").focus();
      return;
    }
    const same = controls(row).find((control) => words(control) === label);
    (focusable(same) ?? row).focus({ preventScroll: true });
  };

  const focusedIn = (row) =>
    row.contains(document.activeElement) ? words(document.activeElement) : null;

  const swap = (old, next) => {
    next.classList.toggle("filtered-out", old.classList.contains("filtered-out"));
    window.keepSecrets?.(old, next);
    const said = old.dataset.said === next.dataset.said ? "" : next.dataset.said;
    replacePart(old, next);
    if (!said) return;
    old.classList.add("just-changed");
    announce(said);
  };

  // By data-order, the greatest first unless the list ascends: numbers, or texts.
  const follows = (row, next) => {
    const [a, b] = [row.dataset.order, next.dataset.order];
    const by = isNaN(a) || isNaN(b) ? a.localeCompare(b) : Number(a) - Number(b);
    return list.dataset.ascending ? by > 0 : by <= 0;
  };

  // Skip rows that belong on an earlier or a later page.
  const insert = (next) => {
    const later = rows().find((row) => follows(row, next));
    if (!later && list.dataset.more) return;
    if (later === rows()[0] && !list.dataset.first && later) return;
    next.classList.add("just-changed");
    body.insertBefore(next, later ?? null);
    htmx.process(next);
    announce(next.dataset.said);
  };

  const remove = (row, left) => {
    const label = focusedIn(row);
    const all = rows();
    const place = all.indexOf(row);
    const neighbour = all[place + 1] ?? all[place - 1];
    row.remove();
    if (label !== null) refocus(label, neighbour);
    if (left) listNews.tell(row.dataset.interview, left);
  };

  const show = (id, html) => {
    const content = parseFragment(html);
    const next = content.querySelector("tr[data-interview]");
    const old = rowOf(id);
    const stays = old?.dataset.order === next?.dataset.order;
    if (old && next && !stays) old.remove();
    if (old && next && stays) swap(old, next);
    else if (next) insert(next);
    else if (old) remove(old, content.querySelector("[data-left]"));
  };

  // The page's filters decide whether the row is on it.
  const refreshRow = async (id) => {
    const query = new URLSearchParams(location.search);
    query.delete("cursor");
    query.set("tab", tab);
    show(id, await fetchFragment(`/interviews/${encodeURIComponent(id)}/row/?${query}`));
  };

  // -- all rows -----------------------------------------------------------------------------------

  // `asked`: those of which something was heard. Others may only be on another page now.
  const refreshPage = async (asked) => {
    const content = parseFragment(await fetchFragment(location.pathname + location.search));
    const fresh = content.getElementById("list");
    if (!fresh) return;
    const found = [...fresh.querySelectorAll("tr[data-interview]")];
    const ids = new Set(found.map((row) => row.id));
    const gone = rows().filter((row) => !ids.has(row.id));
    for (const row of gone) remove(row, null);
    listNews.count(gone.filter((row) => asked.has(row.dataset.interview)).length);
    found.forEach((row, place) => {
      const old = document.getElementById(row.id);
      if (old) swap(old, row);
      const shown = document.getElementById(row.id) ?? row;
      const there = rows()[place];
      // To move a row takes the focus from it.
      if (there !== shown) body.insertBefore(shown, there ?? null);
      htmx.process(shown);
    });
    list.dataset.more = fresh.dataset.more;
    list.querySelector("[data-pager]").replaceChildren(
      ...fresh.querySelector("[data-pager]").childNodes,
    );
  };

  // -- the queue ----------------------------------------------------------------------------------

  const settle = () => {
    const none = rows().length === 0;
    list.querySelector("[data-empty]").hidden = !none;
    list.querySelector("[data-table]").hidden = none;
    document.dispatchEvent(new Event("rows:changed"));
  };

  const fetchOne = async (id, asked) => {
    try {
      await (id === "*" ? refreshPage(asked) : refreshRow(id));
    } catch (error) {
      for (const each of asked) queue.add(each);
      queue.add(id);
      throw error;
    }
  };

  const processQueue = coalesce(async () => {
    while (queue.size > 0) {
      let batch = [...queue].slice(0, AT_ONCE);
      if (queue.has("*") || queue.size > TOO_MANY) batch = ["*"];
      const asked = new Set(batch[0] === "*" ? queue : []);
      // A row requested again while it is being fetched may have changed since, so fetch it again.
      if (batch[0] === "*") queue.clear();
      for (const id of batch) queue.delete(id);
      const fetched = await Promise.allSettled(batch.map((id) => fetchOne(id, asked)));
      settle();
      const failed = fetched.find(({ status }) => status === "rejected");
      if (failed) throw failed.reason;
    }
  }, GATHER_MS);

  const enqueue = (id) => {
    queue.add(id);
    processQueue();
  };

  window.interviewRows = { refresh: enqueue, refreshAll: () => enqueue("*"), types, rowOf, refocus };
  document.addEventListener("animationend", ({ target }) => target.closest(".just-changed")?.classList.remove("just-changed"));
})();
