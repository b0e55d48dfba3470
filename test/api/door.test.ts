// What arrives at the door in one turn of the event loop: how many calls go to Redis for it, and in which order the record takes it.

import t from 'tap';
import { pino } from 'pino';
import { makeDoor } from '../../src/api/door.js';
import type { Parcel } from '../../src/ledger/ledger.js';
import { ownRedisForFile } from '../support-redis.js';
import { build } from '../support.js';

// Its calls are counted, so nobody else may call.
await ownRedisForFile(t);

t.test('steps of many tablets that come together share calls, each with its own answer, in the order in which they came', async (t) => {
  const { ledger, cell, tube: newTube } = await build(t, { stations: ['t1'], residents: 10 });
  const door = makeDoor({ ledger, vault: undefined as never, log: pino({ level: 'silent' }), timeZone: 'Asia/Shanghai' });
  const tube = newTube();
  const parcel = (device: string, number: number, step: string, body: object): Parcel =>
    ({ device, epoch: 'e1', requests: [{ number, step, mode: 'ask', claimedAt: Date.now(), by: '', body }] }) as Parcel;
  await door.gather(cell, parcel('first', 1, 'openTube', { tube, station: 't1', risk: 'normal' }));

  const calls = async (): Promise<number> => Number(/cmdstat_fcall:calls=(\d+)/.exec(await ledger.redis.info('commandstats'))?.[1] ?? 0);
  const before = await calls();
  // Two bring the same person: whoever came first has the swab, and the other hears so.
  const people = Array.from({ length: 9 }, (_, i) => i + 1);
  const answers = await Promise.all([...people, 1, 10].map((resident, i) => door.gather(cell, parcel(`tablet${i}`, 1, 'takeSwab', { resident: String(resident), tube }))));
  t.equal((await calls()) - before, 2, 'eleven steps, two calls');
  const told = answers.map(({ answers: [answer] }) => answer?.outcome === 'refused' ? answer.word : answer?.outcome);
  t.same(told, [...people.map(() => 'applied'), 'already_sampled', 'applied']);

  // What is longer than a call may be is cut, and nothing overtakes it.
  const mistaken = { resident: '99', tube, reason: 'not_taken', secondBy: '' };
  const first = await calls();
  const many = Array.from({ length: 120 }, (_, i) => parcel('first', i + 2, 'voidSwab', mistaken).requests[0] as Parcel['requests'][number]);
  const [one, long, last] = await Promise.all([
    door.gather(cell, parcel('early', 1, 'voidSwab', mistaken)),
    door.gather(cell, { device: 'first', epoch: 'e1', requests: many }),
    door.gather(cell, parcel('first', 122, 'voidSwab', mistaken)),
  ]);
  t.equal(one.answers.length, 1);
  t.equal(long.answers.length, 120);
  t.same([long.mark, last.mark, last.missing], [121, 122, 0], 'no number came before the one in front of it');
  t.equal((await calls()) - first, 5, 'one, three pieces, one');
});
