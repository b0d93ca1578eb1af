/*
 * Values that the invitation forms fill in and calculate.
 *
 *   input[data-viewer-zone]   gets the viewer's time zone
 *   input[data-offset]        gets the offset that the browser sees at the form's local time
 *   [data-total]              shows the duration with its allowance
 *   [data-durations]          the usual duration of each challenge, copied into the form
 *   [name=send_email]         is ticked once the field of the address is filled in, or a file with
 *                             a column of addresses is chosen
 */
(() => {
  "use strict";

  const CUSTOM = "custom";

  const inWords = (minutes) => {
    const hours = Math.floor(minutes / 60);
    const rest = minutes % 60;
    const parts = [
      hours && interpolate(gettext("%(n)s h"), { n: hours }, true),
      (rest || !hours) && interpolate(gettext("%(n)s min"), { n: rest }, true),
    ];
    return parts.filter(Boolean).join(" ");
  };

  // "25%", in German "25 %" with a narrow space, as on the server.
  const share = new Intl.NumberFormat(pageLocale, { style: "percent" });
  const inPercent = (count) => share.format(count / 100).replace("\u00a0", "\u202f");

  // A whole number as it would be sent, or NaN.
  const chosen = (form, name, other) => {
    const { value } = form.elements[name];
    const text = value === CUSTOM ? form.elements[other].value : value;
    return /^\d+$/.test(text) ? Number(text) : NaN;
  };

  const showTotal = (form) => {
    const total = form.querySelector("[data-total]");
    if (!total) return;
    const minutes = chosen(form, "duration_minutes", "custom_minutes");
    const percent = chosen(form, "allowance_percent", "custom_percent");
    const isGiven = minutes > 0 && percent > 0;
    total.hidden = !isGiven;
    if (!isGiven) return;
    // Whole minutes, rounded up, as on the server.
    const sum = Math.ceil((minutes * (100 + percent)) / 100);
    total.textContent = `${inWords(minutes)} + ${inPercent(percent)} = ${inWords(sum)}`;
  };

  // The challenge's duration, unless another one was chosen.
  const showUsual = (form) => {
    const { challenge, duration_minutes: duration, custom_minutes: custom } = form.elements;
    const usual = JSON.parse(challenge.dataset.durations)[challenge.value];
    if (!usual || duration.dataset.chosen) return;
    const isOffered = [...duration.options].some((option) => option.value === String(usual));
    duration.value = isOffered ? String(usual) : CUSTOM;
    custom.value = isOffered ? "" : String(usual);
  };

  // Minutes from UTC of a zone at an instant, by the browser's own time zone data.
  const offsetAt = (ms, zone) => {
    const format = new Intl.DateTimeFormat("en-US", {
      timeZone: zone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric",
      hour: "numeric", minute: "numeric", second: "numeric",
    });
    const part = Object.fromEntries(format.formatToParts(ms).map(({ type, value }) => [type, value]));
    const local = Date.UTC(part.year, part.month - 1, part.day, part.hour, part.minute, part.second);
    return Math.round((local - ms) / 60_000);
  };

  // The offsets that a local time may have: two if it comes twice, none if it is skipped.
  const offsetsOf = (local, zone) => {
    const ms = Date.parse(`${local}Z`);
    const around = [-1, 1].map((days) => offsetAt(ms + days * 86_400_000, zone));
    return [...new Set(around)].filter((minutes) => offsetAt(ms - minutes * 60_000, zone) === minutes);
  };

  // The zone of a name, or of a city, as the server finds it among those that the page offers.
  const zoneNamed = (text) => {
    const name = text.trim().replaceAll(" ", "_").toLowerCase();
    const offered = [...document.querySelectorAll("#zones option, #ask-zones option")].map((option) => option.value);
    return (
      offered.find((zone) => zone.toLowerCase() === name) ??
      offered.find((zone) => zone.toLowerCase().endsWith(`/${name}`)) ??
      text.trim()
    );
  };

  // The server asks which time is meant if its zone data differs from the browser's.
  const showOffset = (form) => {
    const field = form.querySelector("input[data-offset]");
    if (!field) return;
    try {
      field.value = offsetsOf(form.elements.at.value, zoneNamed(form.elements.zone.value)).join(",");
    } catch {
      // No time yet, or a zone that this browser does not know.
      field.value = "";
    }
  };

  const prepare = (root) => {
    const zone = root.querySelector("input[data-viewer-zone]");
    if (zone) {
      zone.value = viewerZone;
      zone.removeAttribute("data-viewer-zone");
    }
    for (const form of root.querySelectorAll("form")) {
      showTotal(form);
      showOffset(form);
    }
  };

  prepare(document);
  document.addEventListener("htmx:afterSwap", ({ detail }) => prepare(detail.target));
  // A browser suggests only zones that match the field's text: select it, so that typing replaces it.
  document.addEventListener("focusin", ({ target }) => {
    if (target.matches("input[list$=zones]")) target.select();
  });
  // An address is typed to write to it, unless somebody decides otherwise.
  const tickEmail = ({ elements: { candidate_email: address, send_email: box } }) => {
    if (box && !box.dataset.chosen) box.checked = address.value.trim() !== "";
  };
  // As is a file with a column of addresses.
  const tickEmailOfFile = async ({ files: [file], form }) => {
    const box = form.elements.send_email;
    if (!file || !box || box.disabled || box.dataset.chosen) return;
    const [names] = (await file.slice(0, 4096).text()).split("\n", 1);
    if (!box.dataset.chosen) box.checked = /e-?mail/i.test(names);
  };
  document.addEventListener("change", ({ target }) => {
    if (target.name === "send_email") target.dataset.chosen = "yes";
    if (target.type === "file" && target.form) tickEmailOfFile(target);
  });
  document.addEventListener("input", ({ target }) => {
    if (target.name === "candidate_email" && target.form?.elements.send_email) tickEmail(target.form);
    if (target.name === "duration_minutes" || target.name === "custom_minutes") {
      target.form.elements.duration_minutes.dataset.chosen = "yes";
    }
    if (target.matches("[data-durations]")) showUsual(target.form);
    if (target.form) {
      showTotal(target.form);
      showOffset(target.form);
    }
  });
})();
