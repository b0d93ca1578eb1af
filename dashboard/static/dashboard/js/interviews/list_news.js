/*
 * What left a list, above it: a line for each of the last few, and how many there were besides.
 *
 *   listNews.tell(id, line)   this interview left the list: what became of it, and where it is now
 *   listNews.count(n)         so many left it at once, each without a line of its own
 */
(() => {
  "use strict";

  const MOST_LINES = 5;

  const news = document.getElementById("news");
  const lines = news.querySelector("ul");
  const rest = news.querySelector("[data-news-rest]");
  let uncounted = 0;

  const show = () => {
    while (lines.children.length > MOST_LINES) {
      lines.lastElementChild.remove();
      uncounted += 1;
    }
    const words = ngettext("%(n)s more left this list.", "%(n)s more left this list.", uncounted);
    const alone = ngettext("%(n)s left this list.", "%(n)s left this list.", uncounted);
    rest.querySelector("span").textContent = interpolate(lines.children.length ? words : alone, { n: uncounted }, true);
    rest.hidden = uncounted === 0;
    news.hidden = false;
  };

  const tell = (id, line) => {
    // One that came back, and left again.
    [...lines.children].find((each) => each.dataset.interview === id)?.remove();
    const item = document.createElement("li");
    item.dataset.interview = id;
    item.append(...line.childNodes);
    lines.prepend(item);
    show();
    announce(item.textContent.trim());
  };

  const count = (n) => {
    if (n === 0) return;
    uncounted += n;
    show();
    announce(rest.querySelector("span").textContent);
  };

  news.querySelector("button").addEventListener("click", () => {
    uncounted = 0;
    lines.replaceChildren();
    news.hidden = true;
    document.getElementById("title").focus();
  });

  window.listNews = { tell, count };
})();
