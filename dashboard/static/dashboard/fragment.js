/*
 * fragment(url) fetches a piece of HTML as htmx would; "" when it is not there. It throws when the
 * server is away, and leads to the sign-in when that is what the answer says.
 *
 * elements(html) is what it holds, with its times as this page shows them.
 *
 * gathered(look) is to be called whenever something may have changed: it looks once for all calls
 * within a moment, once more for what came while it was looking, and later where that failed.
 */
(() => {
  "use strict";

  window.fragment = async (url) => {
    const headers = { "HX-Request": "true", "HX-Current-URL": location.href };
    const response = await fetch(url, { headers, signal: AbortSignal.timeout(20_000) });
    const elsewhere = response.headers.get("HX-Redirect");
    if (elsewhere) location.assign(elsewhere);
    if (elsewhere || response.status === 404) return "";
    if (!response.ok) throw new Error(`${url} answered ${response.status}`);
    return response.text();
  };

  const GATHER_MS = 300;
  const FIRST_RETRY_MS = 2_000;
  const LONGEST_RETRY_MS = 30_000;

  window.gathered = (look) => {
    let timer = null;
    let busy = false;
    let again = false;
    let failures = 0;

    const work = async () => {
      timer = null;
      if (busy) {
        again = true;
        return;
      }
      busy = true;
      again = false;
      try {
        await look();
        failures = 0;
      } catch {
        const longest = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** failures);
        failures += 1;
        timer ??= setTimeout(work, longest * (0.5 + Math.random() / 2));
      }
      busy = false;
      if (again) ask();
    };

    const ask = () => {
      timer ??= setTimeout(work, GATHER_MS);
    };
    return ask;
  };

  window.elements = (html) => {
    const template = document.createElement("template");
    template.innerHTML = html;
    showTimes(template.content);
    return template.content;
  };
})();
