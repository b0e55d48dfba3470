// Labels and cards are counted as they leave the printer: what was printed before asks for a reason, and nothing is printed that is not
// reserved here.

import t from 'tap';
import { codeRanges, printRuns, printSums } from '../../src/ledger/codes.js';
import { seeded } from '../live/traffic.js';
import { build, type Rig } from '../support.js';
import { bench } from './bench.js';
import { refusesInOrder, repeats } from './refuses.js';

const rangeOf = (answer: { events: { event: string }[] }) => answer.events[0] as unknown as { first: number; last: number };
const reserve = async (rig: Rig, count: number, kind: 'tube' | 'box' = 'tube') => rangeOf(await rig.post.done('reserveCodes', { kind, count, holder: 'team1' }));

t.test('a print run is counted, and its numbers are printed', async (t) => {
  const rig = await build(t);
  const { first } = await reserve(rig, 100);
  await rig.post.done('recordPrint', { kind: 'tube', first, last: first + 39, copies: 2 });
  await repeats(t, { rig, device: rig.post });
  await rig.post.done('recordPrint', { kind: 'tube', first: first + 40, last: first + 49 });
  t.match(await codeRanges(rig.redis, rig.cell), [{ kind: 'tube', first, holder: 'team1', printed: 50, used: 0, unused: 100 }]);
  t.match(await printRuns(rig.redis, rig.cell), [{ run: 1, kind: 'tube', first, copies: 2, again: 0, by: 'nurse1', at: rig.now() }, { run: 2, first: first + 40, copies: 1 }]);
  t.same(await printSums(rig.redis, rig.cell), [{ kind: 'tube', numbers: 50, labels: 90, reprints: 0 }, { kind: 'resident', numbers: 0, labels: 0, reprints: 0 }, { kind: 'box', numbers: 0, labels: 0, reprints: 0 }]);
});

t.test('one number of a run that was printed before is enough to ask why, and with the reason it is counted as a reprint', async (t) => {
  const rig = await build(t);
  const { first } = await reserve(rig, 100);
  await rig.post.done('recordPrint', { kind: 'tube', first: first + 10, last: first + 19 });
  t.match(await rig.post.ask('recordPrint', { kind: 'tube', first, last: first + 10 }), { outcome: 'refused', word: 'reprint_needs_reason', detail: { first: String(first + 10), printed: '1' } });
  t.match((await codeRanges(rig.redis, rig.cell))[0], { printed: 10 }, 'a refusal prints nothing');
  const { events } = await rig.post.done('recordPrint', { kind: 'tube', first, last: first + 10, reason: 'damaged' });
  t.match(events, [{ event: 'codes.printed', again: 1, reason: 'damaged' }]);
  t.match((await codeRanges(rig.redis, rig.cell))[0], { printed: 20 });
  t.match((await printRuns(rig.redis, rig.cell, 2))[0], { run: 2, again: 1, reason: 'damaged' });
  t.match((await printSums(rig.redis, rig.cell))[0], { numbers: 20, labels: 21, reprints: 1 });
  t.match(await rig.post.ask('recordPrint', { kind: 'box', first, last: first }), { word: 'codes_not_reserved' }, 'a tube’s number is no box’s');
});

t.test('two screens that print the same labels at once: one of them is asked why', async (t) => {
  const rig = await build(t);
  const { first, last } = await reserve(rig, 10);
  const answers = await Promise.all(['one', 'two'].map((name) => rig.device(name).ask('recordPrint', { kind: 'tube', first, last })));
  t.same(answers.map((answer) => (answer.outcome === 'refused' ? answer.word : answer.outcome)).sort(), ['applied', 'reprint_needs_reason']);
});

t.test('resident cards are printed by the residents’ numbers', async (t) => {
  const rig = await build(t, { residents: 30 });
  await rig.post.done('recordPrint', { kind: 'resident', first: 1, last: 30 });
  t.match(await rig.post.ask('recordPrint', { kind: 'resident', first: 30, last: 30 }), { word: 'reprint_needs_reason' });
  t.match(await rig.post.ask('recordPrint', { kind: 'resident', first: 30, last: 31 }), { word: 'resident_unknown', detail: { resident: '31' } });
});

t.test('a laboratory prints labels too', async (t) => {
  const { rig } = await bench(t);
  const { first, last } = await reserve(rig, 5, 'box');
  await rig.post.done('recordPrint', { kind: 'box', first, last });
  t.match(await printSums(rig.redis, rig.cell), [{}, {}, { kind: 'box', numbers: 5 }]);
});

t.test('whatever is printed in whatever order, the stretches are those of a list kept by hand', async (t) => {
  const rig = await build(t);
  const { first } = await reserve(rig, 60);
  const printed = new Set<number>();
  const random = seeded(5);
  for (let i = 0; i < 120; i++) {
    const from = first + Math.floor(random() * 60);
    const to = Math.min(first + 59, from + Math.floor(random() * 6));
    const numbers = Array.from({ length: to - from + 1 }, (_, at) => from + at);
    const again = numbers.filter((one) => printed.has(one)).length;
    const answer = await rig.post.ask('recordPrint', { kind: 'tube', first: from, last: to, ...(i % 3 === 0 ? { reason: 'other' as const } : {}) });
    if (again > 0 && i % 3 !== 0) t.match(answer, { word: 'reprint_needs_reason', detail: { printed: String(again) } });
    else {
      t.match(answer, { outcome: 'applied', events: [{ again }] });
      for (const one of numbers) printed.add(one);
    }
    if (i % 20 === 19) t.equal((await codeRanges(rig.redis, rig.cell))[0]?.printed, printed.size);
  }
});

t.test('numbers are used when their tube or box is on record', async (t) => {
  const rig = await build(t, { stations: ['a1'] });
  const { makeCode } = await import('../../src/domain/codes.js');
  const [tubes, more, boxes] = [await reserve(rig, 20), await reserve(rig, 20), await reserve(rig, 5, 'box')];
  for (const [i, serial] of [tubes.first, tubes.first + 7, tubes.last, more.first].entries()) await rig.device(`t${i}`).done('openTube', { tube: makeCode('tube', serial), station: 'a1' });
  await rig.post.done('openBox', { box: makeCode('box', boxes.first + 2) });
  t.match(await codeRanges(rig.redis, rig.cell), [{ first: tubes.first, used: 3, unused: 17 }, { first: more.first, used: 1, unused: 19 }, { kind: 'box', used: 1, unused: 4 }]);
});

void refusesInOrder(t, 'recordPrint', async (t) => {
  const rig = await build(t, { residents: 3 });
  const { first, last } = await reserve(rig, 10);
  await rig.post.done('recordPrint', { kind: 'tube', first, last });
  return {
    rig, device: rig.post,
    rows: [
      { word: 'wrong_fence', body: { kind: 'tube', first: 17, last: 18 }, also: ['codes_not_reserved'] },
      { word: 'codes_not_reserved', body: { kind: 'tube', first, last: last + 1 }, also: ['reprint_needs_reason'] },
      { word: 'resident_unknown', body: { kind: 'resident', first: 3, last: 4 } },
      { word: 'reprint_needs_reason', body: { kind: 'tube', first: last, last } },
    ],
  };
});
