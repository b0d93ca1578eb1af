import assert from 'node:assert/strict';
import test from 'node:test';

import { booking, startService } from './service.js';

for (const [name, changes, field] of [
  ['an unknown room', { room: 'yew' }, 'room'],
  ['no title', { title: '' }, 'title'],
  ['a title that is no text', { title: 7 }, 'title'],
  ['no start', { start: undefined }, 'start'],
  ['a start without an offset', { start: '2024-05-06T09:00:00' }, 'start'],
  ['a day that does not exist', { start: '2024-02-31T09:00:00Z' }, 'start'],
  ['an end before the start', { end: '2024-05-06T08:00:00Z' }, 'end'],
  ['an end at the start', { end: '2024-05-06T09:00:00Z' }, 'end'],
  ['more than eight hours', { end: '2024-05-06T17:00:01Z' }, 'end'],
  ['too many attendees', { attendees: 9 }, 'attendees'],
  ['half an attendee', { attendees: 1.5 }, 'attendees'],
  ['nobody', { attendees: 0 }, 'attendees'],
]) {
  test(`refused: ${name}`, async (t) => {
    const service = await startService(t);
    const { status, body } = await service.post(booking(changes));
    assert.equal(status, 400);
    assert.equal(body.error.field, field);
    assert.deepEqual((await service.get('/bookings')).body.items, []);
  });
}

for (const [name, text] of [
  ['no JSON', '{"room": "oak"'],
  ['an empty body', ''],
  ['a list', '[]'],
  ['null', 'null'],
]) {
  test(`refused, and the service goes on: ${name}`, async (t) => {
    const service = await startService(t);
    assert.equal((await service.post(text)).status, 400);
    assert.equal((await service.get('/rooms')).status, 200);
  });
}

test('refused: a large body', async (t) => {
  const service = await startService(t);
  assert.equal((await service.post(booking({ title: 'x'.repeat(20_000) }))).status, 413);
});

test('a key makes a retry safe', async (t) => {
  const service = await startService(t);
  const first = await service.post(booking(), { 'Idempotency-Key': 'k-1' });
  const again = await service.post(booking(), { 'Idempotency-Key': 'k-1' });
  assert.deepEqual([first.status, again.status], [201, 200]);
  assert.deepEqual(again.body, first.body);
  assert.equal((await service.get('/bookings')).body.items.length, 1);
});

test('a key belongs to one body', async (t) => {
  const service = await startService(t);
  await service.post(booking(), { 'Idempotency-Key': 'k-1' });
  const other = await service.post(booking({ room: 'elm' }), { 'Idempotency-Key': 'k-1' });
  assert.equal(other.status, 422);
});

test('what is not there is not found', async (t) => {
  const service = await startService(t);
  const { status, body } = await service.get('/chairs');
  assert.equal(status, 404);
  assert.equal(body.error.field, null);
});
