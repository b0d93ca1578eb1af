// HTTP: routes, status codes, JSON in and out.

import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';

import { Bookings, Conflict, Invalid, KeyReused } from './bookings.js';

const ROOMS = JSON.parse(readFileSync(new URL('../data/rooms.json', import.meta.url), 'utf8'));
const MAX_BODY = 10 * 1024;

class TooLarge extends Error {}

function answer(response, status, body, headers = {}) {
  response.writeHead(status, { 'Content-Type': 'application/json', ...headers });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}

function fail(response, status, message, field = null, headers = {}) {
  answer(response, status, { error: { field, message } }, headers);
}

function failWith(response, error) {
  if (error instanceof Invalid) fail(response, 400, error.message, error.field);
  else if (error instanceof Conflict) fail(response, 409, error.message);
  else if (error instanceof KeyReused) fail(response, 422, error.message);
  // What is still being sent is not read: the connection ends.
  else if (error instanceof TooLarge) fail(response, 413, error.message, null, { Connection: 'close' });
  else throw error;
}

async function readJson(request) {
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size <= MAX_BODY) chunks.push(chunk);
  }
  if (size > MAX_BODY) throw new TooLarge(`At most ${MAX_BODY} bytes.`);
  try {
    return JSON.parse(Buffer.concat(chunks).toString());
  } catch {
    throw new Invalid(null, 'This is not JSON.');
  }
}

const asJson = (booking) => ({
  ...booking,
  start: new Date(booking.start).toISOString(),
  end: new Date(booking.end).toISOString(),
});

async function handle(bookings, rooms, request, response) {
  const { pathname, searchParams } = new URL(request.url, 'http://localhost');
  const route = `${request.method} ${pathname}`;

  if (route === 'GET /rooms') {
    answer(response, 200, rooms);
  } else if (route === 'POST /bookings') {
    const body = await readJson(request);
    const { booking, isNew } = bookings.add(body, request.headers['idempotency-key']);
    answer(response, isNew ? 201 : 200, asJson(booking));
  } else if (route === 'GET /bookings') {
    const query = (name) => searchParams.get(name);
    const { items, next } = bookings.list({
      room: query('room'),
      from: query('from'),
      to: query('to'),
      limit: query('limit'),
      cursor: query('cursor'),
    });
    answer(response, 200, { items: items.map(asJson), next });
  } else if (request.method === 'DELETE' && pathname.startsWith('/bookings/')) {
    if (bookings.cancel(pathname.slice('/bookings/'.length))) {
      response.writeHead(204);
      response.end();
    } else {
      fail(response, 404, 'There is no such booking.');
    }
  } else {
    fail(response, 404, 'There is nothing here.');
  }
}

export function makeServer(rooms = ROOMS) {
  const bookings = new Bookings(rooms);
  return createServer((request, response) => {
    handle(bookings, rooms, request, response).catch((error) => failWith(response, error));
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const port = Number(process.env.PORT ?? 3000);
  makeServer().listen(port, '127.0.0.1', () => {
    console.log(`Room booking on http://127.0.0.1:${port}`);
  });
}
