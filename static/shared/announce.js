/*
 * Announcements for screen readers, the live badge, and the notice that a request failed.
 *
 *   announce("Password copied.");      read out when the screen reader is idle
 *   announce("Two minutes left.", true);       read out at once
 *   notice("We couldn't reach the server.");  visible, and read out
 *   showLive("live" | "reconnecting" | "crowded");   for every [data-live] badge
 */
(() => {
  "use strict";

  const LIVE_TEXTS = {
    live: gettext("Live"),
    reconnecting: gettext("Reconnecting…"),
    crowded: gettext("Too many open pages. Close some: this one updates about once a minute."),
  };
  const UNREACHED = gettext(
    "We couldn't reach the server. Nothing is lost. Try again in a moment.",
  );

  window.announce = (text, now = false) => {
    const region = document.getElementById(now ? "spoken-now" : "spoken");
    // Screen readers repeat a text only if the region was empty in between.
    region.textContent = "";
    setTimeout(() => {
      region.textContent = text;
    }, 50);
  };

  window.notice = (text) => {
    const box = document.getElementById("notice");
    // Below an open dialog, the notice could be neither read nor dismissed.
    for (const dialog of document.querySelectorAll("dialog:modal")) dialog.close();
    box.querySelector("p").textContent = text;
    box.hidden = false;
    announce(text);
  };

  const closeNotice = () => {
    document.getElementById("notice").hidden = true;
  };

  window.showLive = (state) => {
    // The connection is back.
    if (state === "live") closeNotice();
    for (const badge of document.querySelectorAll("[data-live]")) {
      badge.hidden = false;
      badge.dataset.live = state;
      badge.querySelector("[data-live-text]").textContent = LIVE_TEXTS[state];
    }
  };

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-notice-close]")) closeNotice();
  });
  document.addEventListener("htmx:beforeRequest", closeNotice);
  for (const failure of ["htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(failure, () => notice(UNREACHED));
  }
  document.addEventListener("htmx:responseError", ({ detail }) => {
    // Signed out, or the session is gone: the reloaded page tells what to do.
    if ([401, 403, 404].includes(detail.xhr.status)) location.reload();
    // Only for 413 does the response say more: how large the form may be.
    else notice(detail.xhr.status === 413 ? detail.xhr.responseText : UNREACHED);
  });
})();
