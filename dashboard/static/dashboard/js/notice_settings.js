/*
 * Which notices this browser shows: kept in its localStorage, as the permission is the browser's too.
 * It is asked for at the click that turns notices on, and never before. notices.js shows them.
 */
(() => {
  "use strict";

  const section = document.querySelector("[data-browser-notices]");
  if (!section || !("Notification" in window)) return;

  const KEY = "notices";
  const events = [...section.querySelectorAll("[data-notice-event]")];
  const own = section.querySelector("[data-notice-own]");
  const turnOn = section.querySelector("[data-notices-on]");
  const turnOff = section.querySelector("[data-notices-off]");
  const blocked = section.querySelector("[data-notices-blocked]");
  const stored = JSON.parse(localStorage.getItem(KEY) || "null");
  let isOn = Boolean(stored && stored.isOn) && Notification.permission === "granted";

  const save = () => {
    const chosen = events.filter((box) => box.checked).map((box) => box.value);
    localStorage.setItem(KEY, JSON.stringify({ isOn, events: chosen, onlyOwn: own.checked }));
  };
  const show = () => {
    turnOn.hidden = isOn;
    turnOff.hidden = !isOn;
    blocked.hidden = Notification.permission !== "denied";
  };

  for (const box of events) box.checked = stored ? stored.events.includes(box.value) : true;
  own.checked = stored ? stored.onlyOwn : true;
  section.hidden = false;
  show();

  section.addEventListener("change", save);
  turnOn.addEventListener("click", async () => {
    isOn = (await Notification.requestPermission()) === "granted";
    save();
    show();
    if (isOn) announce(gettext("Notices are on in this browser."));
  });
  turnOff.addEventListener("click", () => {
    isOn = false;
    save();
    show();
    announce(gettext("Notices are off in this browser."));
  });
})();
