// What is due is applied in real rounds, once, whatever happens to the waking.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import t from 'tap';
import { type Clock, clockHand, startClock } from '../../src/jobs/clock.js';
import { keyOf } from '../../src/ledger/keys.js';
import type { Ledger } from '../../src/ledger/ledger.js';
import { nextDeadline } from '../../src/ledger/presence.js';
import { devices, tube as tubeState } from '../../src/ledger/reads.js';
import { connect } from '../../src/ledger/redis.js';
import { allEvents, lastPosition } from '../../src/ledger/stream.js';
import { ownRedis } from '../support-redis.js';
import { build, minute, type Rig, type RigOptions } from '../support.js';
import { loseQueue } from './loseQueue.js';

t.test('the clock on a Redis of its own', async (t) => {
  const own = await ownRedis(t, { appendfsync: 'no' });
  const redis = connect(own.url);
  const connection = connect(own.url, { patient: true });
  t.teardown(() => {
    connection.disconnect();
    redis.disconnect();
  });
  const place = (t: Parameters<typeof build>[0], options: RigOptions = {}) => build(t, { redis, round: { rehearsal: false }, stations: ['a'], residents: 10, ...options });
  const start = (ledger: Ledger) => startClock({ ledger, connection, log: { warn: () => {} }, everyMs: 100 });

  /** A tube whose first swab was taken `minutes` ago, by a tablet that was offline and is in contact again: its time is over now. */
  async function lateTube(rig: Rig, minutes = 61, resident = '1'): Promise<string> {
    const tablet = rig.device('tablet1');
    tablet.clock = Date.now();
    const code = rig.tube();
    const claimedAt = Date.now() - minutes * minute;
    await tablet.send([
      tablet.draft({ step: 'openTube', mode: 'report', claimedAt, body: { tube: code, station: 'a' } }),
      tablet.draft({ step: 'takeSwab', mode: 'report', claimedAt, body: { resident, tube: code } }),
    ]);
    return code;
  }
  const sealings = async (rig: Rig, code: string) => {
    const list = [];
    for await (const event of allEvents(redis, rig.cell)) if (event.event === 'tube.sealed' && event.tube === code) list.push(event);
    return list;
  };
  const sealed = async (rig: Rig, code: string) => (await tubeState(redis, rig.cell, code))?.state === 'sealed';
  /** Waits for wakes until it is so. */
  const wakeUntil = async (clock: Clock, asked: () => Promise<boolean>) => { while (!(await asked())) await clock.woken(); };
  const hands = async (rig: Rig) => (await devices(redis, rig.cell)).filter(({ device }) => device === 'clock');

  t.test('a tube whose hour is over is sealed by the timer', async (t) => {
    const rig = await place(t);
    const code = await lateTube(rig);
    const clock = await start(rig.ledger);
    await wakeUntil(clock, () => sealed(rig, code));
    await clock.close();
    t.match(await sealings(rig, code), [{ reason: 'timer', count: 1 }]);
    t.match(await hands(rig), [{ missing: 0, refused: 0 }], 'the clock is a device without gaps');
  });

  t.test('a tube of three quarters of an hour is warned of, and waits for the rest', async (t) => {
    const rig = await place(t);
    const code = await lateTube(rig, 50);
    await clockHand(rig.ledger).applyDue();
    t.match(await tubeState(redis, rig.cell, code), { state: 'open', warned: true });
    const next = (await nextDeadline(redis, rig.cell)) ?? 0;
    t.ok(next > Date.now() + 5 * minute && next < Date.now() + 15 * minute, 'the hour stands in the cell');
  });

  t.test('where nothing is due nothing is written', async (t) => {
    const rig = await place(t);
    const before = await lastPosition(redis, rig.cell);
    t.equal(await clockHand(rig.ledger).applyDue(), 0);
    t.equal(await lastPosition(redis, rig.cell), before);
    t.strictSame(await hands(rig), []);
  });

  t.test('two clocks at once apply it once', async (t) => {
    const rig = await place(t);
    const code = await lateTube(rig);
    await Promise.all([clockHand(rig.ledger), clockHand(rig.ledger), clockHand(rig.ledger)].map((hand) => hand.applyDue()));
    t.equal((await sealings(rig, code)).length, 1);
  });

  t.test('a rehearsal is left to its own clock, and a round that is closed to itself', async (t) => {
    const rehearsal = await place(t, { round: {} });
    const tablet = rehearsal.device('tablet1');
    const code = rehearsal.tube();
    await tablet.done('openTube', { tube: code, station: 'a' });
    await tablet.done('takeSwab', { resident: '1', tube: code });
    await rehearsal.post.done('advanceClock', { to: rehearsal.now() + 70 * minute });
    const closed = await place(t, { stations: [], residents: 0 });
    await closed.post.done('closeRound', {});
    await redis.zadd(keyOf(closed.cell, 'deadlines'), 1, 'handOn:1');
    closed.spoil();
    await clockHand(rehearsal.ledger).applyDue();
    t.match(await tubeState(redis, rehearsal.cell, code), { state: 'open', warned: false });
    t.strictSame(await hands(closed), []);
  });

  t.test('an answer that was lost is asked for again under the same number', async (t) => {
    const rig = await place(t);
    const code = await lateTube(rig);
    let lost = 0;
    const shaky: Ledger = {
      ...rig.ledger,
      redis,
      async take(cell, parcels) {
        const receipts = await rig.ledger.take(cell, parcels);
        if (lost++ === 0) throw new Error('Connection is closed.');
        return receipts;
      },
    };
    const hand = clockHand(shaky);
    await t.rejects(hand.applyDue(), /closed/);
    await lateTube(rig, 62, '2');
    await hand.applyDue();
    t.equal((await sealings(rig, code)).length, 1);
    t.match(await hands(rig), [{ missing: 0, refused: 0 }]);
  });

  t.test('when the record may have gone back the clock begins with new numbers, so that no gap stays', async (t) => {
    const rig = await place(t);
    const hand = clockHand(rig.ledger);
    await lateTube(rig);
    await hand.applyDue();
    await redis.hset(keyOf(rig.cell, 'cell'), 'epoch', 'another');
    const code = await lateTube(rig, 61, '2');
    await hand.applyDue();
    t.ok(await sealed(rig, code));
    t.match(await hands(rig), [{ missing: 0 }, { missing: 0 }]);
  });

  t.test('a worker killed in the middle of a wake does no harm, and another goes on', async (t) => {
    const rig = await place(t);
    const first = await lateTube(rig);
    const child = spawn(process.execPath, [new URL('clockChild.js', import.meta.url).pathname, own.url], { stdio: ['ignore', 'pipe', 'inherit'] });
    t.teardown(() => child.kill('SIGKILL'));
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'exit');

    const second = await lateTube(rig, 61, '2');
    const clock = await start(rig.ledger);
    t.teardown(() => clock.close());
    await wakeUntil(clock, () => sealed(rig, second));
    t.equal((await sealings(rig, first)).length, 1);
    t.equal((await sealings(rig, second)).length, 1);
  });

  t.test('when the queue is lost the waking is put back', async (t) => {
    const rig = await place(t);
    const clock = await start(rig.ledger);
    t.teardown(() => clock.close());
    await clock.woken();
    await loseQueue(redis);
    const code = await lateTube(rig);
    await wakeUntil(clock, () => sealed(rig, code));
    t.equal((await sealings(rig, code)).length, 1);
  });
});
