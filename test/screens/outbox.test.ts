// The outbox: written before it is shown, asked while somebody answers, reported when nobody does, sent in order, each once.

import t from 'tap';
import { type Row, SaveFailed } from '../../src/screens/outbox/outbox.js';
import { openStore } from '../../src/screens/outbox/store.js';
import { allSent, freshName, gate, impatient, locks, open, place, service, setHands, told } from './support.js';

const swab = (resident: number, tube = '180000000197') => ({ resident: String(resident), tube });

t.test('who asks while the service answers hears its answer, and the disk has it first', async (t) => {
  const line = service();
  const outbox = await open(t, line);
  line.judge = ({ body }) => ((body as { resident: string }).resident === '2' ? 'already_sampled' : undefined);
  t.match(await outbox.ask('takeSwab', swab(1), { by: '600000000190' }), { outcome: 'applied', number: 1, events: [{ event: 'swab.taken' }] });
  t.match(await outbox.ask('takeSwab', swab(2)), { outcome: 'refused', number: 2, word: 'already_sampled', zh: String, nextZh: String });
  t.match((await outbox.rows()).map(({ number, state, mode, by }) => ({ number, state, mode, by })), [
    { number: 1, state: 'applied', mode: 'ask', by: '600000000190' }, { number: 2, state: 'refused', mode: 'ask', by: undefined },
  ]);
  t.match(line.came.at(-1), { device: 'tablet', assigned: 2, requests: [{ number: 2, step: 'takeSwab', mode: 'ask', body: swab(2) }] });
  t.equal(outbox.status.toFix, 0, 'a refused question is nothing to put right');
});

t.test('what is refused and was done all the same is reported under the same number', async (t) => {
  const line = service();
  const outbox = await open(t, line);
  line.judge = () => 'tube_full';
  const heard = await outbox.ask('takeSwab', swab(1));
  if (heard.outcome !== 'refused') return t.fail('it was not refused');
  await outbox.reportAnyway(heard, '600000000190');
  await allSent(outbox);
  await told(outbox, ({ toFix }) => toFix === 1);
  t.match(line.came.at(-1)?.requests, [{ number: 1, mode: 'report', by: '600000000190' }]);
  t.match(line.applied.map(({ record }) => record.number), [1]);
  t.match(await outbox.toFix(), [{ number: 1, why: 'contradicted', word: 'tube_full', zh: '此试管已满', decisions: ['drop'], detail: { site: 's4' } }]);
  await outbox.decide({ epoch: heard.epoch, number: 1 }, 'drop', '600000000190');
  t.same(await outbox.toFix(), []);
  t.match((await outbox.rows())[0], { state: 'applied', settled: { how: 'seen', by: '600000000190' } });
});

t.test('no answer in time: the tablet decides, and the same number becomes a report', async (t) => {
  const line = service();
  const outbox = await open(t, line, { pace: impatient });
  await allSent(outbox);
  const { closed, open: answer } = gate();
  line.hold = closed;
  t.match(await outbox.ask('takeSwab', swab(1)), { outcome: 'reported', number: 1 });
  t.match((await outbox.rows())[0], { state: 'waiting', mode: 'report' });
  let written: number | undefined;
  const otherwise = async () => { written = (await outbox.rows()).length; return 'report' as const; };
  t.match(await outbox.ask('takeSwab', swab(2), { otherwise }), { outcome: 'reported', number: 2 });
  t.equal(written, 1, 'the next one is decided before anything is written, and does not wait');
  answer();
  line.hold = undefined;
  await allSent(outbox);
  t.same(line.applied.map(({ record }) => [record.number, record.mode]), [[1, 'ask'], [2, 'report']], 'each once, whichever way it came');
  t.match(await outbox.ask('takeSwab', swab(3)), { outcome: 'applied', number: 3 }, 'and it asks again');
});

t.test('nobody there: who asks does not wait for the rest of the time', { timeout: 10_000 }, async (t) => {
  const line = service();
  const outbox = await open(t, line);
  await allSent(outbox);
  line.down = true;
  // The time is 20 seconds here; this test would be cut off before them.
  for (let i = 1; i <= 3; i++) t.match(await outbox.ask('takeSwab', swab(i)), { outcome: 'reported', number: i });
  t.equal((await told(outbox, ({ waiting }) => waiting === 3)).state, 'offline');
});

t.test('a "no" that comes after the tablet has decided is no answer to the report', async (t) => {
  const line = service();
  const outbox = await open(t, line, { pace: impatient });
  await allSent(outbox);
  line.judge = ({ mode }) => (mode === 'ask' ? 'already_sampled' : undefined);
  const { closed, open: answer } = gate();
  line.hold = closed;
  t.match(await outbox.ask('takeSwab', swab(1)), { outcome: 'reported' });
  answer();
  await allSent(outbox);
  t.same(line.came.flatMap(({ requests }) => requests.map(({ number, mode }) => `${number} ${mode}`)), ['1 ask', '1 report']);
  t.match((await outbox.rows())[0], { state: 'applied' });
});

t.test('what the tablet decides against was never done, and leaves no hole', async (t) => {
  const line = service();
  const outbox = await open(t, line, { pace: impatient });
  await allSent(outbox);
  const { closed, open: answer } = gate();
  line.hold = closed;
  // The first is under way and keeps the second from leaving.
  const [arrived, first] = [line.arrived(1), outbox.ask('takeSwab', swab(1), { otherwise: 'report' })];
  await arrived;
  const second = outbox.ask('callNext', { station: '3' });
  t.match(await first, { outcome: 'reported', number: 1 });
  t.match(await second, { outcome: 'lapsed' }, 'a decision is better not taken than taken late');
  t.match(await outbox.ask('takeSwab', swab(9), { otherwise: () => 'lapse' }), { outcome: 'lapsed' });
  answer();
  line.hold = undefined;
  await allSent(outbox);
  t.match(line.applied.map(({ record }) => record.step), ['takeSwab', 'runDue'], 'its number went to what changes nothing, and the third never had one');
  await outbox.report('takeSwab', swab(2));
  await allSent(outbox);
  t.equal(line.applied.at(-1)?.record.number, 3);
});

t.test('a decision that is under way may be taken all the same, and the tablet hears of it', async (t) => {
  const line = service();
  const outbox = await open(t, line, { pace: impatient });
  await allSent(outbox);
  const { closed, open: answer } = gate();
  line.hold = closed;
  const late: number[] = [];
  outbox.onAnswer(({ number }) => late.push(number));
  t.match(await outbox.ask('callNext', { station: '3' }), { outcome: 'noAnswer', number: 1 });
  answer();
  await allSent(outbox);
  t.same(late, [1]);
});

t.test('an hour offline, the page reopened in the middle, two answers lost after they were written: the record is the device, in order, each once', async (t) => {
  const line = service();
  const hands = setHands(1_764_570_000_000);
  const swabbedAt: number[] = [];
  line.at = () => hands.wall();
  const name = freshName();
  let outbox = await open(t, line, { name, hands });
  await allSent(outbox);
  line.down = true;
  await outbox.report('openTube', { tube: '180000000197', station: '3' });
  for (let i = 1; i <= 240; i++) {
    hands.pass(15_000);
    swabbedAt.push(hands.wall());
    t.match(await outbox.ask('takeSwab', swab(i)), { outcome: 'reported', number: i + 1 });
    if (i === 120) {
      await outbox.close();
      hands.restart();
      outbox = await open(t, line, { name, hands });
    }
  }
  const status = await told(outbox, ({ waiting }) => waiting === 241);
  t.equal(status.state, 'offline');
  t.ok((status.oldestAt ?? Number.NaN) <= (swabbedAt[0] ?? 0), 'the oldest is from the beginning of the hour');
  line.down = false;
  line.dropAnswers = 2;
  outbox.wake();
  await allSent(outbox);
  const sent = line.applied.map(({ record }) => record);
  t.same(sent.map(({ number }) => number), Array.from({ length: 241 }, (_, i) => i + 1));
  t.same(sent.slice(1).map(({ body }) => Number((body as { resident: string }).resident)), Array.from({ length: 240 }, (_, i) => i + 1));
  t.ok(line.came.every(({ requests }) => requests.length <= 100));
  // Written between one swab's moment and the next one's, but for the rounding of clocks that are read one after the other.
  const wrong = sent.slice(1).filter(({ claimedAt }, i) => claimedAt < (swabbedAt[i] ?? 0) - 1000 || claimedAt > (swabbedAt[i + 1] ?? hands.wall()));
  t.same(wrong, [], 'each has its own time');
});

t.test('when the record goes back, what was above its mark is sent again by itself', async (t) => {
  const line = service();
  const outbox = await open(t, line);
  line.judge = ({ body }) => ((body as { resident?: string }).resident === '4' ? 'already_sampled' : undefined);
  for (let i = 1; i <= 6; i++) await outbox.ask('takeSwab', swab(i));
  line.forget(3);
  line.judge = () => undefined;
  t.match(await outbox.ask('takeSwab', swab(7)), { outcome: 'applied', number: 7 }, 'the mark is lower than it was');
  await allSent(outbox);
  await told(outbox, ({ toFix }) => toFix === 1);
  t.same(line.applied.map(({ record }) => record.number).sort(), [1, 2, 3, 4, 5, 6, 7]);
  t.match(await outbox.toFix(), [{ number: 4, why: 'takenAfterAll', word: 'taken_after_all' }], 'a swab that was refused and not taken is not passed over in silence');
  const before = line.came.length;
  line.forget(5);
  line.dataEpoch = 'b';
  await outbox.ask('takeSwab', swab(8));
  await allSent(outbox);
  t.match(line.came.slice(before).flatMap(({ requests }) => requests.map(({ number }) => number)), [8, 6, 7], 'only what is above the mark');
});

t.test('a disk that does not take it: nothing is shown as done, and nothing leaves', async (t) => {
  const line = service();
  const outbox = await open(t, line);
  await allSent(outbox);
  const { add } = IDBObjectStore.prototype;
  t.teardown(() => { IDBObjectStore.prototype.add = add; });
  for (const [how, broken] of Object.entries({
    throws() { throw new DOMException('the disk is gone', 'UnknownError'); },
    full() { throw new DOMException('no room', 'QuotaExceededError'); },
  })) {
    IDBObjectStore.prototype.add = broken;
    await t.rejects(outbox.report('takeSwab', swab(1)), SaveFailed, how);
    await t.rejects(outbox.ask('takeSwab', swab(1)), SaveFailed, how);
    t.match(outbox.status, { state: 'saveFailed', fault: { full: how === 'full' } });
  }
  IDBObjectStore.prototype.add = function failsAtTheEnd(this: IDBObjectStore, ...args: Parameters<typeof add>) {
    const request = add.apply(this, args);
    this.transaction.abort();
    return request;
  };
  await t.rejects(outbox.report('takeSwab', swab(1)), SaveFailed, 'it fails when it is to be kept');
  IDBObjectStore.prototype.add = add;
  t.same(await outbox.rows(), []);
  t.same(line.came.flatMap(({ requests }) => requests), []);
  t.match(await outbox.report('takeSwab', swab(1)), { number: 1 }, 'the number was not used up');
  t.equal((await told(outbox, ({ state }) => state !== 'saveFailed')).state, 'online');
});

t.test('a record of a fresh database has a name no record before it had', async (t) => {
  const line = service();
  const first = await open(t, line);
  await first.ask('takeSwab', swab(1));
  const second = await open(t, line);
  t.match(await second.ask('takeSwab', swab(2)), { outcome: 'applied', number: 1 }, 'another person under number 1 is no repeat');
  t.not(first.place?.epoch, second.place?.epoch);
  t.match(second.place?.epoch, /^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$/);
});

t.test('a second page writes and does not send, and takes over when the first closes', async (t) => {
  const line = service();
  const [name, shared] = [freshName(), locks()];
  const first = await open(t, line, { name, locks: shared });
  const second = await open(t, service(), { name, locks: shared });
  t.equal(second.status.state, 'secondTab');
  t.match(await second.ask('takeSwab', swab(1)), { outcome: 'reported', number: 1 });
  t.match(await first.ask('takeSwab', swab(2)), { outcome: 'applied', number: 2 }, 'numbers are those of the device');
  await allSent(first);
  t.same(line.applied.map(({ record }) => record.number), [1, 2]);
  await first.close();
  await allSent(second);
  t.match(await second.ask('takeSwab', swab(3)), { outcome: 'applied', number: 3 });
});

t.test('a device moved to another cell begins new numbers, and what it did before still goes where it belongs', async (t) => {
  const line = service();
  const cells: string[] = [];
  const { send } = line;
  line.send = (cell, envelope) => { if (envelope.requests.length > 0) cells.push(`${cell.area} ${envelope.requests.map(({ number }) => number).join(',')}`); return send(cell, envelope); };
  const outbox = await open(t, line);
  await allSent(outbox);
  line.down = true;
  await outbox.report('takeSwab', swab(1));
  await outbox.report('takeSwab', swab(2));
  const before = outbox.place?.epoch;
  await outbox.pair({ ...place, area: 'south' });
  t.not(outbox.place?.epoch, before);
  t.match(await outbox.report('takeSwab', swab(3)), { number: 1 });
  line.down = false;
  outbox.wake();
  await allSent(outbox);
  t.same(cells.filter((cell) => !cell.endsWith(' ')).slice(-2), ['south 1', 'north 1,2']);
  await outbox.pair({ ...place, area: 'south', station: '4' });
  t.match(await outbox.ask('takeSwab', swab(4)), { number: 2 }, 'another table in the same cell goes on');
});

t.test('what is shown as done is on the disk first, and is a fact where the page is gone before the answer', async (t) => {
  const line = service();
  const name = freshName();
  const first = await open(t, line, { name });
  await allSent(first);
  line.judge = ({ mode }) => (mode === 'ask' ? 'already_sampled' : undefined);
  const { closed, open: answer } = gate();
  line.hold = closed;
  const saved = new Promise((resolve) => { void first.ask('takeSwab', swab(1), { saved: () => resolve(first.rows()) }); });
  const [row] = (await saved) as Row[];
  t.match(row, { number: 1, state: 'asked', mode: 'ask', shown: true, pending: 1 });
  answer();
  await first.close();
  // Killed in that moment, this is what the disk has.
  const db = await openStore(name, () => undefined);
  await db.put('records', row as Row);
  db.close();
  const second = await open(t, line, { name });
  await allSent(second);
  t.match(line.applied.map(({ record }) => [record.number, record.mode]), [[1, 'report']]);
  t.match(await second.rows(), [{ number: 1, mode: 'report' }]);
});

t.test('without an answer what was shown is reported, whatever the step', async (t) => {
  const line = service();
  const outbox = await open(t, line, { pace: impatient });
  await allSent(outbox);
  const { closed, open: answer } = gate();
  line.hold = closed;
  const numbers: number[] = [];
  t.match(await outbox.ask('takeSwab', swab(1), { otherwise: 'lapse', saved: ({ number }) => numbers.push(number) }), { outcome: 'reported', number: 1 });
  t.same(numbers, [1]);
  t.match(await outbox.ask('takeSwab', swab(2), { saved: ({ number }) => numbers.push(number) }), { outcome: 'reported', number: 2 });
  t.same(numbers, [1, 2]);
  answer();
});
