// Reads calendar entries with ical.js: a JSON list of .ics texts on stdin, a JSON list on stdout.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const { default: ICAL } = await import(
  pathToFileURL(createRequire(`${process.cwd()}/`).resolve("ical.js")).href
);

const read = (text) => {
  const calendar = new ICAL.Component(ICAL.parse(text));
  const [component, ...others] = calendar.getAllSubcomponents("vevent");
  if (others.length) throw new Error("more than one event");
  const event = new ICAL.Event(component, { strictExceptions: true });
  return {
    method: calendar.getFirstPropertyValue("method"),
    uid: event.uid,
    sequence: event.sequence,
    status: component.getFirstPropertyValue("status"),
    summary: event.summary,
    start: event.startDate.toJSDate().toISOString(),
    end: event.endDate.toJSDate().toISOString(),
    organizer: event.organizer,
    attendees: event.attendees.map((each) => each.getFirstValue()),
    alarms: component.getAllSubcomponents("valarm").length,
  };
};

const texts = JSON.parse(readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(texts.map(read)));
