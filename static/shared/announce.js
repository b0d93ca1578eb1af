/*
 * What scripts say aloud, the live badge, and the notice when a request came to nothing.
 *
 *   announce("The password was copied.");      read out when the reader is free
 *   announce("Two minutes left.", true);       read out at once
 *   notice("We could not reach the server.");  seen and read out
 *   showLive("live" | "reconnecting");         for every [data-live] badge
 */
(() => {
  "use strict";

  const LIVE_TEXTS = {
    live: "Live",
    reconnecting: "Reconnecting…",
  };
  const UNREACHED = "We could not reach the server. Nothing is lost; please try again in a moment.";

  window.announce = (text, now = false) => {
    const region = document.getElementById(now ? "spoken-now" : "spoken");
    // The same words twice are only read out twice when the region was empty in between.
    region.textContent = "";
    setTimeout(() => {
      region.textContent = text;
    }, 50);
  };

  window.notice = (text) => {
    const box = document.getElementById("notice");
    // Below an open dialog it could be neither read nor dismissed.
    for (const dialog of document.querySelectorAll("dialog:modal")) dialog.close();
    box.querySelector("p").textContent = text;
    box.hidden = false;
    announce(text);
  };

  const closeNotice = () => {
    document.getElementById("notice").hidden = true;
  };

  window.showLive = (state) => {
    // Whatever was out of reach is back.
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
    // Signed out, or the page's cookie is gone: a fresh page says what to do.
    if ([401, 403, 404].includes(detail.xhr.status)) location.reload();
    else notice(UNREACHED);
  });
})();
