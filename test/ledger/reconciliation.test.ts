// The reconciliation ledger: where tubes stand, what is missing between two stages, and whose business it is.

import t from 'tap';
import { gapTubes, laboratoryReconciliation, missingPersons, reconciliation, stages } from '../../src/ledger/reconciliation.js';
import { minute } from '../support.js';
import { bench } from './bench.js';
import { packing } from './packing.js';

t.test('each tube is counted up to its stage, and stands in one gap or has its end', async (t) => {
  const world = await packing(t, { residents: [30, (i) => ({ village: i % 2 === 0 ? 'Upper' : 'Lower' })] });
  const { rig, packer, courier, tablet, open, fill, sealed, openBox, sealedBox, received, rejected, resulted } = world;
  const opened = await fill(await open(rig.device('other')), 1);
  const bench = await sealed(2, 3);
  const inBox = await sealed(4);
  await packer.done('packTube', { tube: inBox, box: await openBox() });
  const onRoad = await sealed(5);
  const road = await sealedBox(onRoad);
  await packer.done('handOver', { box: road, from: 'pat', to: 'cora' });
  await courier.done('handOver', { box: road, from: 'pat', to: 'cora' });
  const [atLab, waits, negative, positive, bad, lost, leaked] = [await sealed(6), await sealed(7), await sealed(8, 9), await sealed(10), await sealed(11), await sealed(12), await sealed(13)];
  for (const tube of [atLab, waits, negative, positive]) await received(tube);
  await rejected(bad);
  await packer.done('reportTube', { tube: lost, what: 'lost' });
  await packer.done('reportTube', { tube: leaked, what: 'leaked' });
  await tablet.report('takeSwab', { resident: '14', tube: waits });
  await resulted(waits, 'negative');
  await resulted(negative, 'negative');
  await resulted(positive, 'positive');
  const unused = await open(rig.device('third'));
  await rig.post.done('voidTube', { tube: unused, reason: 'unused' });

  const ledger = await reconciliation(rig.redis, rig.cell);
  t.match(ledger.round.tubes, {
    reached: { opened: 12, sealed: 10, boxed: 7, handedOver: 6, received: 5, accepted: 4, tested: 3, released: 2 }, open: 6,
    gaps: { opened: 1, sealed: 1, boxed: 1, handedOver: 1, accepted: 1, tested: 1 }, ended: { void: 1, lost: 1, leaked: 1, rejected: 1 },
  });
  t.equal(ledger.gaps, 6);
  t.equal(ledger.round.swabs.reached.opened, 14);
  t.match(ledger.people, { expected: 30, sampled: 14, missing: 16, recalled: 4 });
  t.match(ledger.recalls, { open: 4, people: 4, found: 0 });
  const sum = (list: { swabs: typeof ledger.round.swabs }[], stage: (typeof stages)[number]) => list.reduce((total, { swabs }) => total + swabs.reached[stage], 0);
  for (const stage of stages) for (const list of [ledger.villages, ledger.sites, ledger.stations]) t.equal(sum(list, stage), ledger.round.swabs.reached[stage], `${stage} adds up`);
  t.match(ledger.boxes.find(({ box }) => box === road), { state: 'handed over', tubes: { open: 1, gaps: { handedOver: 1 } } });

  const gaps = await gapTubes(rig.redis, rig.cell);
  t.equal(gaps.total, 6);
  const ownerOf = (tube: string) => gaps.tubes.find((one) => one.tube === tube)?.owner;
  t.same(ownerOf(opened), { kind: 'station', name: 'a1' });
  t.same(ownerOf(bench), { kind: 'station', name: 'a1' });
  t.same(ownerOf(inBox), { kind: 'person', name: 'pat' });
  t.same(ownerOf(onRoad), { kind: 'person', name: 'cora' });
  t.same(ownerOf(atLab), { kind: 'laboratory', name: 'lab' });
  t.same(ownerOf(waits), { kind: 'supervisor', name: 'a1' });
  t.same((await gapTubes(rig.redis, rig.cell, { gap: 'sealed' })).tubes.map(({ tube }) => tube), [bench]);
  t.same((await gapTubes(rig.redis, rig.cell, { trip: 2 })).tubes.map(({ tube }) => tube), [onRoad]);
  t.equal((await gapTubes(rig.redis, rig.cell, {}, 2, 3)).tubes.length, 3);
});

t.test('the finish line: no gap, and the round can be closed', async (t) => {
  const { rig, sealed, sealedBox, received, resulted, relay } = await packing(t);
  const tubes = [await sealed(1, 2), await sealed(3)];
  const box = await sealedBox(...tubes);
  t.equal((await reconciliation(rig.redis, rig.cell)).gaps, 2);
  for (const tube of tubes) await received(tube);
  await relay.report('noteReconciled', { box, trip: 1, laboratory: 'lab', missing: [], extra: [] });
  for (const tube of tubes) await resulted(tube, 'negative');
  const ledger = await reconciliation(rig.redis, rig.cell);
  t.equal(ledger.gaps, 0);
  t.match(ledger.laboratories, [{ laboratory: 'lab', tubes: { reached: { released: 2 } } }]);
  await rig.post.done('closeRound', {});
});

t.test('who is missing, by village and door, and how far that can be believed', async (t) => {
  const { rig, tablet, open, fill } = await packing(t, { residents: [8, (i) => ({ village: i < 5 ? 'Upper' : 'Lower', household: i < 3 ? 1 : i + 1 })] });
  await fill(await open(), 1, 6);
  await rig.post.done('excuseResident', { resident: '4', reason: 'away' });
  const list = await missingPersons(rig.redis, rig.cell, { village: 1 });
  t.match(list, { total: 5, villages: [{ name: 'Upper', missing: 3 }, { name: 'Lower', missing: 2 }], provisional: null });
  t.same(list.households, [{ household: 1, residents: [2, 3] }, { household: 5, residents: [5] }]);
  tablet.draft({ step: 'takeSwab', body: { resident: '2', tube: rig.tube() }, mode: 'report' });
  await tablet.send([]);
  t.match(await missingPersons(rig.redis, rig.cell), { households: [], provisional: { devices: 1, records: 1 } });
  await tablet.report('sealTube', { tube: rig.tube() });
  await rig.advance(10 * minute);
  t.match(await missingPersons(rig.redis, rig.cell), { provisional: { silent: 1 } }, 'a tablet nobody hears');
});

t.test('a laboratory’s side, area by area', async (t) => {
  const { rig, scanner, received, expect, finding } = await bench(t);
  const { tubes: [negative = '', held = '', untested = ''] } = await received(3);
  await scanner.done('recordResult', finding(negative));
  await scanner.done('recordResult', finding(held, 'positive'));
  await expect(2, undefined, 'south');
  const unknown = rig.tube();
  await scanner.done('receiveTube', { tube: unknown });
  await scanner.done('recordResult', finding(unknown));
  t.ok(untested);
  t.same(await laboratoryReconciliation(rig.redis, rig.cell), [
    { home: '', expected: 0, received: 1, rejected: 0, tested: 1, released: 0, held: 0, parked: 1, toReceive: 0, toTest: 0, toRelease: 1 },
    { home: 'north', expected: 3, received: 3, rejected: 0, tested: 2, released: 1, held: 1, parked: 0, toReceive: 0, toTest: 1, toRelease: 1 },
    { home: 'south', expected: 2, received: 0, rejected: 0, tested: 0, released: 0, held: 0, parked: 0, toReceive: 2, toTest: 0, toRelease: 0 },
  ]);
});
