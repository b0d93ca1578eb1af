// The rules: what may be booked, and what is booked.

import { randomUUID } from 'node:crypto';

export class Conflict extends Error {}

export class Invalid extends Error {
  constructor(field, message) {
    super(message);
    this.field = field;
  }
}

export class Bookings {
  constructor(rooms) {
    this.rooms = rooms;
    this.all = [];
  }

  add({ room, title, attendees, start, end }) {
    if (!this.rooms.find((known) => known.id === room)) {
      throw new Invalid('room', `There is no room ${room}.`);
    }
    if (!title) {
      throw new Invalid('title', 'A booking needs a title.');
    }
    for (const other of this.all) {
      if (other.room === room && start >= other.start && start <= other.end) {
        throw new Conflict(`${room} is taken by "${other.title}".`);
      }
    }
    const booking = { id: randomUUID(), room, title, attendees, start, end };
    this.all.push(booking);
    return booking;
  }

  list() {
    return { items: this.all, next: null };
  }
}
