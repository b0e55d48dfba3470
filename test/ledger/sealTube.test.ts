// A tube is closed for good, with the reason and, where somebody counted, the count.

import t from 'tap';
import { contradictionsOf, eventsOf, wordOf } from '../support.js';
import { refusesInOrder, repeats } from './refuses.js';
import { station } from './station.js';

t.test('the tube is sealed, its station forgets it, and it keeps the round open', async (t) => {
  const { rig, tablet, open, fill, tube, station: at, unfinished } = await station(t);
  const code = await fill(await open(), 1, 2);
  const { events } = await tablet.done('sealTube', { tube: code, reason: 'shift_end', counted: 2 });
  t.match(events, [{ event: 'tube.sealed', tube: code, count: 2, counted: 2, reason: 'shift_end' }]);
  t.match(await tube(code), { state: 'sealed', reason: 'shift_end', counted: 2 });
  t.same((await at())?.tubes, []);
  t.same(await unfinished(), [`tube:${code}`]);
  await repeats(t, { rig, device: tablet });
});

t.test('refuses, in order', (t) => refusesInOrder(t, 'sealTube', async (t) => {
  const { rig, tablet, open, fill } = await station(t);
  const voided = await open();
  const sealed = await fill(await open(), 1);
  await tablet.done('sealTube', { tube: sealed });
  const empty = await open(rig.device('other'));
  const begun = await fill(await open(), 2);
  return { rig, device: tablet, rows: [
    { word: 'tube_unknown', body: { tube: rig.tube(), counted: 3 } },
    { word: 'tube_voided', body: { tube: voided, counted: 3 }, also: ['count_differs'] },
    // Sealed already: the vial is closed, as both say. Only the count is doubtful.
    { word: 'tube_sealed', body: { tube: sealed, counted: 3 }, also: ['count_differs'], reported: ['count_differs'] },
    { word: 'tube_empty', body: { tube: empty, counted: 3 }, also: ['count_differs'] },
    { word: 'count_differs', body: { tube: begun, counted: 3 } },
  ] };
}));

t.test('two at once: one seals', async (t) => {
  const { rig, tablet, open, fill } = await station(t);
  const code = await fill(await open(), 1);
  const answers = await Promise.all([tablet, rig.device('other')].map((one) => one.ask('sealTube', { tube: code })));
  t.same(answers.map(wordOf).sort(), ['applied', 'tube_sealed']);
});

t.test('a report of a tube that the record has sealed says when this device’s swabs end', async (t) => {
  const { rig, tablet, open, fill, tube } = await station(t);
  const code = await fill(await open(), 1);
  const late = tablet.draft({ step: 'takeSwab', body: { resident: '2', tube: code }, mode: 'report' });
  await rig.device('supervisor').done('sealTube', { tube: code });
  t.same(eventsOf(await tablet.report('sealTube', { tube: code })), ['tube.sealed']);
  t.same(eventsOf((await tablet.send([late])).answers[0] as never), ['swab.taken'], 'taken before the device sealed: late, and no contradiction');
  t.match(await tube(code), { count: 2, held: 0 });
});

t.test('a count that differs holds the tube until a person has looked', async (t) => {
  const { rig, tablet, open, fill, tube } = await station(t);
  const code = await fill(await open(), 1);
  t.same(contradictionsOf(await tablet.report('sealTube', { tube: code, counted: 2 })), ['count_differs']);
  t.match(await tube(code), { state: 'sealed', counted: 2, held: 1 });
  await rig.post.done('resolveDiscrepancy', { discrepancy: '1', resolution: 'mistaken' });
  t.match(await tube(code), { held: 0 });
});
