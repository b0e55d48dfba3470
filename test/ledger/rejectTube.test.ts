// A tube cannot be tested.

import t from 'tap';
import { makeCode } from '../../src/domain/codes.js';
import { rejectionReasons } from '../../src/domain/reasons.js';
import { bench, laboratoryRound } from './bench.js';
import { refusesInOrder, repeats } from './refuses.js';

t.test('rejected on sight or after intake, with a reason of HL7 table 0490', async (t) => {
  const { rig, scanner, expect, received, intake, comparison, unfinished } = await bench(t);
  const { tubes: [taken = ''] } = await received();
  t.match(await scanner.done('rejectTube', { tube: taken, reason: 'QS', note: 'dry' }), { events: [{ event: 'tube.rejected', tube: taken, home: 'north', reason: 'QS', note: 'dry' }] });
  t.match(await intake(taken), { state: 'rejected', reason: 'QS' });
  await repeats(t, { rig, device: scanner });
  const { box, tubes: [broken = ''] } = await expect(1);
  await scanner.done('receiveBox', { box });
  await scanner.done('rejectTube', { tube: broken, box, reason: 'RB' });
  t.match(await comparison(box), { missing: [], rejected: [{ tube: broken, reason: 'RB' }] });
  t.same(await unfinished(), ['box:1', 'box:2']);
});

t.test('every reason has its words in both languages', (t) => {
  t.equal(Object.keys(rejectionReasons).length, 14);
  for (const { zh, en } of Object.values(rejectionReasons)) t.ok(/[\u4e00-\u9fff]/.test(zh) && en.length > 3);
  t.end();
});

t.test('refuses, in order', (t) => refusesInOrder(t, 'rejectTube', async (t) => {
  const { rig, scanner, newBox, received, finding, area } = await bench(t);
  const { tubes: [negative = ''] } = await received();
  await scanner.done('recordResult', finding(negative));
  const spoilt = rig.tube();
  await scanner.done('rejectTube', { tube: spoilt, reason: 'RB' });
  return { rig, device: scanner, rows: [
    { word: 'wrong_cell', body: { tube: rig.tube(), reason: 'RB' }, by: await area() },
    { word: 'wrong_fence', body: { tube: makeCode('tube', 5), reason: 'RB', box: newBox() }, also: ['box_not_received'] },
    { word: 'box_not_received', body: { tube: negative, reason: 'RB', box: newBox() }, also: ['tube_resulted'] },
    // Rejected already, as both say.
    { word: 'tube_rejected', body: { tube: spoilt, reason: 'EX' }, reported: [] },
    { word: 'tube_resulted', body: { tube: negative, reason: 'EX' } },
  ] };
}, { round: laboratoryRound }));

t.test('what was parked for a rejected tube is set aside', async (t) => {
  const { rig, scanner, finding, results, unfinished } = await bench(t);
  const tube = rig.tube();
  await scanner.done('parkResult', finding(tube));
  await scanner.done('rejectTube', { tube, reason: 'RN' });
  t.match(await results(tube), [{ state: 'set aside' }]);
  t.same(await unfinished(), [`unregistered:${tube}`], 'nobody knows yet whose tube it was');
});
