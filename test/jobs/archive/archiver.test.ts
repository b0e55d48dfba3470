// The second copy: it holds every change once, whatever is killed; it goes on where it ended; and a device is told that a record is safe
// when it is on the other disk, not before.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { onAnotherDisk } from '../../../src/jobs/archive/archiver.js';
import { cellsIn, folderOf } from '../../../src/ledger/copy/archive.js';
import { DeviceMarks } from '../../../src/ledger/copy/marks.js';
import { keyOf } from '../../../src/ledger/keys.js';
import { startEmbeddedRedis } from '../../../src/ledger/embedded.js';
import { buildLibrary } from '../../../src/ledger/library.js';
import { replayCell } from '../../../src/ledger/replay.js';
import { connect } from '../../../src/ledger/redis.js';
import { seeded, traffic } from '../../live/traffic.js';
import { build, type Rig } from '../../support.js';
import { ownRedis } from '../../support-redis.js';
import { copying, entriesOf, folder, freePort, readAll } from './copying.js';

/** Swabs three people of the rig's station 'a'. */
async function someSwabs(rig: Rig, ...residents: number[]): Promise<void> {
  const tablet = rig.device('tablet');
  const tube = rig.tube();
  await tablet.done('openTube', { tube, station: 'a' });
  for (const resident of residents) await tablet.ask('takeSwab', { resident: String(resident), tube });
}

t.test('the archive holds every change of every cell, once and in order', async (t) => {
  const one = await copying(t);
  const archiver = one.start();
  const rigs = [await build(t, { redis: one.redis, stations: ['a', 'b', 'c'], residents: 60 }), await build(t, { redis: one.redis, stations: ['a'], residents: 3 })];
  await traffic(rigs[0] as Rig, 600, seeded(3));
  await someSwabs(rigs[1] as Rig, 1, 1, 2);
  await archiver.caughtUp();
  t.same(cellsIn(one.dir).map(({ round }) => round).sort(), rigs.map(({ cell }) => cell.round).sort());
  for (const { cell } of rigs) {
    const { found } = await readAll(one.dir, cell);
    t.same(found.map(({ entry }) => entry), await entriesOf(one.redis, cell));
  }
  await archiver.close();
  t.equal((await readAll(one.dir, (rigs[0] as Rig).cell)).end.unsigned, 0, 'what is there when it ends is signed');
});

t.test('an archiver killed again and again loses nothing and doubles nothing, and never says "safe" too early', async (t) => {
  const one = await copying(t);
  const rig = await build(t, { redis: one.redis, stations: ['a', 'b', 'c'], residents: 60 });
  const busy = { until: true };
  const day = (async () => {
    for (let seed = 1; busy.until; seed++) await traffic(rig, 60, seeded(seed));
  })();
  const script = new URL('./killedArchiver.js', import.meta.url).pathname;
  for (let i = 0; i < 6; i++) {
    // tap puts itself into every Node it finds in its environment.
    const child = spawn(process.execPath, [script, one.server.url, one.dir, one.keyFile], { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, NODE_OPTIONS: '' } });
    for (let batches = 0; batches < 2 + i; batches++) await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'exit');
    const said = await one.redis.hgetall(keyOf(rig.cell, 'safe'));
    const { found } = await readAll(one.dir, rig.cell);
    const marks = new DeviceMarks();
    for (const { entry } of found) marks.archived(entry);
    t.ok(Object.keys(said).length > 0, 'devices have been told');
    for (const [of, mark] of Object.entries(said)) if (Number(mark) > marks.mark(of)) t.fail(`${of} was told ${mark}, and ${marks.mark(of)} is archived`);
  }
  busy.until = false;
  await day;
  const archiver = one.start();
  await archiver.caughtUp();
  t.same((await readAll(one.dir, rig.cell)).found.map(({ entry }) => entry.position), (await entriesOf(one.redis, rig.cell)).map(({ position }) => position));
});

t.test('when Redis is killed and comes back, the archive goes on where it was', async (t) => {
  const dir = folder(t);
  const port = await freePort();
  const start = () => startEmbeddedRedis({ dir: join(dir, 'redis'), port });
  let server = await start();
  t.teardown(() => server.stop());
  const one = await copying(t);
  const redis = connect(server.url);
  t.teardown(() => redis.disconnect());
  const rig = await build(t, { redis, stations: ['a'], residents: 9 });
  const archiver = one.start({ following: connect(server.url, { patient: true }), cells: async () => [rig.cell] });
  await someSwabs(rig, 1, 2, 3);
  for (const resident of [4, 6, 8]) {
    await server.kill();
    server = await start();
    await redis.ping().catch(() => redis.ping());
    await someSwabs(rig, resident, resident + 1);
  }
  const all = await entriesOf(redis, rig.cell);
  for (;;) {
    const { found } = await readAll(one.dir, rig.cell);
    if (found.length >= all.length) { t.same(found.map(({ entry }) => entry), all); break; }
    await sleep(20);
  }
  await archiver.close();
});

t.test('a line that was cut short is cut off, and the writing goes on behind the last whole one', async (t) => {
  const one = await copying(t);
  const rig = await build(t, { redis: one.redis, stations: ['a'], residents: 3 });
  const first = one.start();
  await first.caughtUp();
  await first.close();
  const file = join(folderOf(one.dir, rig.cell), '000001.jsonl');
  const before = (await readAll(one.dir, rig.cell)).found.length;
  appendFileSync(file, '{"s":"1-1","of":"tablet:e1","p":"BAAB');
  t.ok((await readAll(one.dir, rig.cell)).end.torn > 0, 'whoever reads it sees a line that is being written');
  await someSwabs(rig, 1, 2);
  const second = one.start();
  await second.caughtUp();
  const { found, end } = await readAll(one.dir, rig.cell);
  t.ok(found.length > before);
  t.equal(end.torn, 0);
  t.same(found.map(({ entry }) => entry), await entriesOf(one.redis, rig.cell));
});

t.test('a segment whose first line was cut short begins anew', async (t) => {
  const one = await copying(t);
  const rig = await build(t, { redis: one.redis, stations: ['a'] });
  mkdirSync(folderOf(one.dir, rig.cell), { recursive: true });
  writeFileSync(join(folderOf(one.dir, rig.cell), '000001.jsonl'), '{"archive":1,"ce');
  const archiver = one.start();
  await archiver.caughtUp();
  t.same((await readAll(one.dir, rig.cell)).found.map(({ entry }) => entry), await entriesOf(one.redis, rig.cell));
});

t.test('long segments are closed, compressed and followed by the next; a closed round closes its own', async (t) => {
  const one = await copying(t);
  const rig = await build(t, { redis: one.redis, stations: ['a', 'b', 'c'], residents: 60 });
  for (let seed = 1; seed <= 4; seed++) {
    await traffic(rig, 120, seeded(seed));
    const archiver = one.start({ segmentBytes: 20_000 });
    await archiver.caughtUp();
    await archiver.close();
  }
  const files = readdirSync(folderOf(one.dir, rig.cell)).sort();
  t.ok(files.length >= 8);
  t.same(files.filter((name) => name.endsWith('.jsonl')), [], 'each was long enough to be closed');
  const { found, end } = await readAll(one.dir, rig.cell);
  t.same(found.map(({ entry }) => entry), await entriesOf(one.redis, rig.cell));
  const marks = new DeviceMarks();
  for (const { entry } of found) marks.archived(entry);
  t.same(end.marks, marks.all(), 'marks are carried over from segment to segment and from run to run');

  const last = one.start();
  const quiet = await build(t, { redis: one.redis });
  await quiet.post.done('closeRound', {});
  await last.caughtUp();
  await last.close();
  t.same(readdirSync(folderOf(one.dir, quiet.cell)).sort(), ['000001.jsonl.gz', '000001.sha256']);
});

t.test('killed between signing a segment and compressing it, it is compressed at the next start', async (t) => {
  const one = await copying(t);
  const rig = await build(t, { redis: one.redis });
  const first = one.start();
  await rig.post.done('closeRound', {});
  await first.caughtUp();
  await first.close();
  const file = join(folderOf(one.dir, rig.cell), '000001.jsonl');
  const { gunzipSync } = await import('node:zlib');
  writeFileSync(file, gunzipSync(readFileSync(`${file}.gz`)));
  for (const both of [true, false]) {
    if (!both) rmSync(`${file}.gz`);
    t.equal((await readAll(one.dir, rig.cell)).end.closed, true);
    const next = one.start();
    await next.caughtUp();
    await next.close();
    t.same(readdirSync(folderOf(one.dir, rig.cell)).sort(), ['000001.jsonl.gz', '000001.sha256']);
    writeFileSync(file, gunzipSync(readFileSync(`${file}.gz`)));
  }
});

t.test('safe is said when it is on another disk', async (t) => {
  const shm = existsSync('/dev/shm') && (await onAnotherDisk('/dev/shm', folder(t)));
  const one = await copying(t, { dir: shm ? folder(t, '/dev/shm') : folder(t) });
  t.equal(await onAnotherDisk(one.dir, one.server.dir), Boolean(shm));
  t.equal(await onAnotherDisk(join(one.server.dir, 'archive'), one.server.dir), false);
  const rig = await build(t, { redis: one.redis, stations: ['a'], residents: 3 });
  await someSwabs(rig, 1);
  const tablet = rig.device('tablet');
  t.match(tablet.receipt, { copies: 1, safeUpTo: 0 }, 'received, and on one disk only');

  const archiver = one.start({ copies: 2 });
  await archiver.caughtUp();
  await tablet.send([]);
  t.match(tablet.receipt, { copies: 2, mark: 2, safeUpTo: 2 });
  // Number 4 without 3: it is archived, and what is missing before it keeps it from being called safe.
  await tablet.send([{ step: 'takeSwab', body: { resident: '2', tube: rig.tube() }, number: 4 }]);
  await archiver.caughtUp();
  await tablet.send([]);
  t.match(tablet.receipt, { mark: 2, safeUpTo: 2 });
  await tablet.send([{ step: 'takeSwab', body: { resident: '3', tube: rig.tube() }, number: 3 }]);
  await archiver.caughtUp();
  await tablet.send([]);
  t.match(tablet.receipt, { mark: 4, safeUpTo: 4 });
  await archiver.close();

  const near = one.start({ copies: 1 });
  await near.caughtUp();
  await tablet.send([]);
  t.match(tablet.receipt, { copies: 1, safeUpTo: 0 }, 'moved beside Redis, it is a copy that would burn with it');
});

t.test('a disk that takes nothing costs time and nothing else', async (t) => {
  const one = await copying(t);
  const rig = await build(t, { redis: one.redis, stations: ['a'], residents: 3 });
  // A file where the cell's folder should be: nothing can be written, as on a full disk.
  writeFileSync(folderOf(one.dir, rig.cell), '');
  const archiver = one.start({ copies: 2 });
  await someSwabs(rig, 1, 2);
  while (one.said.length === 0) await sleep(10);
  t.match(one.said[0], /is behind and tries again/);
  await rig.device('tablet').send([]);
  t.match(rig.device('tablet').receipt, { mark: 3, safeUpTo: 0 }, 'swabs are received all the same, and not called safe');
  rmSync(folderOf(one.dir, rig.cell));
  await archiver.caughtUp();
  await rig.device('tablet').send([]);
  t.equal(rig.device('tablet').receipt.safeUpTo, 3);
  t.same((await readAll(one.dir, rig.cell)).found.map(({ entry }) => entry), await entriesOf(one.redis, rig.cell));
});

t.test('what is written off leaves no hole in what is safe', async (t) => {
  const one = await copying(t);
  const archiver = one.start({ copies: 2 });
  const rig = await build(t, { redis: one.redis, stations: ['a'] });
  const late = rig.device('late');
  await late.send([{ step: 'callNext', body: { station: 'a' }, number: 5 }]);
  await rig.device('boss').done('writeOffDevice', { device: 'late', epoch: 'e1', reason: 'burnt', secondBy: 'nurse2' });
  await late.send([{ step: 'callNext', body: { station: 'a' }, number: 6 }]);
  await archiver.caughtUp();
  await late.send([]);
  t.match(late.receipt, { mark: 6, lost: 4, safeUpTo: 6 });
});

t.test('a record that has gone back is not archived on top of what it has lost', async (t) => {
  const one = await copying(t);
  const rig = await build(t, { redis: one.redis, stations: ['a'], residents: 5 });
  await someSwabs(rig, 1, 2, 3);
  const first = one.start({ copies: 2 });
  await first.caughtUp();
  await first.close();
  const all = (await readAll(one.dir, rig.cell)).found.map(({ entry }) => entry);

  // The Redis that comes up after a fire holds less than the archive.
  const older = await ownRedis(t, { appendfsync: 'no' });
  const redis = connect(older.url);
  t.teardown(() => redis.disconnect());
  const replay = replayCell(redis, rig.cell, buildLibrary(), async () => '');
  await replay.take(all.slice(0, -2));
  await replay.finish();
  const archiver = one.start({ following: connect(older.url, { patient: true }), cells: async () => [rig.cell], copies: 2 });
  while (!one.said.some((sentence) => /no longer archived/.test(sentence))) await sleep(10);
  await archiver.close();
  t.match(one.said.at(-1), /gone back to an older state/);
  t.same((await readAll(one.dir, rig.cell)).found.map(({ entry }) => entry), all);
  t.equal(await redis.hget(keyOf(rig.cell, 'cell'), 'copies'), null, 'and from now on there is one copy only');
});

t.test('one archiver writes, another one waits until it has ended', async (t) => {
  const one = await copying(t);
  const rig = await build(t, { redis: one.redis, stations: ['a'], residents: 5 });
  const first = one.start();
  await first.caughtUp();
  const second = one.start();
  while (one.said.length === 0) await sleep(10);
  t.match(one.said, [/another process writes the archive/]);
  await first.close();
  await someSwabs(rig, 1, 2);
  await second.caughtUp();
  t.same((await readAll(one.dir, rig.cell)).found.map(({ entry }) => entry), await entriesOf(one.redis, rig.cell));
});
