import assert from 'node:assert/strict';
import test from 'node:test';

import { booking, startService } from './service.js';

const hour = (number) => `2024-05-06T${String(number).padStart(2, '0')}:00:00Z`;

async function booked(service, room, start) {
  const { body } = await service.post(
    booking({ room, attendees: 2, title: `${room} ${start}`, start: hour(start), end: hour(start + 1) }),
  );
  return body;
}

const titles = (answer) => answer.body.items.map((item) => item.title);

test('an empty list is a list', async (t) => {
  const service = await startService(t);
  assert.deepEqual(await service.get('/bookings'), { status: 200, body: { items: [], next: null } });
});

test('bookings are listed by start', async (t) => {
  const service = await startService(t);
  for (const start of [14, 9, 11]) await booked(service, 'oak', start);
  assert.deepEqual(titles(await service.get('/bookings')), ['oak 9', 'oak 11', 'oak 14']);
});

test('the list can be filtered', async (t) => {
  const service = await startService(t);
  for (const start of [9, 10, 11]) await booked(service, 'oak', start);
  await booked(service, 'elm', 10);
  assert.deepEqual(titles(await service.get('/bookings?room=elm')), ['elm 10']);
  const path = `/bookings?room=oak&from=2024-05-06T10:30:00Z&to=${hour(11)}`;
  assert.deepEqual(titles(await service.get(path)), ['oak 10']);
});

test('a bad filter is refused', async (t) => {
  const service = await startService(t);
  for (const [query, field] of [['from=noon', 'from'], ['limit=0', 'limit'], ['limit=101', 'limit'], ['cursor=x', 'cursor']]) {
    const { status, body } = await service.get(`/bookings?${query}`);
    assert.deepEqual([status, body.error?.field], [400, field]);
  }
});

test('cursors lead through everything once, whatever happens meanwhile', async (t) => {
  const service = await startService(t);
  const first = await booked(service, 'oak', 8);
  for (const start of [9, 10, 11, 12]) await booked(service, 'oak', start);
  await booked(service, 'elm', 9);

  const one = await service.get('/bookings?limit=2');
  await service.delete(first.id);
  await booked(service, 'fir', 7);
  const two = await service.get(`/bookings?limit=2&cursor=${encodeURIComponent(one.body.next)}`);
  const three = await service.get(`/bookings?limit=2&cursor=${encodeURIComponent(two.body.next)}`);

  const seen = [...titles(one), ...titles(two), ...titles(three)];
  assert.deepEqual(seen.toSorted(), ['elm 9', 'oak 10', 'oak 11', 'oak 12', 'oak 8', 'oak 9']);
  assert.equal(three.body.next, null);
});
