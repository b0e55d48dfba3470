// An empty vial is taken for a pool; the one before it is closed, and a code is used once.

import t from 'tap';
import { makeCode } from '../../src/domain/codes.js';
import { build, contradictionsOf, eventsOf, wordOf } from '../support.js';
import { refusesInOrder, repeats } from './refuses.js';
import { pools, station } from './station.js';

t.test('the tube stands open at its station, with the size of its risk group', async (t) => {
  const { rig, tablet, tube, station: at, unfinished } = await station(t);
  const code = rig.tube();
  const { events } = await tablet.done('openTube', { tube: code, station: 'a1' });
  t.match(events, [{ event: 'tube.opened', tube: code, station: 1, size: 5, risk: 0 }]);
  t.match(await tube(code), { state: 'open', size: 5, risk: 'normal', count: 0, openedAt: rig.now() });
  t.match(await at(), { tubes: [code] });
  t.same(await unfinished(), [`tube:${code}`]);
  await repeats(t, { rig, device: tablet });
});

t.test('the next tube seals the one before, or takes it off when it is empty', async (t) => {
  const { tablet, open, fill, tube } = await station(t);
  const first = await fill(await open(), 1);
  const second = await open();
  t.match(await tube(first), { state: 'sealed', reason: 'next_tube', count: 1 });
  await open();
  t.match(await tube(second), { state: 'void' });
  t.same(eventsOf(tablet.receipt.answers[0] as never), ['tube.voided', 'tube.opened']);
});

t.test('a single tube leaves the pool beside it open', async (t) => {
  const { tablet, open, tube } = await station(t);
  const pool = await open();
  const single = await open(tablet, 1);
  t.match(await tube(pool), { state: 'open' });
  t.match(await tube(single), { state: 'open', size: 1 });
});

t.test("another device's tube at the same station stays open", async (t) => {
  const { rig, open, tube } = await station(t);
  const [own, others] = [await open(), await open(rig.device('other'))];
  t.match([await tube(own), await tube(others)], [{ state: 'open' }, { state: 'open' }]);
});

t.test('refuses, in order', (t) => refusesInOrder(t, 'openTube', async (t) => {
  const { rig, tablet, open } = await station(t);
  await rig.post.done('openStation', { station: 'rests', site: 's1' });
  await rig.post.done('pauseStation', { station: 'rests' });
  const [real, used, begun, fresh] = [makeCode('tube', 1), await open(rig.device('other')), rig.tube(), rig.tube()];
  for (const resident of ['1', '2']) await tablet.report('takeSwab', { resident, tube: begun });
  return { rig, device: tablet, rows: [
    { word: 'station_unknown', body: { tube: real, station: 'nowhere', size: 20 }, also: ['wrong_fence', 'size_not_allowed'] },
    { word: 'station_not_open', body: { tube: real, station: 'rests', size: 20 }, also: ['wrong_fence', 'size_not_allowed'] },
    { word: 'wrong_fence', body: { tube: real, station: 'a1', size: 20 }, also: ['size_not_allowed'] },
    { word: 'tube_code_used', body: { tube: used, station: 'a1', size: 20 }, also: ['size_not_allowed'] },
    { word: 'size_not_allowed', body: { tube: fresh, station: 'a1', risk: 'high', size: 5 } },
    { word: 'tube_full', body: { tube: begun, station: 'a1', size: 1 } },
  ] };
}));

t.test('a foreign code stands on neither side of the fence', async (t) => {
  const { tablet } = await station(t);
  t.equal(wordOf(await tablet.ask('openTube', { tube: 'AB1234567890', station: 'a1' })), 'applied');
});

t.test('a real round takes no code of a rehearsal', async (t) => {
  const rig = await build(t, { round: { rehearsal: false }, stations: ['a1'] });
  t.equal(wordOf(await rig.device('tablet').ask('openTube', { tube: makeCode('tube', 900_000_001), station: 'a1' })), 'wrong_fence');
  t.equal(wordOf(await rig.device('tablet').ask('openTube', { tube: makeCode('tube', 1), station: 'a1' })), 'applied');
});

t.test('two tablets at once: a code is opened once', async (t) => {
  const { rig, tablet } = await station(t);
  const tube = rig.tube();
  const answers = await Promise.all([tablet, rig.device('other')].map((one) => one.ask('openTube', { tube, station: 'a1' })));
  t.same(answers.map(wordOf).sort(), ['applied', 'tube_code_used']);
});

t.test('a code two tablets have reported is contested, and both their people are in it', async (t) => {
  const { rig, tablet, open, fill, tube } = await station(t);
  const code = await fill(await open(), 1);
  const other = rig.device('other');
  t.same(contradictionsOf(await other.report('openTube', { tube: code, station: 'a1' })), ['tube_code_used']);
  await other.report('takeSwab', { resident: '2', tube: code });
  t.match(await tube(code), { state: 'open', held: 2, members: [{ resident: 1, active: true }, { resident: 2, active: true }] });
  await tablet.done('takeSwab', { resident: '3', tube: code });
});

t.test('codes that end alike are told apart on a station’s list', async (t) => {
  const { rig, tablet, fill, station: at } = await station(t);
  for (const tube of ['AB12345678', 'CD00000000', '12345678']) await tablet.done('openTube', { tube, station: 'a1', size: 1 });
  await fill('12345678', 1);
  t.same((await at())?.tubes, ['AB12345678', 'CD00000000']);
  t.ok(rig);
});

t.test('a report while the station rests is recorded, and no tube is held for it', async (t) => {
  const { rig, tablet, tube } = await station(t, { round: { rules: pools } });
  await rig.post.done('pauseStation', { station: 'a1' });
  const code = rig.tube();
  t.same(contradictionsOf(await tablet.report('openTube', { tube: code, station: 'a1' })), ['station_not_open']);
  t.match(await tube(code), { state: 'open', held: 0 });
});
