// A box is compared with its manifest.

import t from 'tap';
import { wordOf } from '../support.js';
import { bench, laboratoryRound } from './bench.js';
import { refusesInOrder, repeats } from './refuses.js';

t.test('what is missing and what is extra is named', async (t) => {
  const { rig, scanner, expect, delivery, unfinished } = await bench(t);
  const { box, tubes: [there = '', missing = ''] } = await expect(2);
  await scanner.done('receiveBox', { box });
  await scanner.done('receiveTube', { tube: there, box });
  const extra = rig.tube();
  await scanner.done('receiveTube', { tube: extra, box });
  t.match(await scanner.done('reconcileBox', { box, note: 'seal intact' }), { events: [{ event: 'box.reconciled', box, home: 'north', expected: 2, received: 1, missing, extra, note: 'seal intact' }] });
  t.match(await delivery(box), { state: 'reconciled' });
  t.notOk((await unfinished()).includes('box:1'));
  await repeats(t, { rig, device: scanner });
});

t.test('refuses, in order', (t) => refusesInOrder(t, 'reconcileBox', async (t) => {
  const { rig, scanner, newBox, expect, received, area } = await bench(t);
  const { box: on } = await expect(1);
  const { box } = await received();
  await scanner.done('reconcileBox', { box });
  return { rig, device: scanner, rows: [
    { word: 'wrong_cell', body: { box: newBox() }, by: await area() },
    { word: 'box_unknown', body: { box: newBox() } },
    { word: 'box_not_received', body: { box: on } },
    { word: 'box_reconciled', body: { box } },
  ] };
}, { round: laboratoryRound }));

t.test('compared against nothing, it is compared again when its manifest comes', async (t) => {
  const { rig, scanner, newBox, expect } = await bench(t);
  const [box, tube, absent] = [newBox(), rig.tube(), rig.tube()];
  await scanner.done('receiveBox', { box });
  await scanner.done('receiveTube', { tube, box });
  t.match(await scanner.done('reconcileBox', { box }), { events: [{ home: '', expected: 0, extra: tube }] });
  const { answer } = await expect([tube, absent], box);
  t.match(answer, { events: [{ event: 'tube.registered' }, { event: 'box.expected', state: 3 }, { event: 'box.reconciled', home: 'north', expected: 2, missing: absent, extra: '' }] });
});

t.test('a straggler told of after the comparison is missing like the others', async (t) => {
  const { scanner, received, rig } = await bench(t);
  const { box, body } = await received();
  await scanner.done('reconcileBox', { box });
  const late = rig.tube();
  const answer = await rig.device('relay.north').report('expectBox', { ...body, tubes: [[late, 3, rig.now()]] });
  t.match(answer, { events: [{ event: 'box.expected', count: 2 }, { event: 'box.reconciled', missing: late }] });
  t.equal(wordOf(await scanner.ask('reconcileBox', { box })), 'box_reconciled');
});
