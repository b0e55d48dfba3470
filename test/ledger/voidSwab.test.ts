// A swab that is not in the tube is taken off the record; its place stays visible.

import t from 'tap';
import { contradictionsOf, wordOf } from '../support.js';
import { refusesInOrder, repeats } from './refuses.js';
import { station } from './station.js';

t.test('the resident is expected again, and the member is crossed out', async (t) => {
  const { rig, tablet, open, fill, tube, resident } = await station(t);
  const code = await fill(await open(), 1, 2);
  const { events } = await tablet.done('voidSwab', { resident: '1', tube: code, reason: 'scanned_twice', note: 'scanned the neighbour' });
  t.match(events, [{ event: 'swab.voided', resident: 1, tube: code, reason: 'scanned_twice', left: 0, note: 'scanned the neighbour' }]);
  t.match(await resident(1), { swabs: 0 });
  t.match(await tube(code), { count: 1, members: [{ resident: 1, active: false, voided: true }, { resident: 2, active: true }] });
  await repeats(t, { rig, device: tablet });
  await fill(code, 1);
  t.match(await tube(code), { count: 2 });
});

t.test('refuses, in order', (t) => refusesInOrder(t, 'voidSwab', async (t) => {
  const { rig, tablet, open, fill } = await station(t);
  const sealed = await fill(await open(), 1);
  await tablet.done('sealTube', { tube: sealed });
  const reason = 'wrong_person';
  return { rig, device: tablet, rows: [
    { word: 'resident_unknown', body: { resident: '99', tube: rig.tube(), reason }, also: ['tube_unknown'] },
    { word: 'tube_unknown', body: { resident: '1', tube: rig.tube(), reason } },
    { word: 'swab_unknown', body: { resident: '2', tube: sealed, reason }, also: ['second_person_needed'] },
    { word: 'second_person_needed', body: { resident: '1', tube: sealed, reason, secondBy: tablet.by } },
  ] };
}));

t.test('two at once: it is taken off once', async (t) => {
  const { rig, tablet, open, fill, tube } = await station(t);
  const code = await fill(await open(), 1);
  const answers = await Promise.all([tablet, rig.device('other')].map((one) => one.ask('voidSwab', { resident: '1', tube: code, reason: 'not_taken' })));
  t.same(answers.map(wordOf).sort(), ['applied', 'swab_unknown']);
  t.match(await tube(code), { count: 0 });
});

t.test('a report that meets no swab changes nothing but holds the tube', async (t) => {
  const { rig, tablet, open, fill, tube } = await station(t);
  const code = await fill(await open(), 1);
  t.same(contradictionsOf(await tablet.report('voidSwab', { resident: '2', tube: code, reason: 'not_taken' })), ['swab_unknown']);
  t.match(await tube(code), { count: 1, held: 1 });
  await rig.post.done('resolveDiscrepancy', { discrepancy: '1', resolution: 'mistaken' });
  t.match(await tube(code), { held: 0 });
});

t.test('the second of two swabs is taken off, and the first remains', async (t) => {
  const { tablet, open, fill, resident } = await station(t);
  const first = await fill(await open(), 1);
  const second = await open();
  await tablet.report('takeSwab', { resident: '1', tube: second });
  t.match((await tablet.done('voidSwab', { resident: '1', tube: second, reason: 'not_taken' })).events, [{ left: 1 }]);
  t.match(await resident(1), { swabs: 1 });
  t.equal(wordOf(await tablet.ask('voidSwab', { resident: '1', tube: second, reason: 'not_taken' })), 'swab_unknown');
  t.ok(first);
});
