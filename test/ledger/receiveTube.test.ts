// A tube is at the laboratory, expected or not.

import t from 'tap';
import { makeCode } from '../../src/domain/codes.js';
import { contradictionsOf, minute, wordOf } from '../support.js';
import { bench, laboratoryRound } from './bench.js';
import { everything } from './packing.js';
import { refusesInOrder, repeats } from './refuses.js';

t.test('expected in its box, the tube is there with its accession number', async (t) => {
  const { rig, scanner, expect, intake, unfinished } = await bench(t);
  const { box, tubes: [tube = ''] } = await expect(1);
  await scanner.done('receiveBox', { box });
  t.match(await scanner.done('receiveTube', { tube, box, accession: 'A1' }), { events: [{ event: 'tube.received', tube, box, home: 'north', accession: 'A1', marks: 0 }] });
  t.match(await intake(tube), { state: 'received', home: 'north', accession: 'A1', layIn: 1, announcedIn: 1, unregistered: false, extra: false, swabs: 10 });
  t.same(await unfinished(), ['box:1', `tube:${tube}`]);
  await repeats(t, { rig, device: scanner });
});

t.test('refuses, in order', (t) => refusesInOrder(t, 'receiveTube', async (t) => {
  const { rig, scanner, newBox, received, area, accessionOf } = await bench(t);
  const { tubes: [there = ''], box } = await received();
  const spoilt = rig.tube();
  await scanner.done('rejectTube', { tube: spoilt, reason: 'RB' });
  const accession = accessionOf(there);
  return { rig, device: scanner, rows: [
    { word: 'wrong_cell', body: { tube: rig.tube() }, by: await area() },
    { word: 'wrong_fence', body: { tube: makeCode('tube', 5), box: newBox(), accession }, also: ['box_not_received', 'accession_used'] },
    { word: 'box_not_received', body: { tube: spoilt, box: newBox(), accession }, also: ['tube_rejected', 'accession_used'] },
    { word: 'tube_rejected', body: { tube: spoilt, box, accession }, also: ['accession_used'] },
    // Received already, as both say.
    { word: 'tube_received', body: { tube: there }, reported: [] },
    { word: 'accession_used', body: { tube: rig.tube(), accession } },
  ] };
}, { round: laboratoryRound }));

t.test('fifty scans of one tube receive it once, and the others say where it lay', async (t) => {
  const { rig, scanner, expect } = await bench(t);
  const { box, tubes: [tube = ''] } = await expect(1);
  await scanner.done('receiveBox', { box });
  const { answers } = await scanner.send(Array.from({ length: 50 }, () => ({ step: 'receiveTube' as const, body: { tube, box } })));
  t.equal(answers.filter((answer) => wordOf(answer) === 'applied').length, 1);
  t.match(answers.at(-1), { word: 'tube_received', detail: { tube, box } });
  t.equal((await everything(rig)).filter(({ event }) => event === 'tube.received').length, 1);
});

t.test('a tube no record has told of is taken in as unregistered, and an alarm is raised when nobody tells', async (t) => {
  const { rig, scanner, intake, waiting, unfinished } = await bench(t);
  const tube = rig.tube();
  t.match(await scanner.done('receiveTube', { tube }), { events: [{ home: '', box: '', marks: 1 }] });
  t.match(await intake(tube), { state: 'received', unregistered: true, home: '' });
  t.match(await waiting(), { unregistered: [tube] });
  t.same(await unfinished(), [`tube:${tube}`, `unregistered:${tube}`]);
  await rig.advance(31 * minute);
  await rig.advance(31 * minute);
  t.same((await everything(rig)).flatMap((event) => (event.event === 'tube.late' ? [[event.what, event.tube]] : [])), [['unregistered', tube]]);
});

t.test('in the wrong box it is there all the same, and both boxes say so', async (t) => {
  const { scanner, expect, comparison, intake } = await bench(t);
  const [mine, other] = [await expect(1), await expect(1)];
  await scanner.done('receiveBox', { box: mine.box });
  await scanner.done('receiveBox', { box: other.box });
  const [tube = ''] = mine.tubes;
  t.match(await scanner.done('receiveTube', { tube, box: other.box }), { events: [{ home: 'north', marks: 2 }] });
  t.match(await intake(tube), { extra: true });
  t.match(await comparison(mine.box), { there: [tube], missing: [], elsewhere: [{ tube, in: other.box }] });
  t.match(await comparison(other.box), { extra: [{ tube, from: mine.box }], missing: other.tubes });
});

t.test('a tube that two areas call theirs is contested until a person has looked', async (t) => {
  const { rig, scanner, expect, received, intake, finding, discrepancies, unfinished } = await bench(t);
  const { tubes: [tube = ''] } = await received();
  t.same(contradictionsOf((await expect([tube], undefined, 'south')).answer), ['tube_code_used']);
  t.match(await intake(tube), { home: 'north', held: 1 });
  t.match(await discrepancies(), [{ what: 'tube_code_used', tube, holds: true, detail: { area: 'north', other: 'south' } }]);
  t.match(await scanner.done('recordResult', finding(tube)), { events: [{ event: 'result.held', why: 'contested' }] });
  t.match(await scanner.ask('releaseResult', { tube, accession: finding(tube).accession, run: 'R1', secondBy: 'mo' }), { word: 'tube_contested' });
  await rig.post.done('resolveDiscrepancy', { discrepancy: '1', resolution: 'mistaken' });
  await rig.advance(0);
  t.match(await intake(tube), { held: 0, state: 'resulted', result: 'negative' });
  t.same((await unfinished()).filter((what) => what.startsWith('tube')), []);
});

t.test('received and not tested, it is late', async (t) => {
  const { rig, received } = await bench(t, { round: { ...laboratoryRound, rules: { resultMinutes: 60 } } });
  const { tubes: [tube = ''] } = await received();
  await rig.advance(61 * minute);
  t.match((await everything(rig)).findLast(({ event }) => event === 'tube.late'), { what: 'unresulted', tube });
});
