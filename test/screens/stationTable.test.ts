// What a scan means at a station, case by case, without a page, a network or a clock: each row of the table of answers that depends on
// what stands on the table, and what the records make of it afterwards.

import t from 'tap';
import { makeCode } from '../../src/domain/codes.js';
import { judgeDocument } from '../../src/domain/documents.js';
import { type Decision, closeTube, decide, type Pending, type Person, refusedInstead, type Rules, sealForTime, type Seen, type Situation, stranger, takeOff, toMove, tubeAge, undo, type Wish } from '../../src/screens/station/decide.js';
import { type Act, addAct, countOf, foldTable } from '../../src/screens/station/table.js';

const rules: Rules = { poolSizes: { normal: 10, key: 5, high: 1 }, household: 'together', tubeWarnMinutes: 45, tubeSealMinutes: 60, knownStaff: false, rehearsal: false };
const tube = (n: number) => makeCode('tube', n);
const [alice, bob] = [makeCode('staff', 1), makeCode('staff', 2)];
const options = (of: Rules) => ({ poolSizes: of.poolSizes, identityOf: ({ number }: { number: string }) => { const judged = judgeDocument({ number }); return judged.ok ? judged.identity ?? undefined : undefined; } });

const person = (n: number, more: Partial<Person> = {}): Person => ({ ...stranger(String(n), `李*${n}`, '李家村'), listed: true, ...more });

/** A table at which scans are answered and their records written as the page does it. */
function table(more: Partial<Rules> = {}) {
  const acts: Act[] = [];
  const people = new Map<string, Person>();
  const own = { ...rules, ...more };
  let now = 1_764_570_000_000;
  const situation: Situation = {
    table: foldTable([], options(own)), rules: own, station: 't1', staff: undefined, pending: undefined, recent: undefined, personOf: (resident) => people.get(resident),
  };
  let decision: Decision | undefined;
  const fold = () => { situation.table = foldTable(acts, options(own)); };
  function take(made: Decision, value = ''): Decision {
    decision = made;
    if (made.tick) return made;
    let before = 0;
    for (const wish of made.wishes) {
      const number = acts.length + 1;
      const body = Object.fromEntries(Object.entries(wish.body).map(([name, is]) => [name, is === '#<' ? `#${before}` : is]));
      acts.push({ number, step: wish.step, body, at: now, by: wish.by ?? situation.staff });
      before = number;
    }
    fold();
    situation.pending = made.pending;
    situation.staff = made.staff ?? situation.staff;
    situation.recent = { value, at: now, counted: made.wishes.length > 0 };
    return made;
  }
  return {
    acts, situation,
    pass(ms: number) { now += ms; },
    get now() { return now; },
    get pool() { return situation.table.pool; },
    wait(pending: Pending | undefined) { situation.pending = pending; },
    know(...known: Person[]) { for (const one of known) people.set(one.resident, one); },
    scan(seen: Seen) { now += 1000; if (seen.kind === 'person') people.set(seen.person.resident, seen.person); return take(decide(seen, situation, now), seen.kind === 'person' ? seen.person.resident : seen.kind === 'tube' ? seen.code : ''); },
    tube(n: number) { return this.scan({ kind: 'tube', code: tube(n), rehearsal: false }); },
    person(n: number, more: Partial<Person> = {}) { return this.scan({ kind: 'person', person: person(n, more) }); },
    take,
    /** The service refuses what was written last but `back`. */
    refuse(word: string, detail: Record<string, unknown> = {}, back = 0) {
      const act = acts[acts.length - 1 - back] as Act;
      act.undone = word;
      fold();
      const wish: Wish = { step: act.step, body: { ...act.body }, how: 'ask' };
      return take(refusedInstead(wish, { word, detail, zh: '不', en: 'no', nextZh: '等', nextEn: 'wait' }, people.get(String(act.body['resident'])), situation, now));
    },
    answer(events: { event: string; [field: string]: unknown }[], back = 0) { (acts[acts.length - 1 - back] as Act).events = events.map((event) => ({ at: now, ...event })); fold(); },
    get said() { return decision?.say; },
  };
}

t.test('a tube, ten people, the next tube: twelve scans and twelve records', async (t) => {
  const at = table();
  t.match(at.tube(1).say, { row: 'opened', values: { tail: tube(1).slice(-4) } });
  for (let n = 1; n <= 9; n++) t.match(at.person(n).say, { row: 'counted', values: { n, size: 10 }, person: { resident: String(n) } });
  t.match(at.person(10).say, { row: 'full', values: { n: 10, size: 10 }, person: { resident: '10' } });
  t.equal(at.pool, undefined);
  t.match(at.person(11).say, { row: 'noTube' });
  t.equal(at.tube(2).say.row, 'opened');
  t.same(at.acts.map(({ step }) => step), ['openTube', ...Array(10).fill('takeSwab'), 'openTube']);
  t.match(at.situation.table.tubes.get(tube(1)), { state: 'sealed', why: 'full' });
});

t.test('the next tube ends the one before, and an empty one is none', async (t) => {
  const at = table();
  at.tube(1);
  at.person(1);
  t.match(at.tube(2).say, { row: 'opened', values: { before: tube(1).slice(-4), n: 1 } });
  at.tube(3);
  const { tubes } = at.situation.table;
  t.same([1, 2, 3].map((n) => tubes.get(tube(n))?.state), ['sealed', 'void', 'open']);
});

t.test('a code that is held too long counts once, and later says where it went', async (t) => {
  const at = table();
  at.tube(1);
  t.equal(at.tube(1).tick, true);
  at.person(1);
  t.equal(at.person(1).tick, true);
  at.pass(3000);
  t.match(at.person(1).say, { row: 'already', taken: { tube: tube(1) } });
  t.match(at.tube(1).say, { row: 'openedAlready', values: { n: 1 } });
  t.equal(at.acts.length, 2);
});

t.test('what was not counted is not ticked off when it is scanned again', async (t) => {
  const at = table();
  t.equal(at.person(1).say.row, 'noTube');
  t.match(at.person(1), { tick: undefined, say: { row: 'noTube' } });
});

t.test('who has a swab elsewhere is not swabbed again, but for whoever is called back, once', async (t) => {
  const at = table();
  at.tube(1);
  t.match(at.person(1, { sampled: true }).say, { row: 'already', taken: undefined });
  t.match(at.person(2, { sampled: true, recalled: true }).say, { row: 'singleOnly' });
  t.match(at.tube(2), { say: { row: 'single', person: { resident: '2' } }, wishes: [{ step: 'openTube', body: { size: 1, tube: tube(2), station: 't1' } }, { step: 'takeSwab', body: { resident: '2', tube: tube(2) } }] });
  t.match(at.pool, { code: tube(1), state: 'open' }, 'the tube for many stays open');
  at.pass(5000);
  t.match(at.person(2, { sampled: true, recalled: true }).say, { row: 'already', taken: { tube: tube(2) } });
});

t.test('a tube for one: who must be alone, or is of a group with pools of one', async (t) => {
  const at = table();
  at.tube(1);
  for (const more of [{ single: true }, { risk: 'high' }] as const) {
    t.equal(at.person(1, more).say.row, 'singleOnly');
    t.match(at.situation.pending, { for: 'tube', why: 'single' });
  }
  t.equal(at.tube(1).say.row, 'tubeUsed', 'the tube for many is not theirs');
  at.tube(2);
  t.match(at.acts.at(-2), { body: { risk: 'high', size: 1 } });
  t.match(at.situation.table.tubes.get(tube(2)), { state: 'sealed', size: 1 });
  at.person(3, { single: true });
  at.person(4);
  t.match(at.tube(3).say, { row: 'opened' }, 'somebody else has come in between, so the tube is for many');
  at.person(5, { single: true });
  at.pass(121_000);
  t.match(at.tube(4).say, { row: 'opened' }, 'and so it is after two minutes');
});

t.test('another risk group, another household', async (t) => {
  const at = table({ household: 'own' });
  at.tube(1);
  t.equal(at.person(1, { risk: 'key' }).say.row, 'otherRisk', 'a tube for ten is too large for this group');
  t.match(at.tube(2), { say: { row: 'counted', values: { n: 1, size: 5 } }, wishes: [{ body: { risk: 'key' } }, { step: 'takeSwab' }] });
  t.equal(at.person(2, { household: 7 }).say.row, 'otherRisk');
  t.match(at.tube(3).say, { row: 'counted', values: { n: 1, size: 10 } });
  t.match(at.person(3, { household: 8 }), { say: { row: 'otherHousehold' }, wishes: [{ step: 'sealTube', body: { tube: tube(3), reason: 'household' } }] });
  t.match(at.tube(4).say, { row: 'counted', person: { resident: '3' } });
  t.match(at.person(4, { household: 8 }).say, { row: 'counted', values: { n: 2 } });
});

t.test('the deceased, the excused, those of another village, those on no list', async (t) => {
  const at = table();
  at.tube(1);
  t.equal(at.person(1, { deceased: true }).say.row, 'deceased');
  t.match(at.person(2, { excused: true }).say, { row: 'excused', values: { n: 1 } });
  t.match(at.person(3, { otherVillage: true }).say, { row: 'otherVillage', values: { n: 2 } });
  t.match(at.person(4, { listed: false }).say, { row: 'unlisted', values: { n: 3 } });
  const document = { number: '11010519491231002X', kind: 'residentId' };
  t.match(at.scan({ kind: 'stranger', document }), { say: { row: 'unlisted', values: { n: 4 } }, wishes: [{ step: 'registerWalkIn', how: 'report', body: { document } }, { step: 'takeSwab' }] });
  t.match(at.acts.at(-1)?.body, { resident: '#5', tube: tube(1) });
  t.equal(at.situation.table.documents.get('id:11010519491231002X'), '#5', 'the card is known when it comes again');
  at.answer([{ event: 'resident.registered', resident: 61 }], 1);
  t.ok(at.situation.table.taken.has('61'));
  t.equal(at.situation.table.numbers.get('#5'), '61');
});

t.test('used tubes, tubes of a rehearsal, no tube', async (t) => {
  const at = table();
  t.equal(at.person(1).say.row, 'noTube');
  at.tube(1);
  at.person(1);
  at.tube(2);
  t.match(at.tube(1).say, { row: 'tubeUsed' });
  t.equal(at.scan({ kind: 'tube', code: makeCode('tube', 900_000_001), rehearsal: true }).say.row, 'wrongFence');
  t.equal(at.scan({ kind: 'tube', code: 'AB1234567890', rehearsal: undefined }).say.row, 'opened', "another maker's");
  t.match(at.scan({ kind: 'wrong', what: 'box' }).say, { row: 'wrongKind', values: { what: 'box' } });
  t.match(at.scan({ kind: 'unreadable' }).say, { row: 'unreadable' });
});

t.test('undo: the last one, while it is fresh, also when that closed the tube', async (t) => {
  const at = table();
  t.equal(undo(at.situation, at.now, 'not_taken').say.row, 'nothingToUndo');
  at.tube(1);
  at.person(1);
  t.match(at.take(undo(at.situation, at.now, 'wrong_person')), { say: { row: 'notThem', person: { resident: '1' } }, wishes: [{ step: 'voidSwab', body: { resident: '1', tube: tube(1), reason: 'wrong_person' } }] });
  t.equal(at.pool && countOf(at.pool), 0);
  t.match(at.person(1).say, { row: 'counted', values: { n: 1 } }, 'and may be swabbed after all');
  at.pass(31_000);
  t.equal(undo(at.situation, at.now, 'not_taken').say.row, 'undoTooLate');
  for (let n = 2; n <= 10; n++) at.person(n);
  at.scan({ kind: 'staff', card: alice });
  t.equal(at.take(undo(at.situation, at.now, 'not_taken')).say.row, 'secondPerson');
  t.equal(at.scan({ kind: 'staff', card: alice }).say.row, 'otherCard');
  t.match(at.scan({ kind: 'staff', card: bob }), { say: { row: 'undone' }, wishes: [{ step: 'voidSwab', body: { resident: '10', secondBy: bob } }] });
  t.equal(at.situation.staff, alice, 'who works here has not changed');
  t.equal(at.situation.table.tubes.get(tube(1))?.state, 'sealed');
});

t.test('sampled again on purpose: with the card of somebody else, as a fact', async (t) => {
  const at = table();
  at.scan({ kind: 'staff', card: alice });
  at.tube(1);
  at.person(1, { sampled: true });
  t.match(at.scan({ kind: 'staff', card: bob }), { say: { row: 'again' }, wishes: [{ step: 'takeSwab', how: 'report', by: bob }] });
  at.person(2, { sampled: true });
  t.match(at.scan({ kind: 'staff', card: alice }).say, { row: 'staff' }, 'the own card is only the own card');
  at.person(3, { sampled: true });
  at.pass(20_000);
  t.match(at.scan({ kind: 'staff', card: bob }), { say: { row: 'staff' }, staff: bob }, 'after a while it is a change of shift');
});

t.test('closing early, with what was counted and without', async (t) => {
  const at = table();
  t.equal(closeTube(at.situation).say.row, 'nothingToClose');
  at.tube(1);
  t.match(at.take(closeTube(at.situation)), { say: { row: 'emptied' }, wishes: [{ step: 'voidTube', body: { reason: 'unused' } }] });
  at.tube(2);
  at.person(1);
  at.person(2);
  t.match(closeTube(at.situation, 1), { say: { row: 'countDiffers', values: { n: 2, counted: 1 } }, wishes: [] });
  t.match(closeTube(at.situation, 1, true).wishes, [{ body: { counted: 1 }, how: 'report' }]);
  t.match(at.take(closeTube(at.situation, 2)), { say: { row: 'closed', values: { n: 2 } }, wishes: [{ step: 'sealTube', body: { counted: 2, reason: 'early' } }] });
  t.equal(at.pool, undefined);
});

t.test('a tube that is open for long is warned of, and closed by the tablet that opened it', async (t) => {
  const at = table();
  at.tube(1);
  t.equal(tubeAge(at.situation, at.now), undefined, 'the time begins with the first swab');
  at.person(1);
  for (const [minutes, due] of [[44, 'no'], [45, 'warn'], [59, 'warn'], [60, 'seal']] as const) t.match(tubeAge(at.situation, at.now + minutes * 60_000), { minutes, due });
  t.match(at.take(sealForTime(at.pool as never, 60)), { say: { row: 'timeUp', values: { minutes: 60 } }, wishes: [{ step: 'sealTube', how: 'report', body: { reason: 'timer' } }] });
  t.equal(at.pool, undefined);
});

t.test('what the service says no to has not happened, and the panel says why', async (t) => {
  const at = table();
  at.tube(1);
  at.person(1);
  t.match(at.refuse('already_sampled', { at: '1764560520000', station: 't4' }).say, { row: 'already', person: { resident: '1' }, taken: { at: 1_764_560_520_000, station: 't4' } });
  t.equal(at.pool && countOf(at.pool), 0);
  at.person(2);
  t.match(at.refuse('single_tube_only').say, { row: 'singleOnly' });
  t.equal(at.tube(2).say.row, 'single');
  at.person(3);
  t.match(at.refuse('party_does_not_fit', { party: '4' }), { say: { row: 'party', values: { party: 4 } }, wishes: [{ step: 'sealTube', body: { tube: tube(1), reason: 'party' } }] });
  t.match(at.tube(3).say, { row: 'counted', person: { resident: '3' } });
  at.person(4);
  t.match(at.refuse('tube_sealed').say, { row: 'tubeGone', person: { resident: '4' } });
  t.equal(at.pool, undefined, 'the service has closed it');
  at.tube(4);
  t.match(at.refuse('tube_code_used', { station: 't2', at: '5' }).say, { row: 'tubeUsed' });
  at.tube(5);
  at.person(5);
  t.match(at.refuse('round_closed').say, { row: 'refused', values: { zh: '不', nextEn: 'wait' } });
});

t.test('a tube that is refused leaves the one before it open', async (t) => {
  const at = table();
  at.tube(1);
  at.person(1);
  at.tube(2);
  t.equal(at.refuse('tube_code_used').say.row, 'tubeUsed');
  t.equal(at.pool?.code, tube(1));
  t.match(at.person(2).say, { row: 'counted', values: { n: 2 } });
});

t.test('what other devices put into the tube is counted when the service tells', async (t) => {
  const at = table();
  at.tube(1);
  at.person(1);
  at.answer([{ event: 'swab.taken', tube: tube(1), count: 4, size: 10 }]);
  t.equal(at.pool && countOf(at.pool), 4);
  t.match(at.person(2).say, { row: 'counted', values: { n: 5 } });
  at.answer([{ event: 'swab.taken', tube: tube(1), count: 10, size: 10 }, { event: 'tube.sealed', tube: tube(1), reason: 'full' }]);
  t.equal(at.pool, undefined);
});

t.test('a swab that is in another vial than was scanned', async (t) => {
  const at = table();
  at.tube(1);
  at.person(1);
  at.tube(2);
  at.person(2);
  const member = at.situation.table.tubes.get(tube(1))?.members[0];
  if (!member) return t.fail('nobody is in the tube');
  at.take(toMove(member, tube(1), at.situation, at.now));
  t.equal(at.tube(2).tick, undefined);
  t.equal(at.said?.row, 'secondPerson', 'the first tube is closed');
  t.match(at.scan({ kind: 'staff', card: bob }), { say: { row: 'moved' }, wishes: [{ step: 'moveSwab', body: { resident: '1', from: tube(1), to: tube(2), secondBy: bob } }] });
  t.equal(at.pool && countOf(at.pool), 2);
  t.match(at.situation.table.taken.get('1'), { tube: tube(2) });
});

t.test('a swab from the list is taken off its tube, and a staff card is asked for where that is the rule', async (t) => {
  const at = table({ knownStaff: true });
  t.equal(at.tube(1).say.row, 'staffFirst');
  at.scan({ kind: 'staff', card: alice });
  at.tube(1);
  at.person(1);
  at.person(2);
  t.match(at.take(takeOff({ resident: '1' }, tube(1), 'swab_dropped', at.situation)).wishes, [{ body: { resident: '1', reason: 'swab_dropped' } }]);
  t.match(at.acts.at(-1), { by: alice });
  t.equal(at.pool && countOf(at.pool), 1);
});

t.test('the same table is told from the same records, one by one or all at once', async (t) => {
  const at = table();
  at.tube(1);
  for (let n = 1; n <= 12; n++) at.person(n);
  at.tube(2);
  at.person(13, { single: true });
  at.tube(3);
  at.take(undo(at.situation, at.now, 'not_taken'));
  const slowly = foldTable([], options(rules));
  for (const act of at.acts) addAct(slowly, act, options(rules));
  t.same(slowly, foldTable(at.acts, options(rules)));
});
