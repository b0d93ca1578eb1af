// The service from outside, over HTTP: it runs in a process of its own.

import assert from 'node:assert/strict';
import test from 'node:test';

import { booking, startService } from './service.js';

const at = (time, day = '06') => `2024-05-${day}T${time}Z`;
const titles = (answer) => answer.body.items.map((item) => item.title);

test('a second of overlap is one', async (t) => {
  const service = await startService(t);
  await service.post(booking());
  const taken = await service.post(booking({ start: at('09:59:59'), end: at('11:00:00') }));
  const free = await service.post(booking({ start: at('10:00:00'), end: at('11:00:00') }));
  assert.deepEqual([taken.status, free.status], [409, 201]);
});

test('an overlap is found however the two are written', async (t) => {
  const service = await startService(t);
  await service.post(booking({ start: '2024-05-06T23:30:00-05:00', end: '2024-05-07T01:00:00-05:00' }));
  const other = booking({ start: '2024-05-07T10:00:00+05:30', end: '2024-05-07T11:00:00+05:30' });
  assert.equal((await service.post(other)).status, 409);
});

for (const [name, changes, field] of [
  ['attendees as a text', { attendees: '4' }, 'attendees'],
  ['no attendees', { attendees: undefined }, 'attendees'],
  ['a room that is a list', { room: ['oak'] }, 'room'],
  ['no end', { end: undefined }, 'end'],
  ['an end that is a number', { end: 1715000000000 }, 'end'],
  ['an hour that does not exist', { start: at('25:00:00') }, 'start'],
]) {
  test(`refused: ${name}`, async (t) => {
    const service = await startService(t);
    const { status, body } = await service.post(booking(changes));
    assert.deepEqual([status, body.error?.field], [400, field]);
    assert.equal((await service.get('/rooms')).status, 200);
  });
}

test('eight hours are no more than eight', async (t) => {
  const service = await startService(t);
  assert.equal((await service.post(booking({ end: at('17:00:00') }))).status, 201);
});

test('a body of 9 kB is read', async (t) => {
  const service = await startService(t);
  const { status } = await service.post(booking({ title: 'x'.repeat(9_000) }));
  assert.equal(status, 201);
});

test('the body of a retry may be written in another order', async (t) => {
  const service = await startService(t);
  const headers = { 'Idempotency-Key': 'k-1' };
  const first = await service.post(booking(), headers);
  const turned = Object.fromEntries(Object.entries(booking()).reverse());
  const again = await service.post(turned, headers);
  assert.deepEqual([again.status, again.body], [200, first.body]);
});

test('a refused booking leaves its key free', async (t) => {
  const service = await startService(t);
  const headers = { 'Idempotency-Key': 'k-1' };
  assert.equal((await service.post(booking({ title: '' }), headers)).status, 400);
  assert.equal((await service.post(booking(), headers)).status, 201);
});

test('an id that is none is not found, and the service goes on', async (t) => {
  const service = await startService(t);
  for (const id of ['nothing', '%E0%A4%A', '']) {
    assert.equal((await service.delete(id)).status, 404);
  }
  assert.equal((await service.get('/rooms')).status, 200);
});

test('fifty at a time, up to a hundred', async (t) => {
  const service = await startService(t);
  for (let number = 0; number < 55; number += 1) {
    const day = String(1 + (number % 28)).padStart(2, '0');
    const hour = number < 28 ? '08' : '12';
    await service.post(booking({ title: `b${number}`, start: at(`${hour}:00:00`, day), end: at(`${hour}:30:00`, day) }));
  }
  const page = await service.get('/bookings');
  assert.equal(page.body.items.length, 50);
  const rest = await service.get(`/bookings?cursor=${encodeURIComponent(page.body.next)}`);
  assert.deepEqual([rest.body.items.length, rest.body.next], [5, null]);
  const all = await service.get('/bookings?limit=100');
  assert.deepEqual([all.body.items.length, all.body.next], [55, null]);
});

test('from or to alone, and what only touches is left out', async (t) => {
  const service = await startService(t);
  for (const hour of ['09', '10', '11']) {
    await service.post(booking({ title: hour, start: at(`${hour}:00:00`), end: at(`${hour}:59:59`) }));
  }
  assert.deepEqual(titles(await service.get(`/bookings?from=${at('10:59:59')}`)), ['11']);
  assert.deepEqual(titles(await service.get(`/bookings?to=${at('10:00:00')}`)), ['09']);
});

test('a filter holds for the next pages, too', async (t) => {
  const service = await startService(t);
  for (const hour of ['08', '09', '10']) {
    for (const room of ['oak', 'ash']) {
      await service.post(booking({ room, title: `${room} ${hour}`, start: at(`${hour}:00:00`), end: at(`${hour}:30:00`) }));
    }
  }
  const one = await service.get('/bookings?room=oak&limit=2');
  const two = await service.get(`/bookings?room=oak&limit=2&cursor=${encodeURIComponent(one.body.next)}`);
  assert.deepEqual([...titles(one), ...titles(two)], ['oak 08', 'oak 09', 'oak 10']);
});
