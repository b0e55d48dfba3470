// An area tells the laboratory what is coming.

import t from 'tap';
import { contradictionsOf, eventsOf } from '../support.js';
import { bench, laboratoryRound } from './bench.js';
import { refusesInOrder, repeats } from './refuses.js';

t.test('the box and its tubes are expected', async (t) => {
  const { rig, expect, delivery, intake, unfinished } = await bench(t);
  const { box, tubes, body, answer } = await expect(2);
  t.match(answer, { events: [{ event: 'box.expected', box, home: 'north', count: 2, state: 1 }] });
  t.match(await delivery(box), { state: 'expected', trip: body.trip, tubes });
  t.match(await intake(tubes[0] as string), { state: 'expected', home: 'north', announcedIn: 1, sampledAt: body.tubes[0]?.[2] });
  t.same(await unfinished(), [], 'what has not come is the business of its area');
  await repeats(t, { rig, device: rig.device('relay.north') });
  await rig.device('relay.north').report('expectBox', body);
  t.match(await delivery(box), { delivery: 1, tubes }, 'told again, it is the same box');
});

t.test('refuses, in order', (t) => refusesInOrder(t, 'expectBox', async (t) => {
  const { rig, received, expect, newBox, area } = await bench(t);
  const { tubes: [tube = ''], body } = await received();
  const relay = rig.device('relay.south');
  void expect;
  return { rig, device: relay, rows: [
    { word: 'wrong_cell', body: { ...body }, by: await area() },
    // A real round's box at a rehearsal's laboratory, or the other way round: no report makes that true.
    { word: 'wrong_fence', body: { ...body, rehearsal: false }, reported: ['wrong_fence'] },
    { word: 'tube_code_used', body: { ...body, box: newBox(), from: 'south', tubes: [[tube, 1, 0]] } },
  ] };
}, { round: laboratoryRound }));

t.test('without a box: tubes on the bench have found their area', async (t) => {
  const { rig, scanner, intake } = await bench(t);
  const tube = rig.tube();
  await scanner.done('receiveTube', { tube, accession: 'A1' });
  const answer = await rig.device('relay.finder').report('expectBox', { trip: 0, from: 'east', rehearsal: true, tubes: [[tube, 4, 1]] });
  t.match(answer, { events: [{ event: 'tube.registered', tube, home: 'east', state: 1, accession: 'A1' }] });
  t.match(await intake(tube), { home: 'east', swabs: 4 });
});

t.test('sent elsewhere after all, the box is not waited for', async (t) => {
  const { rig, expect, delivery } = await bench(t);
  const { box, body } = await expect(1);
  const relay = rig.device('relay.north');
  t.same(eventsOf(await relay.report('expectBox', { ...body, tubes: [], elsewhere: true })), ['box.expected']);
  t.match(await delivery(box), { state: 'elsewhere' });
  t.same(contradictionsOf(await relay.report('expectBox', body)), []);
  t.match(await delivery(box), { state: 'expected' }, 'and comes here again');
});

t.test('a rejected tube nobody knew is told to its area when it is known', async (t) => {
  const { rig, scanner, expect } = await bench(t);
  const tube = rig.tube();
  await scanner.done('rejectTube', { tube, reason: 'RM' });
  t.match((await expect([tube])).answer, { events: [{ event: 'tube.registered', state: 2, reason: 'RM' }, { event: 'box.expected' }] });
});
