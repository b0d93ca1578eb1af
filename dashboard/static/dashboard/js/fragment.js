/*
 * fetchFragment(url) fetches a piece of HTML as htmx would; "" when it is not there. It throws when the
 * server is away, and where it leads to the sign-in because the answer says so.
 *
 * parseFragment(html) is what it holds, with its times as this page shows them.
 */
(() => {
  "use strict";

  window.fetchFragment = async (url) => {
    const headers = { "HX-Request": "true", "HX-Current-URL": location.href };
    const response = await fetch(url, { headers, signal: AbortSignal.timeout(20_000) });
    const elsewhere = response.headers.get("HX-Redirect");
    if (elsewhere) {
      location.assign(elsewhere);
      // Not "": whoever takes that for gone would lead to another page, or say that it was deleted.
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
