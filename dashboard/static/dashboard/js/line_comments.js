/*
 * A file of a submission: a comment on it, or on a line of it, is written where it belongs, and goes to
 * one's own draft. A half-written one is saved when the page is left, as a draft is.
 *
 * Also the choice whether long lines wrap: on a narrow screen they do by default.
 */
(() => {
  "use strict";

  const WRAP_KEY = "wrap-lines";

  const wrap = document.getElementById("wrap-lines");
  if (wrap) {
    const chosen = localStorage.getItem(WRAP_KEY);
    wrap.checked = chosen ? chosen === "yes" : matchMedia("(max-width: 40rem)").matches;
    wrap.addEventListener("change", () => localStorage.setItem(WRAP_KEY, wrap.checked ? "yes" : "no"));
    // The line that the address names was elsewhere before.
    if (wrap.checked) document.querySelector("tr:target, tr:has(:target)")?.scrollIntoView();
  }

  const template = document.getElementById("comment-composer");
  if (!template) return;
  const { url, path, channel, saved, failed } = template.dataset;
  const drafts = new BroadcastChannel(channel);
  const status = document.createElement("p");
  status.className = "visually-hidden";
  status.setAttribute("role", "status");
  document.querySelector("main").append(status);

  const textOf = (composer) => composer.querySelector("textarea").value.trim();

  const send = (composer, options = {}) => {
    const body = new FormData();
    body.set("csrfmiddlewaretoken", composer.querySelector("[name=csrfmiddlewaretoken]").value);
    body.set("where", composer.dataset.where);
    body.set("text", textOf(composer));
    return fetch(url, { method: "POST", body, ...options });
  };

  const close = (composer) => {
    const row = composer.closest("tr");
    const button = row?.previousElementSibling.querySelector(".number a") ?? document.querySelector("[data-comment-file]");
    composer.remove();
    if (row && !row.querySelector(".line-comment")) row.remove();
    // Not the button itself: it is hidden until its line has the focus.
    button.focus();
  };

  const save = async (composer) => {
    const [field, error, button] = ["textarea", "[data-error]", "[data-save]"].map((each) => composer.querySelector(each));
    error.hidden = true;
    button.disabled = true;
    let answer = { error: failed };
    try {
      const response = await send(composer);
      // A redirect leads to the sign-in.
      if (!response.redirected) answer = await response.json();
    } catch {
      // It says that it isn't saved.
    }
    button.disabled = false;
    if (answer.error) {
      error.textContent = answer.error;
      error.hidden = false;
      field.focus();
      return;
    }
    drafts.postMessage({ version: answer.version, text: answer.text, where: answer.where });
    composer.previousElementSibling.insertAdjacentHTML("beforeend", answer.html);
    close(composer);
    status.textContent = saved;
  };

  /* Open a composer after the list of comments in this element. */
  const open = (parent, where) => {
    let composer = parent.querySelector(".line-composer");
    if (!composer) {
      parent.append(template.content.cloneNode(true));
      composer = parent.lastElementChild;
      composer.dataset.where = where;
      composer.querySelector("[data-where]").textContent = where;
    }
    composer.querySelector("textarea").focus();
  };

  const cellBelow = (row) => {
    if (row.nextElementSibling?.matches(".line-comments")) return row.nextElementSibling.firstElementChild;
    const below = document.createElement("tr");
    below.className = "line-comments";
    const cell = below.insertCell();
    cell.colSpan = row.cells.length;
    const list = document.createElement("ul");
    list.className = "line-comment-list";
    cell.append(list);
    row.after(below);
    return cell;
  };

  document.addEventListener("click", (event) => {
    const composer = event.target.closest(".line-composer");
    const line = event.target.closest(".line-add");
    if (line) open(cellBelow(line.closest("tr")), `${path}:${line.value}`);
    else if (event.target.closest("[data-comment-file]")) open(document.querySelector("[data-file-comments]"), path);
    else if (composer && event.target.closest("[data-save]")) save(composer);
    else if (composer && event.target.closest("[data-cancel]")) close(composer);
    else return;
    event.preventDefault();
  });

  document.addEventListener("keydown", (event) => {
    const composer = event.target.closest(".line-composer");
    if (!composer) return;
    if (event.key === "Escape" && !textOf(composer)) close(composer);
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) save(composer);
  });

  window.addEventListener("pagehide", () => {
    for (const composer of document.querySelectorAll(".line-composer")) {
      if (textOf(composer)) send(composer, { keepalive: true });
      composer.remove();
    }
  });
})();
