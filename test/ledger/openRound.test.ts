// A round begins in an area: the cell comes to life, and nothing else is taken before.

import t from 'tap';
import * as reads from '../../src/ledger/reads.js';
import { allEvents } from '../../src/ledger/stream.js';
import { build, morning, wordOf } from '../support.js';
import { refusesInOrder, repeats } from './refuses.js';

t.test('a cell that was not opened takes no other step', async (t) => {
  const rig = await build(t, { round: false });
  t.equal(wordOf(await rig.post.ask('openStation', { station: 'a1', site: 's1' })), 'cell_unknown');
  t.equal(rig.post.receipt.mark, 0, 'and keeps no number of it');
  t.equal(await reads.cellState(rig.redis, rig.cell), undefined);
});

t.test('its rules, sites and villages are on the record', async (t) => {
  const rig = await build(t, { round: false });
  const answer = await rig.post.ask('openRound', {
    name: '第一轮', rehearsal: true, clock: morning, rules: { household: 'own', assignment: { rule: 'any' } },
    sites: [{ site: 's1', name: '小学', at: { lat: 38, lng: 114.5 } }, { site: 's2', name: '广场' }],
    villages: [{ village: '北义', zone: '一片区', site: 's2' }, { village: '南街' }],
  });
  t.match(answer, { outcome: 'applied', events: [
    { event: 'round.opened', at: morning, name: '第一轮', rehearsal: 1 },
    { event: 'site.named', ordinal: 1, site: 's1', name: '小学', place: '38,114.5' },
    { event: 'site.named', ordinal: 2, site: 's2', name: '广场', place: '' },
    { event: 'village.named', ordinal: 1, name: '北义', zone: '一片区', ownSite: 2, sites: [2] },
    { event: 'village.named', ordinal: 2, name: '南街', ownSite: 0, sites: [] },
  ] });
  t.match(await reads.cellState(rig.redis, rig.cell), { name: '第一轮', state: 'open', rehearsal: true, clock: morning, openedAt: morning, household: 'own', assignment: 'any', rules: { poolSizes: { normal: 10 } } });
  t.equal(rig.post.receipt.mark, 1);
  await repeats(t, { rig, device: rig.post });
  const names = [];
  for await (const { event } of allEvents(rig.redis, rig.cell)) names.push(event);
  t.equal(names.filter((name) => name === 'device.met').length, 1, 'the device that opened it is met once');
});

t.test('a real round runs on the time of Redis', async (t) => {
  const rig = await build(t, { round: { rehearsal: false } });
  const state = await reads.cellState(rig.redis, rig.cell);
  t.equal(state?.rehearsal, false);
  t.equal(state?.clock, undefined);
  const [seconds] = (await rig.redis.time()) as unknown as [string | number];
  t.ok(Math.abs(Number(seconds) * 1000 - (state?.openedAt ?? 0)) < 60_000, 'by the time of Redis');
});

t.test('refuses, in order', (t) => refusesInOrder(t, 'openRound', async (t) => {
  const rig = await build(t);
  return { rig, device: rig.post, rows: [{ word: 'round_exists', body: { name: 'again' } }] };
}));

t.test('two at once: one opens', async (t) => {
  const rig = await build(t, { round: false });
  const answers = await Promise.all(['a', 'b'].map((name) => rig.device(name).ask('openRound', { name, rehearsal: true })));
  t.same(answers.map(wordOf).sort(), ['applied', 'round_exists']);
});
