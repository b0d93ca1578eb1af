/*
 * The form of a challenge: paths of an uploaded folder, size checks before the upload, names in a
 * zip, text fields added and removed, and the progress of the upload.
 */
(() => {
  "use strict";

  const MEGABYTE = 1024 * 1024;
  const MAX_FILE = 10 * MEGABYTE;
  const MAX_ALL = 100 * MEGABYTE;
  const MAX_FILES = 2_000;
  // Names in a sentence; the rest is counted.
  const MAX_NAMED = 6;
  // Less than the server takes for any request.
  const MAX_END = 900_000;
  // As in interviews/challenges/desktop_files.py. Whether a file "._x" is one of macOS, its content says.
  const DROPPED = /(^|\/)(\.git|__MACOSX|\.DS_Store|[Dd]esktop\.ini|(eh)?[Tt]humbs\.db)(\/|$)/;

  const form = () => document.getElementById("challenge-form");
  const folder = () => document.getElementById("id_folder");
  const files = () => document.getElementById("id_files");

  // Browsers that upload folders: send the files' paths as well.
  const begin = () => {
    const field = document.querySelector("[data-folder]");
    if (field && "webkitdirectory" in folder()) field.hidden = false;
  };

  const pathOf = (file) => file.webkitRelativePath || file.name;

  // Check the size before sending. A zip file is judged by its content, on the server.
  const problemOf = (chosen) => {
    const kept = chosen.filter((file) => !DROPPED.test(pathOf(file)));
    const isZip = kept.length === 1 && /\.zip$/i.test(kept[0].name);
    const large = kept.find((file) => file.size > MAX_FILE);
    if (large && !isZip) return interpolate(gettext("%(path)s is larger than 10 MB."), { path: pathOf(large) }, true);
    if (kept.length > MAX_FILES) return interpolate(gettext("You chose %(n)s files. A challenge can have up to 2,000."), { n: kept.length.toLocaleString(document.documentElement.lang) }, true);
    if (kept.reduce((sum, file) => sum + file.size, 0) > MAX_ALL) return gettext("The files are larger than 100 MB in total.");
    return "";
  };

  // The files that were not uploaded, and of a folder only its name.
  const partsOf = (dropped) => {
    const parts = new Set();
    for (const path of dropped.map(pathOf)) {
      const found = DROPPED.exec(path);
      parts.add(path.slice(0, found.index + found[0].length));
    }
    return [...parts];
  };

  const sayDropped = (dropped) => {
    const place = document.getElementById("folder_dropped");
    const parts = partsOf(dropped);
    const rest = parts.length - MAX_NAMED;
    const names = parts.slice(0, MAX_NAMED).join(", ");
    const n = rest.toLocaleString(document.documentElement.lang);
    place.hidden = parts.length === 0;
    if (rest > 0) place.textContent = interpolate(gettext("Left out: %(names)s and %(n)s more."), { names, n }, true);
    else place.textContent = names && interpolate(gettext("Left out: %(names)s."), { names }, true);
  };

  const say = (input, problem) => {
    const field = input.closest(".field");
    field.querySelector(".field-error")?.remove();
    if (problem) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
    if (!problem) return;
    const error = document.createElement("p");
    error.className = "field-error";
    error.textContent = problem;
    field.append(error);
    announce(problem, true);
  };

  // -- names in a zip -----------------------------------------------------------------------------

  // The end of a zip from its central directory on, by sections 4.3.12 and 4.3.16 of APPNOTE; null
  // if it cannot be found, or is too large to be sent by itself.
  const endOf = async (zip) => {
    const from = Math.max(0, zip.size - MAX_END);
    const end = new DataView(await zip.slice(from).arrayBuffer());
    for (let place = end.byteLength - 22; place >= 0; place--) {
      if (end.getUint32(place, true) !== 0x06054b50) continue;
      const start = place - end.getUint32(place + 12, true);
      return start < 0 ? null : zip.slice(from + start);
    }
    return null;
  };

  // Let the uploader choose how the names read before the whole zip is sent. If this fails, saving
  // asks.
  const askForNames = async (chosen) => {
    const place = document.getElementById("names");
    place.replaceChildren();
    if (chosen.length !== 1 || !/\.zip$/i.test(chosen[0].name)) return;
    try {
      const end = await endOf(chosen[0]);
      if (!end) return;
      const body = new FormData();
      body.append("csrfmiddlewaretoken", form().elements.csrfmiddlewaretoken.value);
      body.append("end", end, "end.zip");
      const response = await fetch(place.dataset.url, { method: "POST", body });
      const isCurrent = place.isConnected && files().files[0] === chosen[0];
      if (!response.ok || !isCurrent) return;
      place.innerHTML = await response.text();
      if (place.firstElementChild) announce(gettext("Check the file names in the zip."));
    } catch {
      // Offline, or the file was moved.
    }
  };

  document.addEventListener("change", ({ target }) => {
    if (target !== folder() && target !== files()) return;
    let chosen = [...target.files];
    if (target === folder()) {
      // Skip folders that the server drops: a repository's history may be large.
      const kept = new DataTransfer();
      const paths = [];
      for (const file of chosen.filter((each) => !DROPPED.test(pathOf(each)))) {
        kept.items.add(file);
        paths.push(pathOf(file));
      }
      sayDropped(chosen.filter((each) => DROPPED.test(pathOf(each))));
      document.getElementById("id_folder_paths").value = JSON.stringify(paths);
      if (kept.files.length !== chosen.length) target.files = kept.files;
      chosen = chosen.slice();
    }
    say(target, problemOf(chosen));
    askForNames(target === files() ? chosen : []);
  });

  document.addEventListener("htmx:confirm", (event) => {
    if (event.detail.elt !== form()) return;
    const wrong = form().querySelector("[type=file][aria-invalid]");
    if (!wrong) return;
    event.preventDefault();
    wrong.focus();
    announce(wrong.closest(".field").querySelector(".field-error")?.textContent ?? "", true);
  });

  // -- texts --------------------------------------------------------------------------------------

  const textOf = (path) =>
    [...document.querySelectorAll("[data-text-file] [name=text_path]")]
      .find((input) => input.value === path)?.closest("[data-text-file]").querySelector("textarea");

  document.addEventListener("htmx:beforeRequest", (event) => {
    const path = event.target.dataset?.edits;
    const open = path && textOf(path);
    if (!open) return;
    event.preventDefault();
    open.focus();
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-removes]");
    if (!button) return;
    const text = button.closest("[data-text-file]");
    const next = text.nextElementSibling ?? text.previousElementSibling;
    text.remove();
    (next?.querySelector("textarea, input:not([type=hidden])") ?? document.getElementById("title")).focus();
  });

  // -- sending ------------------------------------------------------------------------------------

  document.addEventListener("htmx:xhr:progress", ({ target, detail }) => {
    const bar = target === form() && form().querySelector(".upload-progress");
    if (!bar || !detail.lengthComputable || detail.total < MEGABYTE) return;
    bar.hidden = false;
    bar.value = (100 * detail.loaded) / detail.total;
  });

  document.addEventListener("htmx:afterSwap", ({ detail }) => {
    begin();
    if (detail.target.id !== "challenge-form") return;
    const said = form().querySelector(".conflict, .message-bad, [aria-invalid=true]");
    said?.focus();
    said?.scrollIntoView({ block: "center" });
  });
  begin();
})();
