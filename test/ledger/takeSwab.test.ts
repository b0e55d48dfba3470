// A swab goes into a tube: who may, into which, what the last place does, and what a tablet may report that no ask would be granted.

import t from 'tap';
import { makeCode } from '../../src/domain/codes.js';
import * as reads from '../../src/ledger/reads.js';
import { build, contradictionsOf, eventsOf, minute, morning, wordOf } from '../support.js';
import { refusesInOrder, repeats } from './refuses.js';
import { pools, station } from './station.js';

t.test('the swab is on the record, and so are its resident and its tube', async (t) => {
  const { rig, tablet, open, tube, resident } = await station(t);
  const code = await open();
  const answer = await tablet.done('takeSwab', { resident: '3', tube: code });
  t.match(answer.events, [{ event: 'swab.taken', at: morning, resident: 3, tube: code, count: 1, size: 5, marks: 0, by: 'nurse1' }]);
  t.match(await resident(3), { swabs: 1, sampledAt: morning });
  t.match(await tube(code), { state: 'open', count: 1, members: [{ resident: 3, active: true }] });
  await repeats(t, { rig, device: tablet });
});

t.test('the last place seals the tube in the same step', async (t) => {
  const { tablet, open, fill, tube } = await station(t);
  const code = await fill(await open(), 1, 2, 3, 4);
  t.same(eventsOf(await tablet.ask('takeSwab', { resident: '5', tube: code })), ['swab.taken', 'tube.sealed']);
  t.match(await tube(code), { state: 'sealed', reason: 'full', count: 5, sealedAt: morning });
  t.equal(wordOf(await tablet.ask('takeSwab', { resident: '6', tube: code })), 'tube_full', 'a full tube takes no further swab');
});

t.test("the resident's open ticket is served by the same step", async (t) => {
  const { rig, tablet, open } = await station(t);
  await rig.device('desk').done('issueTicket', { site: 's1', party: [{ resident: '1', number: 'A1' }] });
  const { events } = await tablet.done('takeSwab', { resident: '1', tube: await open() });
  t.match(events, [{ event: 'swab.taken', ticket: 1, ticketFrom: 1, ticketStation: 1 }]);
  t.match(await reads.ticket(rig.redis, rig.cell, 1), { state: 'served' });
});

t.test('a single-tube person has a tube alone, sealed by the one swab', async (t) => {
  const { tablet, open, tube } = await station(t, { residents: [1, { single: true }] });
  const code = await open(tablet, 1);
  t.same(eventsOf(await tablet.ask('takeSwab', { resident: '1', tube: code })), ['swab.taken', 'tube.sealed']);
  t.match(await tube(code), { state: 'sealed', size: 1, count: 1 });
});

t.test('another device may add to a tube by asking', async (t) => {
  const { rig, open, tube } = await station(t);
  const code = await open();
  await rig.device('helper').done('takeSwab', { resident: '1', tube: code });
  t.match(await tube(code), { count: 1, held: 0 });
});

t.test('refuses, in order', (t) => refusesInOrder(t, 'takeSwab', async (t) => {
  const who = { plain: '18', deceased: '9', sampled: '10', single: '11', singleKey: '12', key: '13', family: '14' };
  const { rig, tablet, open, fill } = await station(t, { residents: [18, (i) => ({ single: i >= 9 && i < 12, risk: i === 11 || i === 12 ? 'key' : 'normal' })] });
  const other = rig.device('other');
  const [real, unheard] = [makeCode('tube', 1), rig.tube()];
  await rig.post.done('excuseResident', { resident: who.deceased, reason: 'deceased' });
  await rig.device('third').report('takeSwab', { resident: who.deceased, tube: rig.tube() });
  const voided = await open();
  const sealed = await fill(await open(), 1);
  const full = await fill(await open(), 2, 3, 4, 5, 6);
  await fill(await open(tablet, 1), Number(who.sampled));
  const begun = await fill(await open(), 7, 8);
  await rig.device('desk').done('issueTicket', { site: 's1', party: [14, 15, 16, 17].map((n) => ({ resident: String(n), number: `A${n}` })) });

  const doors = await build(t, { round: { rules: { ...pools, household: 'own' } }, stations: ['a1'], residents: 2 });
  const door = doors.tube();
  await doors.device('tablet').done('openTube', { tube: door, station: 'a1' });
  await doors.device('tablet').done('takeSwab', { resident: '1', tube: door });

  return { rig, device: tablet, rows: [
    { word: 'resident_unknown', body: { resident: '99', tube: real }, also: ['wrong_fence', 'tube_unknown'] },
    { word: 'resident_deceased', body: { resident: who.deceased, tube: sealed }, also: ['already_sampled', 'tube_sealed'] },
    { word: 'already_sampled', body: { resident: who.sampled, tube: real }, also: ['wrong_fence', 'tube_unknown', 'single_tube_only'] },
    { word: 'wrong_fence', body: { resident: who.single, tube: real }, also: ['tube_unknown', 'single_tube_only'] },
    { word: 'tube_unknown', body: { resident: who.single, tube: unheard }, also: ['single_tube_only'] },
    { word: 'tube_voided', body: { resident: who.singleKey, tube: voided }, also: ['single_tube_only'] },
    { word: 'tube_sealed', body: { resident: who.singleKey, tube: sealed }, also: ['single_tube_only', 'risk_group_differs'] },
    { word: 'tube_full', body: { resident: who.singleKey, tube: full }, also: ['single_tube_only', 'risk_group_differs'] },
    { word: 'single_tube_only', body: { resident: who.singleKey, tube: begun }, also: ['risk_group_differs'] },
    { word: 'risk_group_differs', body: { resident: who.key, tube: begun }, also: ['tube_not_owned'], by: other },
    { word: 'household_differs', body: { resident: '2', tube: door }, also: ['tube_not_owned'], by: doors.device('other') },
    // A party is a wish: the report of one who was swabbed alone all the same contradicts nothing.
    { word: 'party_does_not_fit', body: { resident: who.family, tube: begun }, also: ['tube_not_owned'], reported: ['tube_not_owned'], by: other },
    { word: 'tube_not_owned', body: { resident: who.plain, tube: begun }, by: other, onlyReported: true },
  ] };
}));

t.test('two tablets at once: one resident is sampled once', async (t) => {
  const { rig, tablet, open, resident } = await station(t);
  const other = rig.device('other');
  const [a, b] = [await open(), await open(other)];
  const answers = await Promise.all([tablet.ask('takeSwab', { resident: '1', tube: a }), other.ask('takeSwab', { resident: '1', tube: b })]);
  t.same(answers.map(wordOf).sort(), ['already_sampled', 'applied']);
  t.match(await resident(1), { swabs: 1 });
});

t.test('two tablets at once: the last place is given once', async (t) => {
  const { rig, tablet, open, fill, tube } = await station(t);
  const code = await fill(await open(), 1, 2, 3, 4);
  const answers = await Promise.all([tablet.ask('takeSwab', { resident: '5', tube: code }), rig.device('other').ask('takeSwab', { resident: '6', tube: code })]);
  t.same(answers.map(wordOf).sort(), ['applied', 'tube_full']);
  t.match(await tube(code), { count: 5, state: 'sealed' });
});

t.test('a report of one too many is recorded, and the tube is held', async (t) => {
  const { rig, tablet, open, fill, tube } = await station(t);
  const code = await fill(await open(), 1, 2, 3, 4, 5);
  t.same(contradictionsOf(await tablet.report('takeSwab', { resident: '6', tube: code })), ['tube_full']);
  t.match(await tube(code), { state: 'sealed', count: 6, size: 5, held: 1 });
  t.match(await reads.discrepancies(rig.redis, rig.cell), [{ discrepancy: '1', what: 'tube_full', tube: code, resident: '6', state: 'open', holds: true }]);
  await repeats(t, { rig, device: tablet });
});

t.test('the second swab of one person stays a member of its tube', async (t) => {
  const { rig, tablet, open, fill, tube, resident } = await station(t);
  await fill(await open(), 1);
  const second = await open();
  t.same(contradictionsOf(await tablet.report('takeSwab', { resident: '1', tube: second })), ['already_sampled']);
  t.match(await resident(1), { swabs: 2, sampledAt: morning });
  t.match(await tube(second), { held: 1, members: [{ resident: 1, active: true, second: true }] });
  t.match(tablet.receipt.answers[0], { events: [{ event: 'swab.taken', marks: 1 }, {}] });
  t.equal((await reads.unfinished(rig.redis, rig.cell)).filter(({ what }) => what === 'discrepancy:1').length, 1);
});

t.test('a swab that only came late is no contradiction', async (t) => {
  const { tablet, open, fill, tube } = await station(t);
  const code = await fill(await open(), 1);
  const late = tablet.draft({ step: 'takeSwab', body: { resident: '2', tube: code }, mode: 'report' });
  await tablet.done('sealTube', { tube: code });
  const receipt = await tablet.send([late]);
  t.same(eventsOf(receipt.answers[0] as never), ['swab.taken']);
  t.match(await tube(code), { state: 'sealed', count: 2, held: 0 });
  t.same(contradictionsOf(await tablet.report('takeSwab', { resident: '3', tube: code })), ['tube_sealed'], 'one after the seal is');
});

t.test('a late one that has no place left is one', async (t) => {
  const { tablet, open, fill } = await station(t);
  const code = await open();
  const late = tablet.draft({ step: 'takeSwab', body: { resident: '6', tube: code }, mode: 'report' });
  await fill(code, 1, 2, 3, 4, 5);
  t.same(contradictionsOf((await tablet.send([late])).answers[0] as never), ['tube_full']);
});

t.test('a tube known by its swabs only is completed by its opening', async (t) => {
  const { rig, tablet, tube } = await station(t);
  const code = rig.tube();
  const opening = tablet.draft({ step: 'openTube', body: { tube: code, station: 'a1' }, mode: 'report' });
  t.same(contradictionsOf(await tablet.report('takeSwab', { resident: '1', tube: code })), ['tube_unknown']);
  for (const n of [2, 3, 4, 5]) t.same(contradictionsOf(await tablet.report('takeSwab', { resident: String(n), tube: code })), []);
  t.match(await tube(code), { state: 'open', count: 5, station: 0 }, 'nobody knows its size yet');
  t.equal(wordOf(await tablet.ask('takeSwab', { resident: '6', tube: code })), 'tube_full', 'no ask goes beyond the usual size');
  t.same(contradictionsOf(await tablet.report('takeSwab', { resident: '7', tube: code })), ['tube_full'], 'and no report unnoticed');
  t.same(eventsOf((await tablet.send([opening])).answers[0] as never), ['tube.opened', 'discrepancy.opened', 'tube.sealed']);
  t.match(await tube(code), { state: 'sealed', count: 6, station: 1 });
  t.same((await reads.story(rig.redis, rig.cell, { tube: code })).map(({ event }) => event).reverse().filter((event) => event !== 'swab.taken'), ['tube.opened', 'tube.sealed']);
});

t.test('a tube sealed before its opening arrives is not contested by it', async (t) => {
  const { rig, tablet, tube } = await station(t);
  const code = rig.tube();
  const opening = tablet.draft({ step: 'openTube', body: { tube: code, station: 'a1' }, mode: 'report' });
  await tablet.report('takeSwab', { resident: '1', tube: code });
  await tablet.report('sealTube', { tube: code });
  t.same(eventsOf((await tablet.send([opening])).answers[0] as never), ['tube.opened']);
  t.match(await tube(code), { state: 'sealed', count: 1, station: 1, held: 1 });
});

t.test('a swab of somebody unknown is kept, and its person can be named later', async (t) => {
  const { rig, tablet, open, tube, resident } = await station(t);
  const code = await open();
  t.same(contradictionsOf(await tablet.report('takeSwab', { resident: '999', tube: code })), ['resident_unknown']);
  t.match(await tube(code), { count: 1, held: 1, members: [{ resident: 0, active: true }] });
  await rig.post.done('resolveDiscrepancy', { discrepancy: '1', resolution: 'identified', resident: '4' });
  t.match(await tube(code), { count: 1, held: 0, members: [{ resident: 4, active: true }] });
  t.match(await resident(4), { swabs: 1 });
});

t.test('whom a tube is for is decided by the first who is in it', async (t) => {
  const { tablet, open, fill } = await station(t, { residents: [4, (i) => ({ risk: i === 0 ? 'normal' : 'key' })] });
  const code = await fill(await open(), 1);
  t.equal(wordOf(await tablet.ask('takeSwab', { resident: '2', tube: code })), 'risk_group_differs');
  await tablet.done('voidSwab', { resident: '1', tube: code, reason: 'wrong_person' });
  await fill(code, 2, 3);
  t.equal(wordOf(await tablet.ask('takeSwab', { resident: '1', tube: code })), 'risk_group_differs');
});

t.test('under the rule "own" a tube is for one door', async (t) => {
  const { tablet, open, fill } = await station(t, { round: { rules: { ...pools, household: 'own' } }, residents: [5, (i) => ({ household: [7, 7, 8, 0, 0][i] as number })] });
  const seven = await fill(await open(), 1, 2);
  t.equal(wordOf(await tablet.ask('takeSwab', { resident: '3', tube: seven })), 'household_differs');
  const none = await fill(await open(), 4, 5);
  t.equal(wordOf(await tablet.ask('takeSwab', { resident: '3', tube: none })), 'household_differs', 'people without a door make no exception for one');
  await tablet.done('voidSwab', { resident: '4', tube: none, reason: 'other' });
  await tablet.done('voidSwab', { resident: '5', tube: none, reason: 'other' });
  await fill(none, 3);
});

t.test('a reported time is the device’s own, corrected by its offset and never in the future', async (t) => {
  const { rig, tablet, open, resident } = await station(t);
  await rig.advance(10 * minute);
  const code = await open();
  tablet.clock = rig.now() + 3 * minute;
  const taken = (n: number, claimedAt: number) => tablet.draft({ step: 'takeSwab', body: { resident: String(n), tube: code }, mode: 'report', claimedAt });
  await tablet.send([taken(1, tablet.clock - 5 * minute), taken(2, tablet.clock + 9 * minute)]);
  t.equal((await resident(1))?.sampledAt, rig.now() - 5 * minute);
  t.equal((await resident(2))?.sampledAt, rig.now());
});
