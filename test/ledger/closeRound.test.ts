// A person declares a round finished; until then the record names what is open.

import t from 'tap';
import * as reads from '../../src/ledger/reads.js';
import { contradictionsOf, type Device, wordOf } from '../support.js';
import { bench } from './bench.js';
import { packing } from './packing.js';
import { refusesInOrder, repeats } from './refuses.js';
import { station } from './station.js';

t.test('a round in which nothing is open is closed, and takes no step any more', async (t) => {
  const { rig } = await station(t);
  t.match((await rig.post.done('closeRound', {})).events, [{ event: 'round.closed' }]);
  t.match(await reads.cellState(rig.redis, rig.cell), { state: 'closed' });
  await repeats(t, { rig, device: rig.post });
  t.equal(wordOf(await rig.post.ask('openStation', { station: 'a2', site: 's1' })), 'round_closed');
});

t.test('a fact that arrives afterwards is recorded, and says so', async (t) => {
  const { rig, tablet } = await station(t);
  await rig.post.done('closeRound', {});
  const tube = rig.tube();
  t.same(contradictionsOf(await tablet.report('openTube', { tube, station: 'a1' })), ['round_closed']);
  t.same(contradictionsOf(await tablet.report('takeSwab', { resident: '1', tube })), ['round_closed']);
  t.same(contradictionsOf(await tablet.report('voidTube', { tube, reason: 'broken', secondBy: 'leader' })), ['round_closed']);
  t.same(contradictionsOf(await tablet.report('voidTube', { tube, reason: 'broken', secondBy: 'leader' })), ['round_closed']);
  t.same(contradictionsOf(await tablet.report('registerWalkIn', { sealed: 'AAAA', village: 'Upper' })), ['round_closed']);
});

t.test('refuses, in order, naming what is open', async (t) => {
  await refusesInOrder(t, 'closeRound', async (t) => {
    const { rig, tablet, open } = await station(t);
    const other = rig.device('other');
    const worlds = [await station(t), await station(t)] as const;
    // Here a tube is open, a device has records to come, and a discrepancy waits.
    const tube = await open();
    await tablet.report('voidSwab', { resident: '1', tube, reason: 'not_taken' });
    other.draft({ step: 'callNext', body: { station: 'a1' } });
    await other.ask('callNext', { station: 'a1' });
    // There the tube is gone, there the device has sent everything.
    for (const [i, { rig, tablet, open }] of worlds.entries()) {
      const tube = await open();
      await tablet.report('voidSwab', { resident: '1', tube, reason: 'not_taken' });
      await tablet.done('voidTube', { tube, reason: 'unused' });
      if (i === 0) {
        rig.device('other').draft({ step: 'callNext', body: { station: 'a1' } });
        await rig.device('other').ask('callNext', { station: 'a1' });
      }
    }
    // At a laboratory a box waits to be compared, and a result for its tube.
    const desks = [await bench(t), await bench(t)];
    for (const [i, { scanner, newBox, rig, finding }] of desks.entries()) {
      if (i === 0) await scanner.done('receiveBox', { box: newBox() });
      await scanner.done('parkResult', finding(rig.tube()));
    }
    // There everybody of a lost tube is called back.
    const recalled = await packing(t);
    const lost = await recalled.sealed(1);
    await recalled.packer.done('reportTube', { tube: lost, what: 'lost' });
    await recalled.tablet.report('voidSwab', { resident: '2', tube: lost, reason: 'not_taken', secondBy: 'sam' });
    return { rig, device: rig.post, rows: [
      { word: 'tubes_unfinished', body: {}, also: ['devices_unfinished', 'discrepancies_open'] },
      { word: 'devices_unfinished', body: {}, also: ['discrepancies_open'], by: worlds[0].rig.post },
      { word: 'boxes_unfinished', body: {}, also: ['results_unfinished'], by: desks[0]?.rig.post as Device },
      { word: 'results_unfinished', body: {}, by: desks[1]?.rig.post as Device },
      { word: 'recalls_open', body: {}, also: ['discrepancies_open'], by: recalled.rig.post },
      { word: 'discrepancies_open', body: {}, by: worlds[1].rig.post },
    ] };
  });

  const { rig, open } = await station(t);
  const tube = await open();
  t.match(await rig.post.ask('closeRound', {}), { word: 'tubes_unfinished', detail: { tubes: [tube], unfinished: 1 } });
  const quarantined = await station(t);
  await quarantined.tablet.send([{ number: 1, step: 'quarantine', ciphertext: 'AAAA', problem: 'not JSON', fingerprint: 7 }]);
  t.match(await quarantined.rig.post.ask('closeRound', {}), { word: 'discrepancies_open', detail: { records: ['tablet:e1:1'] } });
});

t.test('tubes speak first, however many discrepancies are older', async (t) => {
  const { rig, tablet, open } = await station(t);
  for (let i = 0; i < 25; i++) await tablet.report('sealTube', { tube: rig.tube() });
  await open();
  t.equal(wordOf(await rig.post.ask('closeRound', {})), 'tubes_unfinished');
});

t.test('two at once: one closes', async (t) => {
  const { rig } = await station(t);
  const answers = await Promise.all([rig.post, rig.device('other')].map((one) => one.ask('closeRound', {})));
  t.same(answers.map(wordOf).sort(), ['applied', 'round_closed']);
});
