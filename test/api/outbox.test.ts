// A device's outbox: in order, one answer each, and one bad record never spoils the others.
import t from 'tap';
import { journalOf, keyOf } from '../../src/ledger/keys.js';
import { readEvents } from '../../src/ledger/stream.js';
import { type Answer, build, record } from './support.js';

const answersOf = (reply: { json(): unknown }) => (reply.json() as { answers: Answer[] }).answers;

t.test('a whole tube goes in one outbox, in order, with one answer each', async (t) => {
  const door = await build(t, { stations: ['a1'], residents: 10 });
  const tube = door.tube();
  const reply = await door.outbox([
    record(1, 'openTube', { tube, station: 'a1' }),
    ...Array.from({ length: 10 }, (_, i) => record(i + 2, 'takeSwab', { resident: String(i + 1), tube })),
    record(12, 'takeSwab', { resident: '1', tube }),
  ], { assigned: 12, now: door.now() });
  t.equal(reply.statusCode, 200, reply.body);
  const answers = answersOf(reply);
  t.strictSame(answers.map(({ number, outcome }) => [number, outcome]), [...Array.from({ length: 11 }, (_, i) => [i + 1, 'applied']), [12, 'refused']]);
  t.strictSame(answers[10]?.events?.map(({ event }) => event), ['swab.taken', 'tube.sealed']);
  t.match(answers[11], { word: 'already_sampled', zh: /采样/, en: String, nextZh: String, nextEn: String, detail: { station: 'a1' } });
  t.match(reply.json(), { mark: 12, missing: 0 });
});

t.test('an empty outbox is a sign of life', async (t) => {
  const door = await build(t);
  const reply = await door.outbox([], { assigned: 3 });
  t.equal(reply.statusCode, 200);
  t.match(reply.json(), { answers: [], dataEpoch: String });
});

t.test('200 records are taken at once, a 201st is refused in words and nothing is written', async (t) => {
  const door = await build(t, { residents: 200 });
  const all = Array.from({ length: 201 }, (_, i) => record(i + 1, 'excuseResident', { resident: String(i + 1), reason: 'away' }));
  const long = await door.outbox(all);
  t.equal(long.statusCode, 413);
  t.match(long.json(), { word: 'outbox_too_long', zh: /200/, en: /200/, nextZh: String, nextEn: String });
  const reply = await door.outbox(all.slice(0, 200));
  t.equal(answersOf(reply).filter(({ outcome }) => outcome === 'applied').length, 200);
});

t.test('an outbox that takes more than one call is on record in its order', async (t) => {
  const door = await build(t, { stations: ['a1'], residents: 60 });
  const tubes = Array.from({ length: 6 }, () => door.tube());
  // 66 records: a whole call and a short one, which must not overtake it.
  const all = tubes.flatMap((tube, i) => [
    record(i * 11 + 1, 'openTube', { tube, station: 'a1' }, { mode: 'report' }),
    ...Array.from({ length: 10 }, (_, k) => record(i * 11 + k + 2, 'takeSwab', { resident: String(i * 10 + k + 1), tube }, { mode: 'report' })),
  ]);
  const reply = await door.outbox(all);
  t.strictSame(answersOf(reply).map(({ number, outcome }) => [number, outcome]), all.map(({ number }) => [number, 'applied']));
  const events = await readEvents(door.redis, door.cell);
  t.strictSame(events.flatMap((event) => (event.event === 'swab.taken' ? [Number(event.resident)] : [])), Array.from({ length: 60 }, (_, i) => i + 1));
  t.strictSame(events.filter(({ event }) => event === 'discrepancy.opened'), [], 'no swab came before its tube');
});

t.test('a record that cannot be read is quarantined under its number, encrypted, and those behind it are taken', async (t) => {
  const door = await build(t, { residents: 3 });
  const secret = '11010519491231002X';
  const reply = await door.outbox([
    record(1, 'excuseResident', { resident: '1', reason: 'away' }),
    record(2, 'excuseResident', { resident: secret, reason: 'nothing', name: secret }),
    { number: 3, step: 'flyAway', claimedAt: 1, body: {} },
    { number: 4 },
    record(5, 'excuseResident', { resident: '2', reason: 'away' }, { extra: true }),
    record(6, 'excuseResident', { resident: '3', reason: 'away' }),
  ]);
  t.equal(reply.statusCode, 200, reply.body);
  t.strictSame(answersOf(reply).map(({ outcome }) => outcome), ['applied', 'quarantined', 'quarantined', 'quarantined', 'quarantined', 'applied']);
  t.match(reply.json(), { mark: 6, missing: 0 });
  const again = await door.outbox([record(2, 'excuseResident', { resident: secret, reason: 'nothing', name: secret })]);
  t.strictSame(answersOf(again).map(({ outcome }) => outcome), ['quarantined'], 'its repeat hears the same');

  const events = JSON.stringify(await readEvents(door.redis, door.cell));
  t.notMatch(events, secret);
  t.notMatch(JSON.stringify(door.logged), secret);
  const vault = await door.vault.round(door.cell.round);
  if (vault === 'erased') throw new Error('the round has just been made');
  const kept = await door.redis.hget(keyOf(door.cell, 'quarantine'), 'tablet:e1:2');
  t.notMatch(kept, secret);
  t.match(vault.openBytes('quarantine', { area: door.cell.area, owner: 'tablet:e1:2' }, Buffer.from(kept ?? '', 'base64')).toString(), secret, 'a person who may can read it');
});

t.test('a record without a usable number is answered at its place, since nothing can be kept of it', async (t) => {
  const door = await build(t, { residents: 2 });
  const reply = await door.outbox([
    { step: 'excuseResident', claimedAt: 1, body: { resident: '1', reason: 'away' } },
    record(1, 'excuseResident', { resident: '1', reason: 'away' }),
    null, 'text', record(0, 'closeRound', {}), record(1.5, 'closeRound', {}), record(4_294_967_296, 'closeRound', {}),
    record(2, 'excuseResident', { resident: '2', reason: 'away' }),
  ]);
  t.strictSame(answersOf(reply).map(({ outcome }) => outcome), ['unreadable', 'applied', 'unreadable', 'unreadable', 'unreadable', 'unreadable', 'unreadable', 'applied']);
  t.match(answersOf(reply)[0], { word: 'content_invalid', zh: /number/, en: /number/ });
});

t.test('in a cell that was never opened nothing is quarantined, and the answer says so', async (t) => {
  const door = await build(t, { round: false });
  const reply = await door.app.inject({ method: 'POST', url: `/api/cells/${door.cell.round}x/north/outbox`, payload: { device: 'd', epoch: 'e', requests: [record(1, 'closeRound', { odd: 1 }), record(2, 'closeRound', {})] } });
  t.equal(reply.statusCode, 200);
  t.strictSame(answersOf(reply).map(({ word }) => word), ['cell_unknown', 'cell_unknown']);
});

t.test('a bad envelope is refused as a whole', async (t) => {
  const door = await build(t, { residents: 1 });
  const good = record(1, 'excuseResident', { resident: '1', reason: 'away' });
  for (const [envelope, path] of [
    [{ device: 'no:colons' }, 'device'], [{ epoch: '' }, 'epoch'], [{ now: 'late' }, 'now'], [{ surprise: 1 }, ''], [{ requests: 'all' }, 'requests'],
  ] as const) {
    const reply = await door.app.inject({ method: 'POST', url: door.at('/outbox'), payload: { device: 'd', epoch: 'e', requests: [good], ...envelope } });
    t.equal(reply.statusCode, 422, reply.body);
    t.match(reply.json(), { detail: { faults: [{ path: path || /^$/ }] } });
  }
  t.equal(await door.redis.exists(journalOf(door.cell, 'd', 'e')), 0, 'nothing was written');
});
