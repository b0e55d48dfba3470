// A range of printed numbers is set apart: never given twice, in whatever round.

import t from 'tap';
import { build, type Rig } from '../support.js';
import { steps } from '../../src/domain/steps.js';
import { wordOf } from '../support.js';
import { repeats } from './refuses.js';

const rangeOf = (answer: { events: { event: string }[] }) => answer.events[0] as unknown as { first: number; last: number; holder: string };
const reserve = async (rig: Rig, count: number) => rangeOf(await rig.post.done('reserveCodes', { kind: 'tube', count, holder: 'team1' }));

t.test('ranges follow each other over all rounds, and rehearsals have their own', async (t) => {
  const [real, practice] = [await build(t, { round: { rehearsal: false } }), await build(t)];
  const [a, b, c] = [await reserve(real, 100), await reserve(practice, 100), await reserve(await build(t, { round: { rehearsal: false } }), 50)];
  t.equal(a.last - a.first, 99);
  t.equal(a.holder, 'team1');
  t.ok(c.first > a.last, 'another round, further on');
  t.ok(a.last < 900_000_000 && b.first > 900_000_000, 'a rehearsal has the upper tenth');
});

t.test('a repeat hears of the same range', async (t) => {
  const rig = await build(t);
  await reserve(rig, 10);
  await repeats(t, { rig, device: rig.post });
});

t.test('two at once get two ranges', async (t) => {
  const rig = await build(t);
  const answers = await Promise.all([rig.post, rig.device('other')].map((one) => one.done('reserveCodes', { kind: 'box', count: 10 })));
  const [a, b] = answers.map(rangeOf).sort((x, y) => x.first - y.first);
  t.ok((a?.last ?? 0) < (b?.first ?? 0));
});

t.test('refuses, in order', async (t) => {
  t.same(steps.reserveCodes.refuses, ['round_closed', 'range_exhausted']);
  const rig = await build(t);
  await rig.post.done('closeRound', {});
  t.equal(wordOf(await rig.post.ask('reserveCodes', { kind: 'box', count: 1 })), 'round_closed');
  // Using the numbers of all rounds up is shown on a Redis of its own, in exhausted.test.ts.
});
