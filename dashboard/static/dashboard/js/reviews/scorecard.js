/*
 * One's own scorecard: it is saved as a draft a moment after each change, and when the page is left.
 *
 * Saves follow each other, as each names the version that it is made from. If another tab saved first,
 * the server refuses, and the person chooses.
 */
(() => {
  "use strict";

  const SAVE_AFTER_MS = 1_000;
  const RETRY_MS = 5_000;
  // A browser refuses a request that may outlive its page if its body has more than 64 KiB.
  const MAX_KEPT_BYTES = 60_000;
  const BYTES_AROUND_A_FIELD = 150;

  const form = document.getElementById("scorecard");
  if (!form) return;
  const said = form.querySelector("[data-saved]");
  const conflict = form.querySelector("[data-conflict]");

  let timer = null;
  let isDirty = false;
  let running = null; // the save that is under way
  let isAgain = false; // something was typed while it was
  let isLeaving = false; // a button sends the form itself

  const say = (text, isBad = false) => {
    said.textContent = text;
    said.classList.toggle("is-bad", isBad);
    if (isBad) announce(text, true);
  };

  const timeOf = (at) => at.toLocaleTimeString(pageLocale, clockFormat);

  // What was said of a place that is another one now.
  const dropNotes = (row) => {
    row.querySelector("[name=comment_where]").removeAttribute("aria-invalid");
    for (const stale of row.querySelectorAll("[data-wrong-place], .comment-place")) stale.remove();
  };

  // What is saved of them, but isn't in the submission.
  const showWrongPlaces = (wrong) => {
    for (const row of form.querySelectorAll(".comment")) {
      const place = row.querySelector("[name=comment_where]");
      const problem = wrong[place.value.trim()];
      if (!problem || row.querySelector("[data-wrong-place]")?.textContent === problem) continue;
      dropNotes(row);
      const message = document.createElement("p");
      message.className = "field-error";
      message.dataset.wrongPlace = "";
      message.textContent = problem;
      place.closest(".field").append(message);
      place.setAttribute("aria-invalid", "true");
      announce(problem);
    }
  };

  const show = async (response) => {
    const answer = await response.json();
    if (response.ok) {
      form.elements.version.value = answer.version;
      showWrongPlaces(answer.wrongPlaces ?? {});
      // From now on the person is a reviewer with a draft, which the rest of the page says.
      if (answer.version === 1) form.dispatchEvent(new Event("firstdraft"));
      const time = timeOf(new Date(answer.savedAt));
      if (!answer.errors?.length) {
        say(interpolate(gettext("Draft saved %(time)s"), { time }, true));
        return;
      }
      isDirty = true;
      const text = gettext("Draft saved %(time)s, but for this: %(errors)s");
      say(interpolate(text, { time, errors: answer.errors.join(" ") }, true), true);
      return;
    }
    isDirty = true;
    if (answer.version !== undefined) {
      conflict.dataset.version = answer.version;
      conflict.hidden = false;
      say(gettext("Not saved."), true);
    } else {
      say(`${gettext("Not saved.")} ${answer.errors.join(" ")}`, true);
    }
  };

  // A line break is sent as two characters.
  const bytesOf = (text) => new TextEncoder().encode(text.replaceAll(/\r?\n/g, "\r\n")).length;

  const fits = (data) =>
    [...data].reduce((sum, [name, value]) => sum + bytesOf(name + value) + BYTES_AROUND_A_FIELD, 0) <= MAX_KEPT_BYTES;

  const send = async () => {
    try {
      const body = new FormData(form);
      // It goes on when the page is closed.
      const response = await fetch(form.dataset.draft, { method: "POST", body, keepalive: fits(body) });
      if (response.redirected || [401, 403].includes(response.status)) throw new Error("signed out");
      await show(response);
    } catch {
      isDirty = true;
      say(gettext("Not saved. Trying again…"), true);
      timer ??= setTimeout(save, RETRY_MS);
    }
  };

  const save = async () => {
    clearTimeout(timer);
    timer = null;
    if (running || isLeaving || !conflict.hidden) return;
    isDirty = false;
    say(gettext("Saving…"));
    running = send();
    await running;
    running = null;
    // Something was typed meanwhile.
    if (isAgain) changed();
  };

  const changed = () => {
    isDirty = true;
    isAgain = running !== null;
    if (isAgain) return;
    clearTimeout(timer);
    timer = setTimeout(save, SAVE_AFTER_MS);
  };

  form.addEventListener("input", ({ target }) => {
    if (target.name === "comment_where") dropNotes(target.closest(".comment"));
    changed();
  });

  const addComment = () => {
    const list = form.querySelector("[data-comments]");
    list.append(form.querySelector("[data-comment-empty]").content.cloneNode(true));
    return list.lastElementChild;
  };

  // A comment that was added at a line, in another tab. Between two versions that this one does not
  // know there may be other changes, which the next save is told of.
  new BroadcastChannel(`review-${form.dataset.interview}`).addEventListener("message", async ({ data }) => {
    await running;
    if (data.version !== Number(form.elements.version.value) + 1) return;
    const row = addComment();
    row.querySelector("[name=comment_text]").value = data.text;
    row.querySelector("[name=comment_where]").value = data.where;
    form.elements.version.value = data.version;
    if (data.version === 1) form.dispatchEvent(new Event("firstdraft"));
  });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden && isDirty) save();
  });
  window.addEventListener("pagehide", () => {
    if (isDirty) save();
  });

  // The save of a long review ends with the page, so the browser asks before it closes it.
  window.addEventListener("beforeunload", (event) => {
    if ((isDirty || running) && !isLeaving && !fits(new FormData(form))) event.preventDefault();
  });

  // A button sends what is there, from the version that the last draft has.
  form.addEventListener("submit", async (event) => {
    clearTimeout(timer);
    isDirty = false;
    if (!running) {
      isLeaving = true;
      return;
    }
    event.preventDefault();
    const { submitter } = event;
    isLeaving = true;
    await running;
    running = null;
    form.requestSubmit(submitter);
  });

  form.addEventListener("click", ({ target }) => {
    const button = target.closest("button");
    if (!button) return;
    if (button.matches("[data-overwrite]")) {
      form.elements.version.value = conflict.dataset.version;
      conflict.hidden = true;
      save();
      document.getElementById("scorecard-title").focus();
    }
    if (button.matches("[data-reload]")) location.assign(location.href.split("#")[0]);
    if (button.matches("[data-comment-add]")) {
      addComment().querySelector("textarea").focus();
    }
    if (button.matches("[data-comment-remove]")) {
      const row = button.closest(".comment");
      (row.nextElementSibling ?? row.previousElementSibling)?.querySelector("textarea").focus();
      row.remove();
      changed();
    }
  });
})();
