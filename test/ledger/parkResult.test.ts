// The result of a tube that is not here waits until it is.

import t from 'tap';
import { minute } from '../support.js';
import { bench, laboratoryRound } from './bench.js';
import { refusesInOrder, repeats } from './refuses.js';

t.test('parked, it leaves when the tube has come', async (t) => {
  const { rig, scanner, expect, finding, intake, unfinished } = await bench(t);
  const { tubes: [tube = ''] } = await expect(1);
  t.match(await scanner.done('parkResult', finding(tube)), { events: [{ event: 'result.parked', why: 'not_received', home: 'north' }] });
  t.same(await unfinished(), [`result:${tube}/${finding(tube).accession}/R1`]);
  await repeats(t, { rig, device: scanner });
  t.match(await scanner.done('receiveTube', { tube, accession: finding(tube).accession }), { events: [{ event: 'tube.received' }, { event: 'result.released', result: 'negative' }] });
  t.match(await intake(tube), { state: 'resulted' });
});

t.test('parked under another accession number than the tube gets, it is held', async (t) => {
  const { scanner, expect, finding } = await bench(t);
  const { tubes: [tube = ''] } = await expect(1);
  await scanner.done('parkResult', finding(tube));
  t.match(await scanner.done('receiveTube', { tube, accession: 'OTHER' }), { events: [{ event: 'tube.received' }, { event: 'result.held', why: 'accession_differs' }] });
});

t.test('a tube nobody has heard of: both have to come, the tube and its area’s word', async (t) => {
  const { rig, scanner, expect, finding } = await bench(t);
  const tube = rig.tube();
  await scanner.done('parkResult', finding(tube, 'positive'));
  t.match(await scanner.done('receiveTube', { tube }), { events: [{ event: 'tube.received' }, { event: 'result.parked', why: 'unregistered' }] });
  t.match((await expect([tube])).answer, { events: [{ event: 'tube.registered' }, { event: 'result.held', why: 'second_person' }, { event: 'box.expected' }] });
});

t.test('refuses, in order', (t) => refusesInOrder(t, 'parkResult', async (t) => {
  const { rig, scanner, received, finding, accessionOf, area } = await bench(t);
  const { tubes: [here = ''] } = await received();
  const [parked, spoilt] = [rig.tube(), rig.tube()];
  await scanner.done('parkResult', finding(parked));
  await scanner.done('rejectTube', { tube: spoilt, reason: 'RB' });
  return { rig, device: scanner, rows: [
    { word: 'wrong_cell', body: finding(parked), by: await area() },
    { word: 'time_in_future', body: { ...finding(parked), testedAt: rig.now() + 6 * minute }, also: ['result_recorded'] },
    { word: 'result_recorded', body: finding(parked) },
    { word: 'result_differs', body: finding(parked, 'invalid') },
    { word: 'tube_rejected', body: finding(spoilt) },
    { word: 'tube_received', body: finding(here) },
    { word: 'accession_used', body: { ...finding(rig.tube()), accession: accessionOf(here) } },
  ] };
}, { round: laboratoryRound }));
