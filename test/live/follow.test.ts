// Following: cells that are opened, a restart in the middle, a history that changed, a record that went away and came back.
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { keyOf } from '../../src/ledger/keys.js';
import { connect } from '../../src/ledger/redis.js';
import { allEvents } from '../../src/ledger/stream.js';
import { countsOf } from '../../src/live/counts.js';
import { isBefore } from '../../src/ledger/following.js';
import { follow, type Followed, type Follower } from '../../src/live/follow.js';
import { fold } from '../../src/live/fold.js';
import { newTally } from '../../src/live/tally.js';
import { ownRedis } from '../support-redis.js';
import { build, minute, type Rig, type RigOptions } from '../support.js';
import { countRecord, samePart } from './record.js';
import { seeded, traffic } from './traffic.js';

const log = { warn: () => {} };

/** Waits until what is followed is as asked; every change is a signal. */
async function until(follower: Follower, asked: () => boolean): Promise<void> {
  if (asked()) return;
  await new Promise<void>((resolve) => {
    const end = follower.watch(() => {
      if (!asked()) return;
      end();
      resolve();
    });
  });
}

async function caughtUp(follower: Follower, rig: Rig): Promise<Followed> {
  await follower.look();
  const followed = follower.find(rig.cell);
  if (!followed) throw new Error('the cell is not followed');
  if (!(await follower.catchUp(followed, 30_000))) throw new Error('the fold did not catch up');
  return followed;
}

t.test('on a Redis of their own', async (t) => {
  const own = await ownRedis(t, { appendfsync: 'no' });
  const redis = connect(own.url);
  t.teardown(() => redis.disconnect());
  const place = (t: Parameters<typeof build>[0], options: RigOptions = {}) => build(t, { redis, stations: ['a', 'b', 'c'], residents: 60, ...options });

  t.test('several cells are followed at once, also those opened later, and each says what its record says', async (t) => {
    const first = await place(t);
    await traffic(first, 200, seeded(1));
    const follower = follow({ redisUrl: own.url, log });
    t.teardown(() => follower.stop());
    await caughtUp(follower, first);
    const second = await place(t);
    await Promise.all([traffic(first, 200, seeded(2)), traffic(second, 300, seeded(3))]);
    for (const rig of [first, second]) {
      const followed = await caughtUp(follower, rig);
      t.strictSame(samePart(countsOf(followed.tally, follower.clockOf(followed))), await countRecord(redis, rig.cell));
    }
  });

  t.test('a rehearsal runs by its own clock, a real round by the clock of the server', async (t) => {
    const rehearsal = await place(t);
    const real = await place(t, { round: { rehearsal: false }, residents: 1 });
    const follower = follow({ redisUrl: own.url, log });
    t.teardown(() => follower.stop());
    await rehearsal.advance(17 * minute);
    t.equal(follower.clockOf(await caughtUp(follower, rehearsal)), rehearsal.now());
    const followed = await caughtUp(follower, real);
    t.ok(follower.clockOf(followed) >= followed.tally.at);
    t.ok(Math.abs(follower.clockOf(followed) - Date.now()) < minute);
  });

  t.test('a restart goes on from the fold that was written down, and a spoilt file is no harm', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'swabline-folds-'));
    t.teardown(() => rmSync(folder, { recursive: true }));
    const rig = await place(t);
    await traffic(rig, 300, seeded(4));
    const before = follow({ redisUrl: own.url, log, folder });
    const { position } = (await caughtUp(before, rig)).tally;
    await before.stop();
    await traffic(rig, 100, seeded(5));

    // The stream's beginning is taken away: only a fold that went on from the file can know the residents.
    await redis.xtrim(keyOf(rig.cell, 'events'), 'MINID', position);
    const after = follow({ redisUrl: own.url, log, folder });
    const followed = await caughtUp(after, rig);
    t.strictSame(samePart(countsOf(followed.tally, rig.now())), await countRecord(redis, rig.cell));
    await after.stop();

    for (const file of readdirSync(folder)) writeFileSync(join(folder, file), 'torn');
    const other = await place(t);
    await traffic(other, 50, seeded(6));
    const third = follow({ redisUrl: own.url, log, folder });
    const fresh = await caughtUp(third, other);
    t.strictSame(samePart(countsOf(fresh.tally, other.now())), await countRecord(redis, other.cell));
    await third.stop();
  });

  t.test('another history of the cell drops the fold, and so does a stream that ends before our position', async (t) => {
    const rig = await place(t);
    rig.spoil();
    await traffic(rig, 200, seeded(7));
    const follower = follow({ redisUrl: own.url, log });
    t.teardown(() => follower.stop());
    const followed = await caughtUp(follower, rig);
    const { tally, dataEpoch } = followed;

    const events = keyOf(rig.cell, 'events');
    const last = (await redis.xrevrange(events, '+', '-', 'COUNT', 30)) as unknown as [string, string[]][];
    await redis.xdel(events, ...last.map(([id]) => id));
    await until(follower, () => followed.tally !== tally && followed.ready);
    const expected = newTally();
    for await (const event of allEvents(redis, rig.cell)) fold(expected, event);
    t.strictSame(countsOf(followed.tally, rig.now()), countsOf(expected, rig.now()), 'folded anew from what is left');
    t.equal(followed.dataEpoch, dataEpoch);

    const shorter = followed.tally;
    await redis.hset(keyOf(rig.cell, 'cell'), 'epoch', 'another');
    await until(follower, () => followed.tally !== shorter && followed.ready);
    t.not(followed.dataEpoch, dataEpoch);
    t.strictSame(countsOf(followed.tally, rig.now()), countsOf(expected, rig.now()));
  });

  t.test('a stream of a newer version stops the counts of its cell and of no other', async (t) => {
    const broken = await place(t);
    broken.spoil();
    const sound = await place(t);
    const follower = follow({ redisUrl: own.url, log });
    t.teardown(() => follower.stop());
    const followed = await caughtUp(follower, broken);
    await caughtUp(follower, sound);
    await redis.xadd(keyOf(broken.cell, 'events'), '*', 'd', Buffer.from([255, ...new Array<number>(40).fill(0)]));
    await until(follower, () => followed.broken !== undefined);
    t.match(followed.broken, 'does not know');
    await traffic(sound, 100, seeded(8));
    const other = await caughtUp(follower, sound);
    t.strictSame(samePart(countsOf(other.tally, sound.now())), await countRecord(redis, sound.cell));
  });
});

t.test('a record that was killed and is there again is counted anew, as its history may have gone back', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'swabline-live-'));
  t.teardown(() => rmSync(dir, { recursive: true, force: true }));
  const first = await ownRedis(t, { dir, port: 'free' });
  const port = Number(new URL(first.url).port);
  const redis = connect(first.url, { patient: true });
  t.teardown(() => redis.disconnect());
  const rig = await build(t, { redis, stations: ['a', 'b', 'c'], residents: 60 });
  await traffic(rig, 200, seeded(9));
  const follower = follow({ redisUrl: first.url, log });
  t.teardown(() => follower.stop());
  const followed = await caughtUp(follower, rig);
  const { tally, dataEpoch } = followed;

  await first.kill();
  await ownRedis(t, { dir, port });
  await until(follower, () => followed.tally !== tally && followed.ready);
  t.not(followed.dataEpoch, dataEpoch);
  await traffic(rig, 100, seeded(10));
  await caughtUp(follower, rig);
  t.strictSame(samePart(countsOf(followed.tally, rig.now())), await countRecord(redis, rig.cell));
});

t.test('positions are compared as numbers', async (t) => {
  t.ok(isBefore('9-0', '10-0'));
  t.ok(isBefore('10-9', '10-10'));
  t.notOk(isBefore('10-1', '10-1'));
  t.ok(isBefore('0', '1-0'));
});
