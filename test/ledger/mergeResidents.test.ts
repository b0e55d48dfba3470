// Two entries that are one person: the second stands for the first from then on, and nothing either has done is lost.

import t from 'tap';
import { type Answer, createLedger } from '../../src/ledger/ledger.js';
import { gapTubes, missingPersons, reconciliation } from '../../src/ledger/reconciliation.js';
import { residents, story } from '../../src/ledger/reads.js';
import { allEvents } from '../../src/ledger/stream.js';
import { countsOf } from '../../src/live/counts.js';
import { fold } from '../../src/live/fold.js';
import { newTally } from '../../src/live/tally.js';
import { countRecord, samePart } from '../live/record.js';
import { seeded, traffic } from '../live/traffic.js';
import { build, contradictionsOf, type Device, type Draft, eventsOf, minute, type Rig, wordOf } from '../support.js';
import { invariants } from './invariants.js';
import { everything, packing } from './packing.js';
import { refusesInOrder, repeats } from './refuses.js';
import { station } from './station.js';

const merge = (rig: Rig, resident: number, twin: number, more: { secondBy?: string } = {}) => rig.post.ask('mergeResidents', { resident: String(resident), twin: String(twin), ...more });

t.test('the twin’s future is the other’s: what is asked or reported for it is done for the one that stays', async (t) => {
  const { rig, tablet, open, resident, tube } = await station(t);
  const answer = await merge(rig, 1, 2);
  t.same(eventsOf(answer), ['residents.merged']);
  await repeats(t, { rig, device: rig.post });
  t.match(await resident(2), { state: 'excused', mergedInto: 1, swabs: 0 });
  const code = await open();
  await tablet.done('takeSwab', { resident: '2', tube: code });
  t.match(await resident(1), { swabs: 1 });
  t.match(await resident(2), { swabs: 0 });
  t.same((await tube(code))?.members.map((one) => one.resident), [1]);
  t.equal(wordOf(await tablet.ask('takeSwab', { resident: '1', tube: code })), 'already_sampled');
  await tablet.done('voidSwab', { resident: '2', tube: code, reason: 'wrong_person' });
  t.match(await resident(1), { swabs: 0 });
  await rig.post.done('excuseResident', { resident: '2', reason: 'away' });
  t.match(await resident(1), { state: 'excused' });
  const { people } = await reconciliation(rig.redis, rig.cell);
  t.match(people, { expected: 10, excused: 2, missing: 10 });
  t.equal((await missingPersons(rig.redis, rig.cell)).total, 10, 'nobody looks for the twin');
});

t.test('a tablet that was offline hands in a swab of the twin later, and it is the other’s second', async (t) => {
  const { rig, tablet, open, fill, tube } = await station(t);
  const first = await fill(await open(), 1);
  const second = await open(rig.device('offline'));
  await merge(rig, 1, 2);
  t.same(contradictionsOf(await rig.device('offline').report('takeSwab', { resident: '2', tube: second })), ['already_sampled']);
  t.match(await tube(second), { held: 1, members: [{ resident: 1, second: true }] });
  t.ok(first && tablet);
});

t.test('a sampled twin’s swab is the other’s, in its tube, and so is its result', async (t) => {
  const { rig, tablet, sealed, received, resulted, resultOf, tube, resident } = await packing(t);
  const code = await sealed(2, 3);
  await received(code);
  t.equal(wordOf(await merge(rig, 1, 2)), 'second_person_needed');
  t.equal(wordOf(await merge(rig, 1, 2, { secondBy: 'nurse1' })), 'second_person_needed', 'not the same once more');
  t.same(eventsOf(await merge(rig, 1, 2, { secondBy: 'nurse2' })), ['swab.reassigned', 'residents.merged']);
  await repeats(t, { rig, device: rig.post });
  t.match(await tube(code), { count: 2, held: 0, members: [{ resident: 1, active: true, second: false }, { resident: 3 }] });
  t.match(await resident(1), { swabs: 1, station: 1 });
  t.ok(((await resident(1))?.sampledAt ?? 0) > 0);
  await resulted(code, 'negative');
  t.match(await resultOf(1), { status: 'negative', tube: code });
  t.match(await resultOf(2), { status: 'negative', tube: code }, 'whoever asks with the old number hears it too');
  const told = (await story(rig.redis, rig.cell, { resident: 1 })).map(({ event }) => event);
  t.same(told, ['residents.merged', 'swab.reassigned']);
  t.same((await story(rig.redis, rig.cell, { resident: 2 })).map(({ event }) => event), ['residents.merged', 'swab.taken'], 'both histories stay');
  t.ok((await story(rig.redis, rig.cell, { tube: code })).some(({ event }) => event === 'swab.reassigned'));
  t.ok(tablet);
});

t.test('both sampled: a contradiction on the twin’s tube, which gives no negative until somebody has looked', async (t) => {
  const { rig, sealed, received, resulted, resultOf, tube, discrepancies } = await packing(t);
  const [own, twins] = [await sealed(1, 4), await sealed(2, 3)];
  for (const code of [own, twins]) await received(code);
  t.same(eventsOf(await merge(rig, 1, 2, { secondBy: 'nurse2' })), ['swab.reassigned', 'discrepancy.opened', 'residents.merged']);
  t.match(await discrepancies(), [{ what: 'already_sampled', tube: twins, resident: '1', holds: true, detail: { twin: '2' } }]);
  t.match(await tube(twins), { held: 1, members: [{ resident: 1, second: true }, { resident: 3 }] });
  await resulted(twins, 'negative');
  t.match(await resultOf(3), { status: 'pending', waits: true });
  t.match((await gapTubes(rig.redis, rig.cell, { gap: 'tested' })).tubes, [{ tube: twins, owner: { kind: 'supervisor' } }]);
  await rig.post.done('resolveDiscrepancy', { discrepancy: '1', resolution: 'confirmed' });
  await rig.advance(minute);
  t.match(await resultOf(3), { status: 'negative' });
  await resulted(own, 'positive');
  t.match(await resultOf(1), { status: 'recalled' }, 'and either of the two tubes calls the person back');
});

t.test('somebody who stands in the queue with the twin’s ticket keeps the place; who has a ticket already loses the second', async (t) => {
  const { rig, tablet, ticket, resident } = await station(t);
  const issue = (n: number, number: string) => tablet.done('issueTicket', { site: 's1', party: [{ resident: String(n), number }] });
  await issue(2, 'A1');
  await issue(3, 'A2');
  t.same(eventsOf(await merge(rig, 1, 2)), ['residents.merged']);
  t.match(await ticket(1), { resident: 1, state: 'waiting' });
  t.match(await resident(1), { ticket: 1 });
  const called = await tablet.done('callNext', { station: 'a1' });
  t.match(called.events.find(({ event }) => event === 'ticket.called'), { resident: 1 });
  await issue(4, 'A3');
  const gone = await merge(rig, 3, 4);
  t.same(eventsOf(gone), ['ticket.gone', 'residents.merged']);
  t.match(await ticket(3), { state: 'gone' });
  t.match(await ticket(2), { resident: 3, state: 'waiting' });
});

t.test('whoever of the two must have a tube alone makes it so for both, in the party too', async (t) => {
  const { rig, tablet, open, resident } = await station(t, { residents: [6, (i) => ({ single: i === 1, risk: i === 3 ? 'high' : 'normal', priority: i === 3 ? 'over80' : 'none' })] });
  await tablet.done('issueTicket', { site: 's1', party: [{ resident: '1', number: 'A1' }, { resident: '5', number: 'A2' }] });
  await merge(rig, 1, 2);
  t.match(await resident(1), { single: true });
  t.equal(wordOf(await tablet.ask('takeSwab', { resident: '1', tube: await open() })), 'single_tube_only');
  await merge(rig, 3, 4);
  t.match(await resident(3), { risk: 'high', priority: 'over80' });
  await tablet.done('issueTicket', { site: 's1', party: [{ resident: '4', number: 'A3' }] });
  t.match(await resident(3), { ticket: 3 });
});

t.test('a crossed-out twin of a positive pool is called back under the number that stays, and nobody is called twice', async (t) => {
  const { rig, tablet, open, fill, received, resulted, recall, resident } = await packing(t, { residents: [12, (i) => ({ household: i < 3 ? 7 : i + 10 })] });
  const code = await fill(await open(), 2, 4);
  await tablet.done('voidSwab', { resident: '2', tube: code, reason: 'wrong_person' });
  await tablet.done('sealTube', { tube: code });
  await merge(rig, 1, 2);
  await received(code);
  await resulted(code, 'positive');
  const called = await recall(1);
  t.same(called?.list.filter(({ relation }) => relation.inTube).map((one) => one.resident).sort(), [1, 4]);
  t.notOk(called?.list.some((one) => one.resident === 2));
  t.match(await resident(1), { recalled: 'to come' });
  t.same(called?.list.filter(({ relation }) => relation.household).map((one) => one.resident), [3], 'the door’s list has the one that stays');
});

t.test('an entry that is called back is settled first; the other may be called back', async (t) => {
  const { rig, tablet, sealed, received, resulted, single, resident, recall } = await packing(t);
  const code = await sealed(1, 2);
  await received(code);
  await resulted(code, 'positive');
  t.match(await merge(rig, 3, 2, { secondBy: 'nurse2' }), { outcome: 'refused', word: 'twin_recalled', detail: { resident: '2', recall: '1' } });
  t.same(eventsOf(await merge(rig, 1, 3)), ['residents.merged'], 'a twin who was never called does not matter');
  const own = await single(3);
  t.match(await resident(1), { recalled: 'swabbed', swabs: 2 }, 'who comes with the old number has come');
  t.match((await recall(1))?.list.find((one) => one.resident === 1), { found: true });
  t.ok(own && tablet);
});

t.test('a neighbour listed before the merge is still reached under the number of the list', async (t) => {
  const { rig, sealed, received, resulted, recall } = await packing(t, { residents: [8, (i) => ({ household: i < 3 ? 7 : i + 10 })] });
  const code = await sealed(1);
  await received(code);
  await resulted(code, 'inconclusive');
  t.match((await recall(1))?.list.map((one) => one.resident), [1, 2, 3]);
  await merge(rig, 8, 2);
  t.same(eventsOf(await rig.post.ask('recordContact', { recall: '1', resident: '2', outcome: 'reached' })), ['contact.recorded']);
  t.match((await recall(1))?.list.find((one) => one.resident === 2), { found: true });
});

t.test('merged into one that is merged itself later: all stand for the last', async (t) => {
  const { rig, tablet, open, resident } = await station(t);
  await merge(rig, 2, 1);
  await merge(rig, 3, 2);
  t.match(await resident(1), { mergedInto: 3 });
  await tablet.done('takeSwab', { resident: '1', tube: await open() });
  t.match(await resident(3), { swabs: 1 });
  t.match(await merge(rig, 4, 1), { word: 'resident_merged', detail: { resident: '1', into: '3' } });
  t.match(await merge(rig, 2, 4), { word: 'resident_merged', detail: { resident: '2' } }, 'nor does anybody join one that is gone');
});

t.test('a document of the twin leads to the one that stays', async (t) => {
  const rig = await build(t);
  const [one, two] = ['a'.repeat(32), 'b'.repeat(32)];
  await rig.enrol(2, (i) => ({ index: i === 0 ? one : two }));
  await merge(rig, 1, 2);
  t.match(await rig.post.ask('registerWalkIn', { index: two, sealed: 'AAAA', village: 'Upper' }), { outcome: 'refused', word: 'resident_known', detail: { resident: '1' } });
  const again = await rig.post.done('enrolResidents', { residents: [{ index: two, sealed: 'AAAA', village: 'Upper' }] });
  t.match(again.events, [{ event: 'residents.enrolled', count: 0, already: 1 }]);
});

t.test('an excuse for a time does not bring the twin back', async (t) => {
  const { rig, resident } = await station(t);
  await rig.post.done('excuseResident', { resident: '2', reason: 'away', until: rig.now() + 5 * minute });
  await merge(rig, 1, 2);
  await rig.advance(10 * minute);
  t.match(await resident(2), { state: 'excused', mergedInto: 1 });
});

t.test('whatever happens around them, merged entries leave a record that holds together, and screens count what it counts', async (t) => {
  const seed = Number(process.argv[2]) || 20_260_731;
  const ends = new Map<string, number>();
  for (let run = 0; run < 4; run++) {
    const rig = await build(t, { round: { rules: { poolSizes: { normal: 5 } } }, stations: ['a', 'b', 'c'], residents: [60, (i) => ({ household: i >> 1, single: i % 20 === 7, priority: i % 9 === 0 ? 'over80' : 'none' })] });
    const random = seeded(seed + run);
    const tally = newTally();
    for (let part = 0; part < 8; part++) {
      await traffic(rig, 60, random);
      const boss = rig.device('boss');
      for (let i = 0; i < 6; i++) {
        const [resident, twin] = [1 + Math.floor(random() * 62), 1 + Math.floor(random() * 62)];
        const answer = await boss.ask('mergeResidents', { resident: String(resident), twin: String(twin), ...(random() < 0.8 ? { secondBy: 'nurse2' } : {}) });
        for (const end of answer.outcome === 'applied' ? eventsOf(answer) : [wordOf(answer)]) ends.set(end, (ends.get(end) ?? 0) + 1);
        if (answer.outcome === 'refused' && answer.word === 'swabs_changed') t.fail(`the tubes of ${twin} were not all found (seed ${seed + run})`);
      }
      // Recalls come and go by reports of lost and leaked tubes.
      const tubes = (await everything(rig)).flatMap((event) => (event.event === 'tube.sealed' ? [event.tube] : []));
      const lost = tubes[Math.floor(random() * tubes.length)];
      if (lost) await boss.ask('reportTube', { tube: lost, what: random() < 0.5 ? 'lost' : 'leaked' });
      for await (const event of allEvents(rig.redis, rig.cell, tally.position)) fold(tally, event);
      t.strictSame(samePart(countsOf(tally, rig.now())), await countRecord(rig.redis, rig.cell), `seed ${seed + run}, part ${part}`);
      const broken = await invariants(rig.redis, rig.cell);
      if (broken.length > 0) t.fail(`seed ${seed + run}, part ${part}: ${broken.join('; ')}`);
    }
    t.same(rig.faults, []);
    t.ok((await residents(rig.redis, rig.cell)).some(({ mergedInto }) => mergedInto !== undefined));
  }
  for (const what of ['residents.merged', 'swab.reassigned', 'ticket.gone', 'discrepancy.opened', 'twin_recalled']) t.ok((ends.get(what) ?? 0) > 0, `the walks have met ${what}: ${JSON.stringify(Object.fromEntries(ends))}`);
});

/** A device whose ledger finds no tubes: what somebody sees who looked a moment before the swab. */
function early(rig: Rig): Device {
  const blind = new Proxy(rig.redis, {
    get(redis, name) {
      if (name === 'hmgetBuffer') return async (_key: string, ...fields: string[]) => fields.map(() => null);
      const value = Reflect.get(redis, name) as unknown;
      return typeof value === 'function' ? value.bind(redis) : value;
    },
  });
  const ledger = createLedger(blind, { error: (detail) => rig.faults.push(JSON.stringify(detail)) });
  const device = rig.device('early');
  return {
    ...device,
    async ask(step, body) {
      const [receipt] = await ledger.take(rig.cell, [{ device: 'early', epoch: 'e1', requests: [device.draft({ step, body } as Draft)] }]);
      return receipt?.answers[0] as Answer;
    },
  };
}

void refusesInOrder(t, 'mergeResidents', async (t) => {
  const { rig, sealed, received, resulted } = await packing(t);
  await merge(rig, 9, 10);
  const pool = await sealed(5, 6);
  await received(pool);
  await resulted(pool, 'positive');
  await sealed(7);
  return {
    rig, device: rig.post,
    rows: [
      { word: 'same_resident', body: { resident: '99', twin: '99' }, also: ['resident_unknown'] },
      { word: 'resident_unknown', body: { resident: '1', twin: '99' } },
      { word: 'resident_merged', body: { resident: '10', twin: '5' }, also: ['twin_recalled', 'second_person_needed'] },
      { word: 'twin_recalled', body: { resident: '1', twin: '5' }, also: ['second_person_needed'] },
      { word: 'second_person_needed', body: { resident: '1', twin: '7' } },
      { word: 'swabs_changed', body: { resident: '1', twin: '7', secondBy: 'nurse2' }, by: early(rig) },
    ],
  };
});
