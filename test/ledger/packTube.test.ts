// A sealed tube goes into a box, and is in one box only.

import t from 'tap';
import { makeCode } from '../../src/domain/codes.js';
import type { LedgerEvent } from '../../src/domain/events.js';
import { contradictionsOf, eventsOf, minute, wordOf } from '../support.js';
import { everything, packing } from './packing.js';
import { refusesInOrder, repeats } from './refuses.js';

t.test('the tube is in the box', async (t) => {
  const { rig, packer, sealed, openBox, box, tube, status } = await packing(t);
  const [code, into] = [await sealed(1, 2), await openBox()];
  t.equal(await status(code), 'sealed');
  const { events } = await packer.done('packTube', { tube: code, box: into });
  t.match(events, [{ event: 'tube.packed', tube: code, box: into, trip: 1, swabs: 2, station: 1, laboratory: '' }]);
  t.match(await box(into), { tubes: [code], firstSwabAt: (await tube(code))?.firstSwabAt });
  t.equal(await status(code), 'boxed');
  await repeats(t, { rig, device: packer });
});

t.test('refuses, in order', (t) => refusesInOrder(t, 'packTube', async (t) => {
  const { rig, packer, tablet, open, fill, sealed, openBox, sealedBox, newBox, received } = await packing(t, { round: { rules: { boxTubes: 1, poolSizes: { normal: 5, key: 5, high: 1 } } } });
  const into = await openBox();
  const packed = await sealed(1);
  const shut = await sealedBox(await sealed(2));
  const full = await openBox();
  await packer.done('packTube', { tube: packed, box: full });
  const [lost, leaked] = [await sealed(3), await sealed(4)];
  await packer.done('reportTube', { tube: lost, what: 'lost' });
  await packer.done('reportTube', { tube: leaked, what: 'leaked' });
  const atLab = await sealed(6);
  await received(atLab);
  const voided = await open(rig.device('other'));
  await tablet.done('voidTube', { tube: voided, reason: 'broken' });
  const opened = await fill(await open(), 5);
  return { rig, device: packer, rows: [
    { word: 'wrong_fence', body: { tube: makeCode('tube', 3), box: newBox() }, also: ['box_unknown', 'tube_unknown'] },
    { word: 'box_unknown', body: { tube: rig.tube(), box: newBox() }, also: ['tube_unknown'] },
    { word: 'box_sealed', body: { tube: rig.tube(), box: shut }, also: ['box_full', 'tube_unknown'] },
    { word: 'box_full', body: { tube: rig.tube(), box: full }, also: ['tube_unknown'] },
    { word: 'tube_unknown', body: { tube: rig.tube(), box: into } },
    { word: 'tube_voided', body: { tube: voided, box: into } },
    { word: 'tube_not_sealed', body: { tube: opened, box: into } },
    { word: 'tube_lost', body: { tube: lost, box: into } },
    { word: 'tube_leaked', body: { tube: leaked, box: into } },
    { word: 'tube_received', body: { tube: atLab, box: into } },
    { word: 'tube_packed', body: { tube: packed, box: into } },
  ] };
}));

t.test('two at once: one box has it', async (t) => {
  const { rig, packer, sealed, openBox } = await packing(t);
  const code = await sealed(1);
  const boxes = [await openBox(), await openBox()];
  const answers = await Promise.all([packer, rig.device('second')].map((one, i) => one.ask('packTube', { tube: code, box: boxes[i] as string })));
  t.same(answers.map(wordOf).sort(), ['applied', 'tube_packed']);
});

t.test('reported in another box, it is there and the other no longer lists it', async (t) => {
  const { packer, sealed, openBox, box, discrepancies } = await packing(t);
  const code = await sealed(1);
  const [first, second] = [await openBox(), await openBox()];
  await packer.done('packTube', { tube: code, box: first });
  t.equal(wordOf(await packer.ask('packTube', { tube: code, box: first })), 'tube_packed', 'a second scan says where it is');
  t.same(contradictionsOf(await packer.report('packTube', { tube: code, box: second })), ['tube_packed']);
  t.same([(await box(first))?.tubes, (await box(second))?.tubes], [[], [code]]);
  t.match(await discrepancies(), [{ what: 'tube_packed', holds: false, detail: { box: first } }]);
  t.same(eventsOf(await packer.report('packTube', { tube: code, box: second })), [], 'the same scan again changes nothing');
});

t.test('a tube nobody has told of yet is packed, and what its tablet sends completes it', async (t) => {
  const { rig, packer, tablet, openBox, tube, status } = await packing(t);
  const [code, into] = [rig.tube(), await openBox()];
  t.same(contradictionsOf(await packer.report('packTube', { tube: code, box: into })), ['tube_unknown']);
  const { answers } = await tablet.send([
    { step: 'openTube', mode: 'report', body: { tube: code, station: 'a1' } },
    { step: 'takeSwab', mode: 'report', body: { resident: '1', tube: code } },
    { step: 'sealTube', mode: 'report', body: { tube: code } },
  ]);
  t.same(answers.map(contradictionsOf), [[], [], []]);
  t.match(await tube(code), { state: 'sealed', count: 1, box: 1, held: 1 });
  t.equal(await status(code), 'boxed');
});

t.test('a sealed tube that stays on the bench is late once', async (t) => {
  const { rig, sealed, openBox, packer } = await packing(t);
  const [left, packed] = [await sealed(1), await sealed(2)];
  await packer.done('packTube', { tube: packed, box: await openBox() });
  await rig.advance(29 * minute);
  t.same(lateOf(await everything(rig)), []);
  await rig.advance(2 * minute);
  await rig.advance(60 * minute);
  t.same(lateOf(await everything(rig)), [left]);
});

const lateOf = (events: LedgerEvent[]) => events.flatMap((event) => (event.event === 'tube.late' && event.what === 'unpacked' ? [event.tube] : []));
