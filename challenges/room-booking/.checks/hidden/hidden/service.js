// Starts the service in a process of its own, as it would run, and talks to it.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

const SERVER = fileURLToPath(new URL('../src/server.js', import.meta.url));

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  await once(probe, 'close');
  return port;
}

// `t` is the context of the test or suite: the service ends with it.
export async function startService(t) {
  const port = await freePort();
  const child = spawn(process.execPath, [SERVER], {
    env: { ...process.env, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  t.after(() => child.kill());
  await once(child.stdout, 'data');
  const base = `http://127.0.0.1:${port}`;

  async function call(method, path, body, headers = {}) {
    const response = await fetch(base + path, {
      method,
      headers: { 'Content-Type': 'application/json', ...headers },
      body: body === undefined || typeof body === 'string' ? body : JSON.stringify(body),
      signal: AbortSignal.timeout(3000),
    });
    const text = await response.text();
    return { status: response.status, body: text ? JSON.parse(text) : null };
  }
  return {
    get: (path) => call('GET', path),
    post: (body, headers) => call('POST', '/bookings', body, headers),
    delete: (id) => call('DELETE', `/bookings/${id}`),
  };
}

export function booking(changes = {}) {
  return {
    room: 'oak',
    title: 'Planning',
    attendees: 4,
    start: '2024-05-06T09:00:00Z',
    end: '2024-05-06T10:00:00Z',
    ...changes,
  };
}
