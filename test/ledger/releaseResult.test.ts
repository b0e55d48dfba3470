// Two people let a held result go.

import t from 'tap';
import { wordOf } from '../support.js';
import { bench, laboratoryRound } from './bench.js';
import { refusesInOrder, repeats } from './refuses.js';

t.test('what lacked its second person is let go by anybody but the first', async (t) => {
  const { rig, scanner, received, finding, results } = await bench(t);
  const { tubes: [tube = ''] } = await received();
  const { accession } = finding(tube);
  await scanner.done('recordResult', finding(tube, 'positive'));
  t.equal(wordOf(await scanner.ask('releaseResult', { tube, accession, run: 'R1' })), 'second_person_needed', 'the first alone');
  const reviewer = rig.device('reviewer');
  reviewer.by = 'mo';
  t.match(await reviewer.done('releaseResult', { tube, accession, run: 'R1', note: 'seen' }), { events: [{ event: 'result.released', result: 'positive', secondBy: 'mo', note: 'seen' }] });
  t.match(await results(tube), [{ state: 'released', by: 'lena', secondBy: 'mo' }]);
  await repeats(t, { rig, device: reviewer });
});

t.test('of two that contradict each other two people choose one, and the other is set aside', async (t) => {
  const { rig, scanner, received, finding, results, intake, unfinished } = await bench(t);
  const { tubes: [tube = ''] } = await received();
  const { accession } = finding(tube);
  await scanner.done('recordResult', finding(tube));
  await scanner.done('recordResult', finding(tube, 'positive', 'R2'));
  const reviewer = rig.device('reviewer');
  reviewer.by = 'mo';
  t.equal(wordOf(await reviewer.ask('releaseResult', { tube, accession, run: 'R2' })), 'second_person_needed', 'one pair of eyes is not enough here');
  t.match(await reviewer.done('releaseResult', { tube, accession, run: 'R2', secondBy: 'ned' }), { events: [{ event: 'result.released', result: 'positive', secondBy: 'ned' }] });
  t.match(await results(tube), [{ result: 'negative', state: 'set aside' }, { result: 'positive', state: 'released' }]);
  t.match(await intake(tube), { result: 'positive' });
  t.notOk((await unfinished()).some((what) => what.startsWith('result:')));
});

t.test('refuses, in order', (t) => refusesInOrder(t, 'releaseResult', async (t) => {
  const { rig, scanner, expect, received, finding, area } = await bench(t);
  const { tubes: [contested = '', negative = '', positive = ''] } = await received(3);
  await scanner.done('recordResult', finding(contested, 'positive'));
  await expect([contested], undefined, 'south');
  await scanner.done('recordResult', finding(negative));
  await scanner.done('recordResult', finding(positive, 'positive'));
  const of = (tube: string) => ({ tube, accession: finding(tube).accession, run: 'R1' });
  return { rig, device: scanner, rows: [
    { word: 'wrong_cell', body: of(positive), by: await area() },
    { word: 'result_unknown', body: of(rig.tube()) },
    { word: 'result_not_held', body: of(negative) },
    { word: 'tube_contested', body: of(contested), also: ['second_person_needed'] },
    { word: 'second_person_needed', body: of(positive) },
  ] };
}, { round: laboratoryRound }));
