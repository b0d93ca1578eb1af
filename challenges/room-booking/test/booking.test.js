import assert from 'node:assert/strict';
import test from 'node:test';

import { booking, startService } from './service.js';

const at = (time) => `2024-05-06T${time}:00Z`;

test('the rooms are listed', async (t) => {
  const service = await startService(t);
  const { status, body } = await service.get('/rooms');
  assert.equal(status, 200);
  assert.deepEqual(body.map((room) => room.id), ['oak', 'elm', 'ash', 'fir']);
});

test('a room can be booked', async (t) => {
  const service = await startService(t);
  const { status, body } = await service.post(booking());
  assert.equal(status, 201);
  assert.equal(body.room, 'oak');
  assert.equal(body.title, 'Planning');
  assert.match(body.id, /./);
});

test('times come back in UTC', async (t) => {
  const service = await startService(t);
  const { body } = await service.post(
    booking({ start: '2024-05-06T09:00:00+02:00', end: '2024-05-06T10:00:00+02:00' }),
  );
  assert.equal(body.start, '2024-05-06T07:00:00.000Z');
  assert.equal(body.end, '2024-05-06T08:00:00.000Z');
});

test('the same hour in another room is free', async (t) => {
  const service = await startService(t);
  await service.post(booking());
  assert.equal((await service.post(booking({ room: 'elm' }))).status, 201);
});

for (const [name, start, end] of [
  ['the same time', '09:00', '10:00'],
  ['an overlap at its end', '09:30', '10:30'],
  ['an overlap at its start', '08:30', '09:30'],
  ['one within it', '09:15', '09:45'],
  ['one around it', '08:00', '11:00'],
]) {
  test(`a booking excludes ${name}`, async (t) => {
    const service = await startService(t);
    await service.post(booking());
    const { status, body } = await service.post(booking({ start: at(start), end: at(end) }));
    assert.equal(status, 409);
    assert.equal(body.error.field, null);
  });
}

test('bookings may touch', async (t) => {
  const service = await startService(t);
  await service.post(booking());
  const before = await service.post(booking({ start: at('08:00'), end: at('09:00') }));
  const after = await service.post(booking({ start: at('10:00'), end: at('11:00') }));
  assert.deepEqual([before.status, after.status], [201, 201]);
});

test('offsets do not hide an overlap', async (t) => {
  const service = await startService(t);
  await service.post(booking());
  const { status } = await service.post(
    booking({ start: '2024-05-06T11:30:00+02:00', end: '2024-05-06T12:30:00+02:00' }),
  );
  assert.equal(status, 409);
});

test('of ten at the same moment one is booked', async (t) => {
  const service = await startService(t);
  const answers = await Promise.all(Array.from({ length: 10 }, () => service.post(booking())));
  const statuses = answers.map((answer) => answer.status).sort();
  assert.deepEqual(statuses, [201, ...Array(9).fill(409)]);
});

test('a cancelled hour is free again', async (t) => {
  const service = await startService(t);
  const { body } = await service.post(booking());
  assert.equal((await service.delete(body.id)).status, 204);
  assert.equal((await service.delete(body.id)).status, 404);
  assert.equal((await service.post(booking())).status, 201);
});
