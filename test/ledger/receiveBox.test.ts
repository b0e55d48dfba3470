// A box is at the laboratory.

import t from 'tap';
import { makeCode } from '../../src/domain/codes.js';
import { eventsOf, minute, wordOf } from '../support.js';
import { bench, laboratoryRound } from './bench.js';
import { everything } from './packing.js';
import { refusesInOrder, repeats } from './refuses.js';

t.test('announced, the box is on the bench with what its manifest says', async (t) => {
  const { rig, scanner, expect, delivery, comparison, unfinished } = await bench(t);
  const { box, tubes } = await expect(2);
  t.match(await scanner.done('receiveBox', { box, condition: 'too_warm' }), { events: [{ event: 'box.received', box, home: 'north', laboratory: 'north', expected: 2, condition: 'too_warm', marks: 0 }] });
  t.match(await delivery(box), { state: 'received', home: 'north', condition: 'too_warm', unannounced: false, tubes });
  t.match(await comparison(box), { expected: 2, there: [], missing: tubes, extra: [] });
  t.same(await unfinished(), ['box:1']);
  await repeats(t, { rig, device: scanner });
});

t.test('refuses, in order', (t) => refusesInOrder(t, 'receiveBox', async (t) => {
  const { rig, scanner, newBox, received, area } = await bench(t);
  const { box } = await received();
  return { rig, device: scanner, rows: [
    { word: 'wrong_cell', body: { box: newBox() }, by: await area() },
    { word: 'wrong_fence', body: { box: makeCode('box', 5) } },
    // Received already, as both say.
    { word: 'box_received', body: { box }, reported: [] },
  ] };
}, { round: laboratoryRound }));

t.test('a trigger that sticks scans it fifty times and receives it once', async (t) => {
  const { rig, scanner, expect } = await bench(t);
  const { box } = await expect(1);
  const { answers } = await scanner.send(Array.from({ length: 50 }, () => ({ step: 'receiveBox' as const, body: { box } })));
  t.equal(answers.filter((answer) => wordOf(answer) === 'applied').length, 1);
  t.equal(answers.filter((answer) => wordOf(answer) === 'box_received').length, 49);
  t.equal((await everything(rig)).filter(({ event }) => event === 'box.received').length, 1);
});

t.test('unannounced, the box is taken in, and its manifest finds it there', async (t) => {
  const { rig, scanner, newBox, expect, delivery, comparison } = await bench(t);
  const [box, tube] = [newBox(), rig.tube()];
  t.match(await scanner.done('receiveBox', { box }), { events: [{ home: '', expected: 0, marks: 1 }] });
  await scanner.done('receiveTube', { tube, box });
  const { answer } = await expect([tube, rig.tube()], box);
  t.match(answer, { events: [{ event: 'tube.registered', tube, home: 'north', state: 1 }, { event: 'box.expected', state: 2, count: 2 }] });
  t.match(await delivery(box), { delivery: 1, state: 'received', unannounced: true, home: 'north' });
  t.match(await comparison(box), { there: [tube], extra: [] });
});

t.test('the same box comes again: a new delivery, and the one before can still be compared', async (t) => {
  const { scanner, received, expect, delivery } = await bench(t);
  const first = await received();
  const again = await expect(1, first.box);
  t.match(await delivery(first.box), { delivery: 2, state: 'expected', tubes: again.tubes });
  t.match(await scanner.done('reconcileBox', { box: first.box }), { events: [{ trip: first.body.trip }] });
  await scanner.done('receiveBox', { box: first.box });
  t.match(await delivery(first.box), { delivery: 2, state: 'received' });
  await scanner.done('reconcileBox', { box: first.box });
  t.same(eventsOf(await scanner.ask('receiveBox', { box: first.box })), ['box.received'], 'compared and back once more, its manifest on the way');
});

t.test('a box nobody compares is late once', async (t) => {
  const { rig, scanner, received, expect } = await bench(t);
  const [left, done] = [await received(), await received()];
  await scanner.done('reconcileBox', { box: done.box });
  await expect(1);
  await rig.advance(31 * minute);
  await rig.advance(31 * minute);
  t.same((await everything(rig)).flatMap((event) => (event.event === 'box.late' ? [event.what, event.box] : [])), ['unreconciled', left.box]);
});
