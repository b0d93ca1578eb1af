// The rules: what may be booked, and what is booked.

import { randomUUID } from 'node:crypto';

const MAX_HOURS = 8;
const HOUR = 60 * 60 * 1000;
const TIME = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})(:(\d{2})(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})$/;
const MAX_LIMIT = 100;
const DEFAULT_LIMIT = 50;

export class Conflict extends Error {}

export class KeyReused extends Error {}

export class Invalid extends Error {
  constructor(field, message) {
    super(message);
    this.field = field;
  }
}

// Milliseconds since 1970 of a time with an offset. `Date` would take the 31st of February.
export function readTime(value, field) {
  const match = typeof value === 'string' ? TIME.exec(value) : null;
  const at = match ? Date.parse(value) : NaN;
  if (Number.isNaN(at)) throw new Invalid(field, `${field} must be a time with an offset.`);
  const [year, month, day] = match.slice(1, 4).map(Number);
  if (day > new Date(Date.UTC(year, month, 0)).getUTCDate()) {
    throw new Invalid(field, `${field} is a day that does not exist.`);
  }
  return at;
}

export class Bookings {
  constructor(rooms) {
    this.rooms = rooms;
    this.all = [];
    this.keys = new Map();
  }

  // Returns the booking, and whether it is new: a retry with its key gets the first one again.
  add(body, key) {
    const known = key === undefined ? undefined : this.keys.get(key);
    if (known) {
      if (known.body !== canonical(body)) throw new KeyReused('This key was used for another booking.');
      return { booking: known.booking, isNew: false };
    }
    const booking = this.#check(body);
    const other = this.all.find((each) => each.room === booking.room && overlap(each, booking.start, booking.end));
    if (other) throw new Conflict(`${booking.room} is taken by "${other.title}".`);
    this.all.push(booking);
    if (key !== undefined) this.keys.set(key, { body: canonical(body), booking });
    return { booking, isNew: true };
  }

  cancel(id) {
    const place = this.all.findIndex((each) => each.id === id);
    if (place < 0) return false;
    this.all.splice(place, 1);
    return true;
  }

  list({ room = null, from = null, to = null, limit = null, cursor = null }) {
    const begin = from === null ? -Infinity : readTime(from, 'from');
    const end = to === null ? Infinity : readTime(to, 'to');
    const most = readLimit(limit);
    const after = readCursor(cursor);
    const found = this.all
      .filter((each) => (room === null || each.room === room) && overlap(each, begin, end))
      .filter((each) => after === null || compare(each, after) > 0)
      .sort(compare);
    const items = found.slice(0, most);
    return { items, next: found.length > most ? cursorOf(items.at(-1)) : null };
  }

  #check(body) {
    if (typeof body !== 'object' || body === null || Array.isArray(body)) {
      throw new Invalid(null, 'A booking is a JSON object.');
    }
    const room = this.rooms.find((known) => known.id === body.room);
    if (!room) throw new Invalid('room', 'There is no such room.');
    const { title, attendees } = body;
    if (typeof title !== 'string' || !title.trim()) throw new Invalid('title', 'A booking needs a title.');
    if (!Number.isInteger(attendees) || attendees < 1 || attendees > room.seats) {
      throw new Invalid('attendees', `${room.id} has ${room.seats} seats.`);
    }
    const start = readTime(body.start, 'start');
    const end = readTime(body.end, 'end');
    if (end <= start) throw new Invalid('end', 'The end must be after the start.');
    if (end - start > MAX_HOURS * HOUR) throw new Invalid('end', `At most ${MAX_HOURS} hours.`);
    return { id: randomUUID(), room: room.id, title, attendees, start, end };
  }
}

const overlap = (booking, start, end) => booking.start < end && start < booking.end;

const compare = (one, other) => one.start - other.start || (one.id < other.id ? -1 : Number(one.id > other.id));

// The same for two bodies that differ in the order of their fields alone.
function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Object.keys(value).sort().map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`);
  return `{${fields.join()}}`;
}

function readLimit(text) {
  if (text === null) return DEFAULT_LIMIT;
  if (!/^[1-9]\d{0,2}$/.test(text) || Number(text) > MAX_LIMIT) {
    throw new Invalid('limit', `limit must be 1 to ${MAX_LIMIT}.`);
  }
  return Number(text);
}

// A cursor says after which booking to go on, whether that is still there or not.
const cursorOf = ({ start, id }) => Buffer.from(JSON.stringify([start, id])).toString('base64url');

function readCursor(text) {
  if (text === null) return null;
  try {
    const [start, id] = JSON.parse(Buffer.from(text, 'base64url').toString());
    if (Number.isFinite(start) && typeof id === 'string') return { start, id };
  } catch {
    // It is none, as below.
  }
  throw new Invalid('cursor', 'This cursor is not one of ours.');
}
