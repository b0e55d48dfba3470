// A swab recorded in one tube is in truth in another; both tubes keep the trace.

import t from 'tap';
import * as reads from '../../src/ledger/reads.js';
import { eventsOf, wordOf } from '../support.js';
import { refusesInOrder, repeats } from './refuses.js';
import { station } from './station.js';

const reason = 'wrong_tube_scanned';

t.test('the membership moves, in one step', async (t) => {
  const { rig, tablet, open, fill, tube, resident } = await station(t);
  const [from, to] = [await fill(await open(), 1, 2), await open(rig.device('other'))];
  const { events } = await tablet.done('moveSwab', { resident: '1', from, to, reason });
  t.match(events, [{ event: 'swab.moved', resident: 1, from, to, reason }]);
  t.match(await tube(from), { count: 1, members: [{ resident: 1, active: false, moved: true }, { resident: 2, active: true }] });
  t.match(await tube(to), { count: 1, members: [{ resident: 1, active: true }] });
  t.match(await resident(1), { swabs: 1 });
  await repeats(t, { rig, device: tablet });
  const names = async (of: Parameters<typeof reads.story>[2]) => (await reads.story(rig.redis, rig.cell, of)).map(({ event }) => event);
  t.same(await names({ tube: from }), ['swab.moved', 'swab.taken', 'swab.taken', 'tube.opened']);
  t.same(await names({ tube: to }), ['swab.moved', 'tube.opened']);
  t.same(await names({ resident: 1 }), ['swab.moved', 'swab.taken']);
});

t.test('the last place seals the tube it moves to', async (t) => {
  const { rig, tablet, open, fill, tube } = await station(t);
  const from = await fill(await open(rig.device('other')), 9);
  const to = await fill(await open(), 1, 2, 3, 4);
  t.same(eventsOf(await tablet.ask('moveSwab', { resident: '9', from, to, reason })), ['swab.moved', 'tube.sealed']);
  t.match(await tube(to), { state: 'sealed', count: 5 });
});

t.test('refuses, in order', (t) => refusesInOrder(t, 'moveSwab', async (t) => {
  const { rig, tablet, open, fill } = await station(t, { residents: [12, (i) => ({ single: i === 9 })] });
  const unheard = rig.tube();
  const voided = await open();
  const full = await fill(await open(), 1, 2, 3, 4, 5);
  const single = await fill(await open(tablet, 1), 10);
  const pool = await fill(await open(), 6);
  const sealed = await fill(await open(rig.device('other')), 7);
  await tablet.done('sealTube', { tube: sealed });
  return { rig, device: tablet, rows: [
    { word: 'same_tube', body: { resident: '99', from: unheard, to: unheard, reason }, also: ['resident_unknown', 'tube_unknown'] },
    { word: 'resident_unknown', body: { resident: '99', from: unheard, to: voided, reason }, also: ['tube_unknown', 'tube_voided'] },
    { word: 'tube_unknown', body: { resident: '10', from: unheard, to: voided, reason }, also: ['tube_voided', 'single_tube_only'] },
    { word: 'tube_voided', body: { resident: '10', from: pool, to: voided, reason }, also: ['swab_unknown', 'single_tube_only', 'second_person_needed'] },
    { word: 'swab_unknown', body: { resident: '10', from: pool, to: full, reason }, also: ['tube_full', 'single_tube_only', 'second_person_needed'] },
    { word: 'tube_full', body: { resident: '10', from: single, to: full, reason }, also: ['single_tube_only', 'second_person_needed'] },
    { word: 'single_tube_only', body: { resident: '10', from: single, to: pool, reason }, also: ['second_person_needed'] },
    { word: 'second_person_needed', body: { resident: '7', from: sealed, to: pool, reason, secondBy: tablet.by } },
  ] };
}));

t.test('two at once: it moves once', async (t) => {
  const { rig, tablet, open, fill, tube } = await station(t);
  const [from, a, b] = [await fill(await open(), 1), await open(rig.device('b')), await open(rig.device('c'))];
  const answers = await Promise.all([a, b].map((to, i) => (i === 0 ? tablet : rig.device('other')).ask('moveSwab', { resident: '1', from, to, reason })));
  t.same(answers.map(wordOf).sort(), ['applied', 'swab_unknown']);
  t.equal(((await tube(a))?.count ?? 0) + ((await tube(b))?.count ?? 0), 1);
});

t.test('the tube it moves to is then for the like of its person', async (t) => {
  const { rig, tablet, open, fill } = await station(t, { residents: [3, (i) => ({ risk: i === 2 ? 'normal' : 'key' })] });
  const [from, to] = [await fill(await open(), 1, 2), await open(rig.device('other'))];
  await tablet.done('moveSwab', { resident: '1', from, to, reason });
  t.equal(wordOf(await tablet.ask('takeSwab', { resident: '3', tube: to })), 'risk_group_differs');
});
