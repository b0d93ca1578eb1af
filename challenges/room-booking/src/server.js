// HTTP: routes, status codes, JSON in and out.

import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';

import { Bookings, Conflict, Invalid } from './bookings.js';

const ROOMS = JSON.parse(readFileSync(new URL('../data/rooms.json', import.meta.url), 'utf8'));

function answer(response, status, body) {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(body));
}

function fail(response, status, message, field = null) {
  answer(response, status, { error: { field, message } });
}

function readJson(request, use) {
  let text = '';
  request.on('data', (chunk) => {
    text += chunk;
  });
  request.on('end', () => {
    use(JSON.parse(text));
  });
}

export function makeServer(rooms = ROOMS) {
  const bookings = new Bookings(rooms);

  return createServer((request, response) => {
    const { pathname } = new URL(request.url, 'http://localhost');

    if (request.method === 'GET' && pathname === '/rooms') {
      answer(response, 200, rooms);
    } else if (request.method === 'POST' && pathname === '/bookings') {
      readJson(request, (body) => {
        try {
          answer(response, 201, bookings.add(body));
        } catch (error) {
          if (error instanceof Invalid) fail(response, 400, error.message, error.field);
          else if (error instanceof Conflict) fail(response, 409, error.message);
          else throw error;
        }
      });
    } else if (request.method === 'GET' && pathname === '/bookings') {
      answer(response, 200, bookings.list());
    } else {
      fail(response, 404, 'There is nothing here.');
    }
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const port = Number(process.env.PORT ?? 3000);
  makeServer().listen(port, '127.0.0.1', () => {
    console.log(`Room booking on http://127.0.0.1:${port}`);
  });
}
