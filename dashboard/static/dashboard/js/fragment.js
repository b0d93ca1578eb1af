/*
 * fetchFragment(url) fetches a piece of HTML as htmx does, or returns "" for a 404. It throws if the
 * server is unreachable, or if it redirects to the sign-in.
 *
 * parseFragment(html) parses it, with its times formatted as on this page.
 */
(() => {
  "use strict";

  window.fetchFragment = async (url) => {
    const headers = { "HX-Request": "true", "HX-Current-URL": location.href };
    const response = await fetch(url, { headers, signal: AbortSignal.timeout(20_000) });
    const elsewhere = response.headers.get("HX-Redirect");
    if (elsewhere) {
      location.assign(elsewhere);
      // Not "": callers would take that for a deleted page.
      throw new Error(`${url} leads to ${elsewhere}`);
    }
    if (response.status === 404) return "";
    if (!response.ok) throw new Error(`${url} answered ${response.status}`);
    return response.text();
  };

  window.parseFragment = (html) => {
    const template = document.createElement("template");
    template.innerHTML = html;
    formatShortTimes(template.content);
    return template.content;
  };
})();
