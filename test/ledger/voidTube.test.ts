// A tube is taken off the record; those whose only swab was in it are to be sampled again.

import t from 'tap';
import { contradictionsOf, eventsOf, wordOf } from '../support.js';
import { refusesInOrder, repeats } from './refuses.js';
import { station } from './station.js';

t.test('with people in it a second person confirms, and they are expected again', async (t) => {
  const { rig, tablet, open, fill, tube, resident, unfinished } = await station(t);
  const code = await fill(await open(), 1, 2);
  const { events } = await tablet.done('voidTube', { tube: code, reason: 'broken', secondBy: 'leader' });
  t.match(events, [{ event: 'tube.voided', tube: code, reason: 'broken', secondBy: 'leader', residents: [1, 2], unsampled: [1, 2] }]);
  t.match(await tube(code), { state: 'void', count: 0, members: [{ active: false, voided: true }, { active: false, voided: true }] });
  t.match(await resident(1), { swabs: 0 });
  t.same(await unfinished(), []);
  await repeats(t, { rig, device: tablet });
  await fill(await open(), 1);
});

t.test('an empty tube needs one person only', async (t) => {
  const { tablet, open } = await station(t);
  t.equal(wordOf(await tablet.ask('voidTube', { tube: await open(), reason: 'unused' })), 'applied');
});

t.test('whoever has another swab stays sampled', async (t) => {
  const { tablet, open, fill, resident } = await station(t);
  const first = await fill(await open(), 1);
  const second = await open();
  await tablet.report('takeSwab', { resident: '1', tube: second });
  const { events } = await tablet.done('voidTube', { tube: first, reason: 'broken', secondBy: 'leader' });
  t.match(events, [{ residents: [1], unsampled: [] }]);
  t.match(await resident(1), { swabs: 1 });
});

t.test('refuses, in order', (t) => refusesInOrder(t, 'voidTube', async (t) => {
  const { rig, tablet, open, fill } = await station(t);
  const voided = await open();
  await tablet.done('voidTube', { tube: voided, reason: 'unused' });
  const full = await fill(await open(), 1);
  return { rig, device: tablet, rows: [
    { word: 'tube_unknown', body: { tube: rig.tube(), reason: 'broken' } },
    // Both say that it is void.
    { word: 'tube_voided', body: { tube: voided, reason: 'broken' }, reported: [] },
    { word: 'second_person_needed', body: { tube: full, reason: 'broken', secondBy: tablet.by } },
  ] };
}));

t.test('two at once: one takes it off', async (t) => {
  const { rig, tablet, open } = await station(t);
  const tube = await open();
  const answers = await Promise.all([tablet, rig.device('other')].map((one) => one.ask('voidTube', { tube, reason: 'unused' })));
  t.same(answers.map(wordOf).sort(), ['applied', 'tube_voided']);
});

t.test('a second report leaves its trace in the tube’s story', async (t) => {
  const { rig, tablet, open } = await station(t);
  const tube = await open();
  await tablet.done('voidTube', { tube, reason: 'unused' });
  t.same(eventsOf(await rig.device('other').report('voidTube', { tube, reason: 'broken' })), ['tube.voided']);
  const { story } = await import('../../src/ledger/reads.js');
  t.same((await story(rig.redis, rig.cell, { tube })).map(({ event }) => event), ['tube.voided', 'tube.voided', 'tube.opened']);
});

t.test('a swab that came after the voiding is gone with the vial when its tablet reports that too', async (t) => {
  const { rig, tablet, open, tube, resident, unfinished } = await station(t);
  const code = await open();
  await rig.post.done('voidTube', { tube: code, reason: 'contaminated' });
  await tablet.report('takeSwab', { resident: '1', tube: code });
  const answer = await tablet.report('voidTube', { tube: code, reason: 'broken', secondBy: 'leader' });
  t.match(answer, { events: [{ event: 'tube.voided', residents: [1], unsampled: [1] }] });
  t.match([await tube(code), await resident(1)], [{ state: 'void', count: 0 }, { swabs: 0 }], 'and he is to be sampled again');
  t.notOk((await unfinished()).includes(`tube:${code}`));
});

t.test('a swab reported into a void tube keeps the round open until it is dealt with', async (t) => {
  const { tablet, open, unfinished } = await station(t);
  const tube = await open();
  await tablet.done('voidTube', { tube, reason: 'broken' });
  t.same(contradictionsOf(await tablet.report('takeSwab', { resident: '1', tube })), ['tube_voided']);
  t.ok((await unfinished()).includes(`tube:${tube}`));
  await tablet.done('voidSwab', { resident: '1', tube, reason: 'wrong_tube', secondBy: 'leader' });
  t.notOk((await unfinished()).includes(`tube:${tube}`));
});
