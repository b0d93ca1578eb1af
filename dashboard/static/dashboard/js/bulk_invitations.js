/*
 * The page of a bulk invitation. While candidates are invited and their e-mails are sent, it fetches the
 * page and brings its parts up to date.
 */
(() => {
  "use strict";

  const batch = document.getElementById("batch");

  // A confirmation that the server rendered open is not modal yet. Cancel closes it, without a reload.
  const confirmation = document.getElementById("batch-confirm");
  if (confirmation) {
    confirmation.close();
    confirmation.showModal();
    confirmation.querySelector("[data-closes]").addEventListener("click", (event) => event.preventDefault());
    confirmation.addEventListener("close", () => history.replaceState(null, "", batch.dataset.address));
  }

  const show = (html) => {
    const fresh = parseFragment(html).getElementById("batch");
    replaceParts(fresh);
    const { said } = fresh.dataset;
    if (said && said !== batch.dataset.said) announce(said);
    batch.dataset.said = said;
  };

  const refresh = coalesce(async () => {
    const html = await fetchFragment(batch.dataset.address);
    if (html) show(html);
  });

  // Ticking a row, or typing its number, selects that way of choosing.
  document.addEventListener("input", ({ target }) => {
    const choose = { row: "ticked", part: "part" }[target.name];
    const radio = choose && document.querySelector(`input[name=choose][value=${choose}]`);
    if (radio) radio.checked = true;
  });

  connectStream({
    url: "/api/events",
    onEvent: (name, data) => {
      if (name === "batch" && String(data.batchId) === batch.dataset.batch) refresh();
      // An e-mail was sent, or failed.
      if (name === "interview" && document.querySelector(`[data-interview="${CSS.escape(data.interviewId)}"]`)) refresh();
    },
    onSync: refresh,
    onState: showLive,
    onClock: (now) => serverClock.hear(now),
  });
})();
