// A copied cell, taken again in an empty Redis, is the record it was copied from: every key, every position on every stream, and every
// answer to a repeat.

import type { Redis } from 'ioredis';
import t, { type Test } from 'tap';
import type { CellName } from '../../../src/domain/requests.js';
import { differences } from '../../../src/ledger/copy/compare.js';
import { type CopyEntry, EntryReader } from '../../../src/ledger/copy/entries.js';
import { buildLibrary } from '../../../src/ledger/library.js';
import { createLedger } from '../../../src/ledger/ledger.js';
import { cellState, openedCells, residents } from '../../../src/ledger/reads.js';
import { connect } from '../../../src/ledger/redis.js';
import { replayCell, ReplayDiffers } from '../../../src/ledger/replay.js';
import { seeded, traffic } from '../../live/traffic.js';
import { build, minute } from '../../support.js';
import { ownRedis } from '../../support-redis.js';
import { bench } from '../bench.js';
import { packing } from '../packing.js';
import { walk } from '../walk.js';

/** Two Redis of the test's own: one that is copied, and an empty one. */
async function two(t: Test): Promise<[Redis, Redis]> {
  const open = async () => {
    const redis = connect((await ownRedis(t, { appendfsync: 'no' })).url);
    t.teardown(() => redis.disconnect());
    return redis;
  };
  return [await open(), await open()];
}

async function entriesOf(redis: Redis, cell: CellName): Promise<CopyEntry[]> {
  const all: CopyEntry[] = [];
  const reader = new EntryReader(redis, cell);
  for (;;) {
    const last = all.at(-1);
    const page = await reader.after(last?.position ?? '', last?.bytes, 100);
    if (page === null) throw new Error('the record has changed');
    if (page.length === 0) return all;
    all.push(...page);
  }
}

const noLibrary = async (name: string): Promise<string> => { throw new Error(`no library ${name}`); };

async function copyCell(from: Redis, to: Redis, cell: CellName): Promise<void> {
  const replay = replayCell(to, cell, buildLibrary(), noLibrary);
  await replay.take(await entriesOf(from, cell));
  await replay.finish();
}

t.test('whatever walk a site takes, its copy is the same record', async (t) => {
  const [live, copy] = await two(t);
  const seed = Number(process.argv[2]) || Math.floor(Math.random() * 2 ** 31);
  t.comment(`seed ${seed}`);
  // Whether the walk agrees with its twin is asked elsewhere (model.test.ts); here it only has to be copied.
  await walk(createLedger(live, { error: () => undefined }), { runs: 60, seed }).catch((disagreement: Error) => t.comment(disagreement.message));
  const cells = await openedCells(live);
  t.ok(cells.length >= 60);
  for (const cell of cells) {
    await copyCell(live, copy, cell);
    const found = await differences(live, copy, cell);
    if (found.length > 0) t.fail(`${cell.round}: ${found.join('; ')}`);
  }
  t.same(await openedCells(copy), cells);
});

t.test('a day without sense, with devices that come and go, is the same record', async (t) => {
  const [live, copy] = await two(t);
  const rig = await build(t, { redis: live, stations: ['a', 'b', 'c'], residents: 60 });
  await traffic(rig, 1500, seeded(11));
  // Numbers that are missing, arrive late, are written off and arrive all the same.
  const late = rig.device('late');
  await late.send([{ step: 'openTube', body: { tube: rig.tube(), station: 'a' }, number: 3 }]);
  await late.send([{ step: 'callNext', body: { station: 'a' }, number: 7 }]);
  await late.send([{ step: 'callNext', body: { station: 'a' }, number: 1 }]);
  await rig.advance(10 * minute);
  const boss = rig.device('boss');
  const labels = (await boss.done('reserveCodes', { kind: 'tube', count: 40 })).events[0] as unknown as { first: number };
  await boss.done('recordPrint', { kind: 'tube', first: labels.first, last: labels.first + 9 });
  await boss.ask('recordPrint', { kind: 'tube', first: labels.first + 5, last: labels.first + 20 });
  await boss.done('recordPrint', { kind: 'tube', first: labels.first + 5, last: labels.first + 20, reason: 'misprinted' });
  await boss.report('carryRecords', { device: 'late', epoch: 'e1', first: 1, last: 3, count: 2 });
  for (let n = 1; n < 20; n += 2) await boss.ask('mergeResidents', { resident: String(n), twin: String(n + 1), secondBy: 'nurse2' });
  await traffic(rig, 100, seeded(12));
  await boss.done('writeOffDevice', { device: 'late', epoch: 'e1', reason: 'burnt', secondBy: 'nurse2' });
  await late.send([{ step: 'callNext', body: { station: 'b' }, number: 2 }]);
  await late.send([{ step: 'callNext', body: { station: 'c' }, number: 2 }]);
  await copyCell(live, copy, rig.cell);
  t.same(await differences(live, copy, rig.cell), []);
});

t.test('a real round, on the time of its Redis', async (t) => {
  const [live, copy] = await two(t);
  const rig = await build(t, { redis: live, round: { rehearsal: false }, stations: ['a'], residents: 30 });
  const tablet = rig.device('tablet');
  tablet.clock = Date.now() - 90_000;
  for (let i = 1; i <= 25; i++) {
    if (i % 10 === 1) await tablet.done('openTube', { tube: rig.tube(), station: 'a' });
    await tablet.report('takeSwab', { resident: String(i), tube: rig.tube() });
  }
  await copyCell(live, copy, rig.cell);
  t.same(await differences(live, copy, rig.cell), []);
});

t.test('the way of tubes to their results, and the laboratory they went to', async (t) => {
  const [live, copy] = await two(t);
  const area = await packing(t, { redis: live });
  const [positive, negative, lost] = [await area.sealed(1, 2, 3), await area.sealed(4), await area.sealed(5)];
  const box = await area.sealedBox(positive, negative);
  await area.packer.done('handOver', { box, from: 'pat', to: 'cora' });
  await area.courier.done('handOver', { box, from: 'pat', to: 'cora' });
  await area.packer.done('reportTube', { tube: lost, what: 'lost' });
  for (const tube of [positive, negative]) await area.received(tube);
  await area.resulted(negative, 'negative');
  await area.resulted(positive, 'positive');
  await area.resulted(await area.single(1), 'negative');
  await area.rig.advance(600 * minute);

  const lab = await bench(t, { redis: live });
  const { tubes } = await lab.received(4);
  for (const [i, result] of (['negative', 'positive', 'invalid'] as const).entries()) {
    await lab.scanner.ask('recordResult', { ...lab.finding(tubes[i] ?? '', result), secondBy: 'liang' });
  }
  await lab.scanner.ask('rejectTube', { tube: tubes[3] ?? '', reason: 'RB' });
  await lab.rig.advance(600 * minute);
  for (const { cell } of [area.rig, lab.rig]) {
    await copyCell(live, copy, cell);
    t.same(await differences(live, copy, cell), []);
  }
});

t.test('after a rebuild a repeat hears what it heard, and the record goes on', async (t) => {
  const [live, copy] = await two(t);
  const rig = await build(t, { redis: live, stations: ['a'], residents: 5 });
  const tablet = rig.device('tablet');
  const tube = rig.tube();
  const requests = [
    tablet.draft({ step: 'openTube', body: { tube, station: 'a' } }), tablet.draft({ step: 'takeSwab', body: { resident: '1', tube } }),
    tablet.draft({ step: 'takeSwab', body: { resident: '1', tube } }), tablet.draft({ step: 'takeSwab', body: { resident: '2', tube } }),
  ];
  const { answers, mark } = await tablet.send(requests);
  await tablet.send([{ number: 5, step: 'quarantine', ciphertext: 'AAAA', problem: 'not JSON', fingerprint: 7 }]);
  await copyCell(live, copy, rig.cell);
  const ledger = createLedger(copy, { error: (detail) => t.fail(JSON.stringify(detail)) });
  const [receipt] = await ledger.take(rig.cell, [{ device: 'tablet', epoch: 'e1', requests }]);
  t.same(receipt?.answers, answers.map((answer) => ({ ...answer, again: true })));
  t.not(receipt?.dataEpoch, tablet.receipt.dataEpoch, 'and it is told that the record may have gone back');
  t.equal(receipt?.mark, mark + 1);
  const next = tablet.draft({ step: 'takeSwab', body: { resident: '3', tube } });
  const [more] = await ledger.take(rig.cell, [{ device: 'tablet', epoch: 'e1', requests: [next] }]);
  t.match(more?.answers, [{ outcome: 'applied' }]);
  // What was taken since stands in the copy's own stream, so it can be copied in its turn.
  t.equal((await entriesOf(copy, rig.cell)).length, (await entriesOf(live, rig.cell)).length + 1);
});

t.test('what is not as it was is named, and nothing of it may be used', async (t) => {
  const [live, copy] = await two(t);
  const rig = await build(t, { redis: live, stations: ['a'], residents: 3 });
  const tube = rig.tube();
  const tablet = rig.device('tablet');
  await tablet.done('openTube', { tube, station: 'a' });
  await tablet.done('takeSwab', { resident: '1', tube });
  const entries = await entriesOf(live, rig.cell);
  const spoilt = entries.map((entry, i) => {
    if (i !== entries.length - 1) return entry;
    const [event] = entry.events;
    const bytes = Buffer.from(event?.bytes ?? '');
    bytes[bytes.length - 20] = (bytes[bytes.length - 20] ?? 0) ^ 1;
    return { ...entry, events: [{ id: event?.id ?? '', bytes }] };
  });
  const replay = replayCell(copy, rig.cell, buildLibrary(), noLibrary);
  await t.rejects(replay.take(spoilt), { name: 'ReplayDiffers', position: entries.at(-1)?.position ?? '', message: /comes out otherwise/ });
  const ledger = createLedger(copy, { error: () => undefined });
  const [receipt] = await ledger.take(rig.cell, [{ device: 'tablet', epoch: 'e1', requests: [tablet.draft({ step: 'takeSwab', body: { resident: '2', tube } })] }]);
  t.match(receipt?.answers, [{ outcome: 'refused', word: 'cell_halted' }], 'a record half rebuilt takes nothing');

  await t.rejects(replayCell(live, rig.cell, buildLibrary(), noLibrary).take(entries), ReplayDiffers, 'a record in use is never replayed into');
  t.equal((await cellState(live, rig.cell))?.halted, undefined);
  t.equal((await residents(live, rig.cell)).length, 3);
});

t.test('another history than the one that was copied is noticed', async (t) => {
  const [live] = await two(t);
  const rig = await build(t, { redis: live, stations: ['a'] });
  const reader = new EntryReader(live, rig.cell);
  const entries = (await reader.after('', undefined, 100)) as CopyEntry[];
  const last = entries.at(-1) as CopyEntry;
  t.same(await reader.after(last.position, last.bytes, 100), []);
  t.equal(await reader.after(last.position, entries[0]?.bytes, 100), null, 'the place is taken by something else');
  t.equal(await reader.after('9999999999999-0', last.bytes, 100), null, 'the place is not there');
});
