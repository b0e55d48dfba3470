// What goes wrong on the way, what a person must decide, and how safe a record is.

import t from 'tap';
import { sweep } from '../../src/screens/outbox/keeping.js';
import { allSent, freshName, gate, impatient, open, place, quick, service, setHands, told } from './support.js';

const tube = '180000000197';
const swab = (resident: number) => ({ resident: String(resident), tube });
const words = { zh: '不', en: 'no', nextZh: '', nextEn: '' };

t.test('a report that is not taken waits for a person, who can drop it, try again, or report it anew', async (t) => {
  const line = service();
  const outbox = await open(t, line);
  const { epoch = '' } = outbox.place ?? {};
  line.say = ({ number, step }) => (step === 'issueTicket' ? { number, outcome: 'refused', word: 'not_allowed', ...words } : undefined);
  for (let i = 1; i <= 3; i++) await outbox.report('issueTicket', { site: 's1', party: [{ resident: String(i), number: `A${i}` }] });
  await allSent(outbox);
  const status = await told(outbox, ({ toFix }) => toFix === 3);
  t.equal(status.waiting, 0, 'it holds nothing up');
  t.match(await outbox.toFix(), [{ number: 1, why: 'refused', word: 'not_allowed', zh: '不', decisions: ['drop', 'retry'] }, {}, {}]);
  await outbox.decide({ epoch, number: 1 }, 'drop', '600000000190');
  t.match((await outbox.rows())[0], { state: 'settled', settled: { how: 'dropped', by: '600000000190', at: Number }, answer: { word: 'not_allowed' } }, 'dropped is not deleted');
  await outbox.decide({ epoch, number: 2 }, 'retry');
  await allSent(outbox);
  await told(outbox, ({ toFix }) => toFix === 2);
  line.say = () => undefined;
  await outbox.decide({ epoch, number: 2 }, 'retry');
  await outbox.decide({ epoch, number: 2 }, 'drop');
  await allSent(outbox);
  t.match((await outbox.rows())[1], { state: 'applied' }, 'once it is on its way there is nothing to decide');
});

t.test('a number that stands for something else: the fact gets a new one', async (t) => {
  const line = service();
  const outbox = await open(t, line);
  const { epoch = '' } = outbox.place ?? {};
  line.say = ({ number, mode }) => (number === 1 && mode === 'report' ? { number, outcome: 'refused', word: 'id_reused', ...words } : undefined);
  await outbox.report('takeSwab', swab(1));
  await allSent(outbox);
  t.match(await outbox.toFix(), [{ word: 'id_reused', decisions: ['drop', 'report'] }]);
  await outbox.decide({ epoch, number: 1 }, 'report');
  await allSent(outbox);
  t.match(await outbox.rows(), [{ state: 'settled', settled: { how: 'reported', as: 2 } }, { state: 'applied', body: swab(1) }]);
});

t.test('a record nobody can read goes aside, and its number is not a hole', async (t) => {
  const line = service();
  const outbox = await open(t, line);
  const { epoch = '' } = outbox.place ?? {};
  line.say = ({ number, step }) => (step === 'registerWalkIn' ? { number, outcome: 'unreadable', word: 'person_erased', ...words } : step === 'voidSwab' ? { number, outcome: 'quarantined' } : undefined);
  await outbox.report('registerWalkIn', { village: 'Upper', sealed: '' } as never);
  await outbox.report('voidSwab', { ...swab(1), reason: 'not_taken' });
  await outbox.report('takeSwab', swab(2));
  await allSent(outbox);
  await told(outbox, ({ quarantined, toFix, waiting }) => quarantined === 1 && toFix === 1 && waiting === 0);
  t.match(await outbox.toFix(), [{ number: 1, word: 'person_erased' }]);
  await outbox.decide({ epoch, number: 1 }, 'drop');
  await allSent(outbox);
  t.equal((await outbox.db.get('journals', epoch))?.mark, 3, 'the service has them all');
  t.same(line.applied.map(({ record: { number, step } }) => `${number} ${step}`), ['3 takeSwab', '1 runDue']);
});

t.test('what the service says is "not now" stays on its way', async (t) => {
  const line = service();
  const outbox = await open(t, line, { pace: impatient });
  await allSent(outbox);
  let times = 0;
  line.say = ({ number }) => (++times <= 3 ? { number, outcome: times === 1 ? 'fault' : 'refused', word: times === 2 ? 'cell_halted' : 'number_too_far', ...words } : undefined);
  t.match(await outbox.ask('takeSwab', swab(1)), { outcome: 'reported' });
  await allSent(outbox);
  t.equal(line.applied.length, 1);
  t.equal((await outbox.toFix()).length, 0);
});

t.test('parcels are small enough, and one poisonous record does not hold up the others', async (t) => {
  const line = service();
  const outbox = await open(t, line);
  await allSent(outbox);
  line.down = true;
  const note = 'x'.repeat(500);
  for (let i = 1; i <= 330; i++) await outbox.report('reportTube', i % 2 ? { tube, what: 'leaked', note } : { tube, what: 'found', note: '长'.repeat(500) });
  const { send } = line;
  let largest = 0;
  const sizes: number[] = [];
  line.send = (cell, envelope) => {
    largest = Math.max(largest, envelope.requests.length);
    sizes.push(envelope.requests.length);
    t.ok(Buffer.byteLength(JSON.stringify(envelope)) < 256_000);
    if (envelope.requests.some(({ number }) => number === 77)) line.problem = { status: 400, word: 'not_json' };
    else line.problem = undefined;
    return send(cell, envelope);
  };
  line.down = false;
  outbox.wake();
  await told(outbox, ({ waiting, toFix }) => waiting === 0 && toFix === 1);
  t.equal(sizes[0], 10);
  t.equal(largest, 100, 'never more; and at first ten, to see whether somebody is there');
  t.match(await outbox.toFix(), [{ number: 77, why: 'unreadable', word: 'not_json' }]);
  t.equal(line.applied.length, 329);

  // What is wrong with the envelope is nobody's record's fault.
  line.send = send;
  line.problem = { status: 422, word: 'content_invalid' };
  await outbox.report('takeSwab', swab(1));
  await told(outbox, ({ state, problem }) => state === 'offline' && problem?.word === 'content_invalid');
  t.equal((await outbox.toFix()).length, 1);
  t.equal(outbox.status.waiting, 1);
});

t.test('the service asks for patience, and gets it', async (t) => {
  const line = service();
  const outbox = await open(t, line);
  await allSent(outbox);
  line.problem = { status: 429, word: 'too_many', retryAfter: 60_000 };
  await outbox.report('takeSwab', swab(1));
  await told(outbox, ({ problem }) => problem?.word === 'too_many');
  const before = line.came.length;
  line.problem = undefined;
  outbox.wake();
  await outbox.report('takeSwab', swab(2));
  await new Promise((resolve) => setTimeout(resolve, 30));
  t.equal(line.came.length, before, 'neither a new record nor a touch shortens it');
  t.equal(outbox.status.state, 'offline');
});

t.test('when nobody answers, tries come at growing times that are never the same', async (t) => {
  const line = service();
  const hands = setHands(1_764_570_000_000);
  const outbox = await open(t, line, { hands, pace: { ...quick, backOffMs: [4, 64] } });
  await allSent(outbox);
  const { send } = line;
  const tries: number[] = [];
  line.down = true;
  const enough = new Promise<void>((resolve) => {
    line.send = (cell, envelope) => { tries.push(performance.now()); if (tries.length === 9) resolve(); return send(cell, envelope); };
  });
  await outbox.report('takeSwab', swab(1));
  await enough;
  const gaps = tries.slice(1).map((at, i) => at - (tries[i] ?? 0));
  for (const [i, least] of [2, 4, 8, 16, 32, 32, 32].entries()) t.ok((gaps[i] ?? 0) >= least - 1, `try ${i + 2} after at least ${least} ms`);
  t.equal(new Set(gaps.map((gap) => gap.toFixed(3))).size, gaps.length);
});

t.test('four receipts, and what is safe and old goes', async (t) => {
  const line = service();
  const hands = setHands(1_764_570_000_000);
  line.at = () => hands.wall();
  const outbox = await open(t, line, { hands });
  const { epoch = '' } = outbox.place ?? {};
  await outbox.ask('openTube', { tube, station: '3' });
  await outbox.ask('takeSwab', swab(1));
  line.judge = () => 'already_sampled';
  await outbox.ask('takeSwab', swab(2));
  line.judge = () => undefined;
  t.match(await outbox.receipt(tube), { level: 1, records: 2, reached: [2, 2, 0, 0] }, 'what was refused says nothing of the tube');
  t.equal(outbox.status.copies, 1);
  Object.assign(line, { copies: 2, safeUpTo: 1 });
  await outbox.report('takeSwab', swab(3));
  t.match(await outbox.receipt(tube), { level: 0, records: 3 });
  await allSent(outbox);
  t.match(await outbox.receipt(tube), { level: 1, reached: [3, 3, 1, 0] });
  line.safeUpTo = 4;
  outbox.wake();
  await told(outbox, ({ copies }) => copies === 2);
  while ((await outbox.receipt(tube))?.level !== 2) await new Promise((resolve) => { const stop = outbox.subscribe(() => queueMicrotask(() => { stop(); resolve(undefined); })); });
  const days = (n: number) => hands.wall() + n * 24 * 3_600_000;
  t.equal(await sweep(outbox.db, days(10)), 0, 'its tube has not been counted at the laboratory');
  await outbox.reconciled([tube, '180000000294']);
  t.match(await outbox.receipt(tube), { level: 3 });
  t.equal(await sweep(outbox.db, days(2.9)), 0, 'and for three days at least');
  await outbox.report('takeSwab', swab(5));
  await outbox.report('registerWalkIn', { village: 'Upper', sealed: 'AAAA' });
  await allSent(outbox);
  t.equal(await sweep(outbox.db, days(4)), 4);
  t.match((await outbox.rows()).map(({ number }) => number), [5, 6], 'what came after has not been counted, or is not safe');
  t.equal(await sweep(outbox.db, days(31)), 2, 'a tube that never reaches a laboratory keeps its records for a month');
  t.match(await outbox.report('takeSwab', swab(6)), { epoch, number: 7 }, 'numbers go on');
});

t.test('an outbox reopened is where it was', async (t) => {
  const line = service();
  const name = freshName();
  const first = await open(t, line, { name });
  line.judge = () => 'tube_full';
  await first.report('takeSwab', swab(1));
  await allSent(first);
  line.down = true;
  first.wake();
  await first.report('sealTube', { tube });
  await first.close();
  const second = await open(t, line, { name });
  t.match(second.place, place);
  t.match(await told(second, ({ waiting }) => waiting === 1), { toFix: 1, state: 'offline', lastAnswerAt: Number });
  t.match(await second.rows({ tube }), [{ number: 1 }, { number: 2, state: 'waiting' }]);
  t.match(await second.rows({ last: 1 }), [{ number: 2 }]);
  line.down = false;
  second.wake();
  await told(second, ({ waiting }) => waiting === 0);
});

t.test('a question that was open when the page was killed is asked again and is nobody\'s report', async (t) => {
  const line = service();
  const name = freshName();
  const first = await open(t, line, { name });
  await allSent(first);
  const { closed, open: answer } = gate();
  const arrived = line.arrived(1);
  line.hold = closed;
  line.dropAnswers = 1;
  void first.ask('takeSwab', swab(1)).catch(() => undefined);
  await arrived;
  line.forget(0);
  // Killed: nothing is closed, and the other page finds what the disk has.
  const second = await open(t, line, { name });
  t.match((await second.rows())[0], { mode: 'ask', state: 'asked' });
  line.hold = undefined;
  line.judge = ({ mode }) => (mode === 'ask' ? 'already_sampled' : undefined);
  second.wake();
  await allSent(second);
  t.match((await second.rows())[0], { state: 'refused' });
  t.equal(line.applied.length, 0);
  answer();
});
