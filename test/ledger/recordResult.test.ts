// The result of a tube: it leaves when nothing speaks against it, or when two people have looked.

import t from 'tap';
import { eventsOf, minute, wordOf } from '../support.js';
import { bench, laboratoryRound } from './bench.js';
import { refusesInOrder, repeats } from './refuses.js';

t.test('a clean negative leaves at once', async (t) => {
  const { rig, scanner, received, finding, intake, results, unfinished } = await bench(t);
  const { tubes: [tube = ''], box } = await received();
  await scanner.done('reconcileBox', { box });
  t.match(await scanner.done('recordResult', { ...finding(tube), plate: 'P1', well: 'A1', lot: 'L7' }), {
    events: [{ event: 'result.released', tube, result: 'negative', home: 'north', laboratory: 'north', run: 'R1', swabs: 10, plate: 'P1', well: 'A1', lot: 'L7' }],
  });
  t.match(await intake(tube), { state: 'resulted', result: 'negative' });
  t.match(await results(tube), [{ state: 'released', result: 'negative', by: 'lena', plate: 'P1', well: 'A1', lot: 'L7' }]);
  t.same(await unfinished(), []);
  await repeats(t, { rig, device: scanner });
});

t.test('refuses, in order', (t) => refusesInOrder(t, 'recordResult', async (t) => {
  const { rig, scanner, received, finding, accessionOf, area } = await bench(t);
  const [{ tubes: [negative = ''] }, { tubes: [here = ''] }] = [await received(), await received()];
  await scanner.done('recordResult', finding(negative));
  const [spoilt, plain] = [rig.tube(), rig.tube()];
  await scanner.done('rejectTube', { tube: spoilt, reason: 'RB' });
  await scanner.done('receiveTube', { tube: plain });
  const later = rig.now() + 6 * minute;
  return { rig, device: scanner, rows: [
    { word: 'wrong_cell', body: finding(here), by: await area() },
    { word: 'time_in_future', body: { ...finding(negative), testedAt: later }, also: ['result_recorded'] },
    { word: 'result_recorded', body: finding(negative) },
    { word: 'result_differs', body: finding(negative, 'positive') },
    { word: 'tube_not_received', body: finding(rig.tube()) },
    { word: 'tube_rejected', body: finding(spoilt) },
    { word: 'accession_differs', body: { ...finding(here), accession: accessionOf(negative) }, also: ['accession_used'] },
    { word: 'accession_used', body: { ...finding(plain), accession: accessionOf(negative) } },
  ] };
}, { round: laboratoryRound }));

t.test('the same file read twice adds nothing', async (t) => {
  const { rig, scanner, received, finding } = await bench(t);
  const { tubes } = await received(20);
  const rows = tubes.map((tube) => ({ step: 'recordResult' as const, body: finding(tube) }));
  t.ok((await scanner.send(rows)).answers.every((answer) => wordOf(answer) === 'applied'));
  t.ok((await rig.device('desk').send(rows)).answers.every((answer) => wordOf(answer) === 'result_recorded'), 'by another device, under other numbers');
});

t.test('anything but a negative waits for a second person, or names one', async (t) => {
  const { scanner, received, finding, intake, waiting, unfinished } = await bench(t);
  for (const result of ['positive', 'inconclusive', 'invalid'] as const) {
    const { tubes: [alone = '', both = ''] } = await received(2);
    t.match(await scanner.done('recordResult', finding(alone, result)), { events: [{ event: 'result.held', why: 'second_person' }] });
    t.match(await scanner.done('recordResult', { ...finding(both, result), secondBy: 'lena' }), { events: [{ event: 'result.held' }] }, 'the same person twice is one person');
    t.match(await intake(both), { state: 'received' });
    t.same(eventsOf(await scanner.ask('recordResult', { ...finding(both, result, 'R2'), secondBy: 'mo' })), ['result.released']);
    t.match(await intake(both), { state: 'resulted', result });
    t.ok((await unfinished()).includes(`result:${alone}/${finding(alone).accession}/R1`));
    t.notOk((await unfinished()).some((what) => what.includes(both)), 'what was held for it is answered');
  }
  t.equal((await waiting()).results.length, 3);
});

t.test('positive and negative for one tube: the second is held, whichever it is', async (t) => {
  const { scanner, received, finding, results, intake } = await bench(t);
  const { tubes: [tube = ''] } = await received();
  await scanner.done('recordResult', finding(tube));
  t.match(await scanner.done('recordResult', { ...finding(tube, 'positive', 'R2'), secondBy: 'mo' }), { events: [{ event: 'result.held', why: 'conflict' }] }, 'even with a second person');
  t.match(await results(tube), [{ result: 'negative', state: 'released' }, { result: 'positive', state: 'held', why: 'conflict' }]);
  t.match(await intake(tube), { result: 'negative' });
  t.match(await scanner.done('recordResult', finding(tube, 'negative', 'R3')), { events: [{ event: 'result.held', why: 'conflict' }] }, 'a third does not outvote it');
});

t.test('a time before the first swab is held', async (t) => {
  const { scanner, received, finding, rig } = await bench(t);
  const { tubes: [tube = ''] } = await received();
  t.match(await scanner.done('recordResult', { ...finding(tube), testedAt: rig.now() - 2 * 3_600_000 }), { events: [{ event: 'result.held', why: 'before_sampling' }] });
});

t.test('the result of an unregistered tube is parked until its area tells of it', async (t) => {
  const { rig, scanner, expect, finding, intake, waiting } = await bench(t);
  const tube = rig.tube();
  await scanner.done('receiveTube', { tube });
  t.match(await scanner.done('recordResult', finding(tube)), { events: [{ event: 'result.parked', why: 'unregistered', home: '' }] });
  t.match(await waiting(), { results: [{ tube, state: 'parked' }], unregistered: [tube] });
  t.match((await expect([tube])).answer, { events: [{ event: 'tube.registered' }, { event: 'result.released', home: 'north' }, { event: 'box.expected' }] });
  t.match(await intake(tube), { state: 'resulted', home: 'north' });
  t.match(await waiting(), { results: [], unregistered: [] });
});
