// Reading the stream of a cell: from a position on, page by page, and waiting for what comes.

import t from 'tap';
import { header } from '../../src/domain/events.js';
import { encode } from '../../src/ledger/codec.js';
import { allEvents, awaitEvents, decodeEvent, eventAt, lastPosition, readEvents } from '../../src/ledger/stream.js';
import { connect } from '../../src/ledger/redis.js';
import { build, freshCell } from '../support.js';
import { testRedisUrl } from '../support-redis.js';

t.test('a position is where reading goes on', async (t) => {
  const { redis, cell, post } = await build(t, { stations: ['a1'] });
  const all = await readEvents(redis, cell);
  t.same(all.slice(0, 2).map(({ event }) => event), ['round.opened', 'site.named']);
  t.same(await readEvents(redis, cell, all[1]?.id, 2), all.slice(2, 4), 'after it, and so many');
  t.same(await eventAt(redis, cell, all[3]?.id ?? ''), all[3]);
  t.equal(await eventAt(redis, cell, '1-1'), undefined);
  t.equal(await lastPosition(redis, cell), all.at(-1)?.id);
  await post.done('drainStation', { station: 'a1' });
  t.match(await readEvents(redis, cell, all.at(-1)?.id), [{ event: 'station.draining', station: 1 }]);
});

t.test('a cell that was never opened has none', async (t) => {
  const { redis } = await build(t);
  t.equal(await lastPosition(redis, freshCell()), '0');
  t.same(await readEvents(redis, freshCell()), []);
});

t.test('all events come in order and once, however many pages', async (t) => {
  const { redis, cell, post } = await build(t, { residents: 1 });
  for (let i = 0; i < 42; i++) await post.send(Array.from({ length: 50 }, () => ({ step: 'excuseResident', body: { resident: '1', reason: 'away' } }) as const));
  const numbers: number[] = [];
  for await (const event of allEvents(redis, cell)) if (event.event === 'resident.excused') numbers.push(event.number);
  t.equal(numbers.length, 2100);
  t.same(numbers, [...numbers].sort((a, b) => a - b));
});

t.test('who waits is woken by the first event of any of the cells', async (t) => {
  const waiting = connect(await testRedisUrl(), { patient: true });
  t.teardown(() => waiting.disconnect());
  const [a, b] = [await build(t), await build(t)];
  const cells = await Promise.all([a, b].map(async ({ redis, cell }) => ({ cell, position: await lastPosition(redis, cell) })));
  t.equal((await awaitEvents(waiting, [], 1)).size, 0);
  t.equal((await awaitEvents(waiting, cells, 1)).size, 0, 'or by nothing, when the time is over');
  const found = awaitEvents(waiting, cells, 0);
  await b.post.done('openStation', { station: 'a1', site: 's1' });
  t.same([...(await found)].map(([place, events]) => [place, events.map(({ event }) => event)]), [[1, ['station.opened']]]);
});

t.test('an event of a newer version is a fault, not a guess', async (t) => {
  t.throws(() => decodeEvent('1-0', encode(header, { kind: 255 })), /event 1-0 is of kind 255/);
});
