// The journal of a device: repeats are free, numbers have no holes unnoticed, a report is applied once, and a fault spoils only itself.

import t, { type Test } from 'tap';
import type { StepRequest } from '../../src/domain/requests.js';
import { keyOf } from '../../src/ledger/keys.js';
import * as reads from '../../src/ledger/reads.js';
import { lastPosition } from '../../src/ledger/stream.js';
import { contradictionsOf, eventsOf, wordOf } from '../support.js';
import { station } from './station.js';

const numbersOf = async ({ rig }: Awaited<ReturnType<typeof station>>, name: string) => (await reads.devices(rig.redis, rig.cell)).find(({ device }) => device === name);
/** A swab as the tablet keeps it in its outbox. */
const swab = (resident: number, tube: string) => ({ step: 'takeSwab', body: { resident: String(resident), tube } }) as const;

t.test('the same request again gets the first answer, whatever has happened since', async (t) => {
  const { tablet, open, fill } = await station(t);
  const tube = await open();
  await fill(tube, 1);
  const first = tablet.receipt.answers[0];
  await fill(tube, 2, 3, 4, 5);
  const request = tablet.draft({ ...swab(1, tube), number: 2 });
  t.same((await tablet.send([request])).answers, [{ ...first, again: true }]);
  t.same((await tablet.send([{ ...request, claimedAt: 5, by: 'somebody' }])).answers, [{ ...first, again: true }], 'time and staff are outside what is compared');
});

t.test('a refusal is repeated word for word', async (t) => {
  const { rig, tablet } = await station(t);
  const refused = await tablet.ask('takeSwab', { resident: '1', tube: rig.tube() });
  await rig.post.done('openStation', { station: 'a2', site: 's1' });
  t.same(await tablet.again(), { ...refused, again: true });
});

t.test('another content under a used number is its own refusal, and changes nothing', async (t) => {
  const { rig, tablet, open, fill } = await station(t);
  const tube = await fill(await open(), 1);
  const before = (await reads.story(rig.redis, rig.cell, { tube })).length;
  t.equal(wordOf(await tablet.again({ body: { resident: '2', tube } })), 'id_reused');
  t.equal(wordOf(await tablet.again({ mode: 'report', body: { resident: '2', tube } })), 'id_reused', 'reported or not');
  t.equal((await reads.story(rig.redis, rig.cell, { tube })).length, before);
  t.same(await tablet.again({ body: { resident: '1', tube } }), { ...tablet.receipt.answers[0] }, 'the first content is still answered');
});

t.test('an ask and its report are one record', async (t) => {
  const { rig, tablet, open, fill, tube } = await station(t);
  await t.test('of a number that was applied, the report repeats the answer', async (t) => {
    await fill(await open(), 1);
    const first = tablet.receipt.answers[0];
    t.same(await tablet.again({ mode: 'report' }), { ...first, again: true });
  });
  await t.test('of a number that was refused, the report applies it once, as a fact', async (t) => {
    const second = await open();
    t.equal(wordOf(await tablet.ask('takeSwab', { resident: '1', tube: second })), 'already_sampled');
    const applied = await tablet.again({ mode: 'report' });
    t.same(contradictionsOf(applied), ['already_sampled']);
    t.same(await tablet.again({ mode: 'report' }), { ...applied, again: true });
    t.same(await tablet.again({ mode: 'ask' }), { ...applied, again: true }, 'an ask that comes after its report gets the report’s answer');
    t.match(await tube(second), { count: 1 });
  });
  await t.test('of a decision, the report is the ask again', async (t) => {
    t.equal(wordOf(await rig.post.ask('openStation', { station: 'a1', site: 's1' })), 'station_open');
    t.match(await rig.post.again({ mode: 'report' }), { word: 'station_open', again: true });
  });
});

t.test('a hole is known, keeps the round open, and is filled in any order', async (t) => {
  const world = await station(t);
  const { tablet, open, unfinished } = world;
  const tube = await open();
  const [a, b, c, d] = [1, 2, 3, 4].map((n) => tablet.draft({ ...swab(n, tube), mode: 'report' })) as [StepRequest, StepRequest, StepRequest, StepRequest];
  t.match(await tablet.send([b]), { mark: 1, missing: 3 });
  t.ok((await unfinished()).includes('device:tablet:e1'));
  t.match(await numbersOf(world, 'tablet'), { assigned: 5, applied: 2, missing: 3 });
  t.match(await tablet.send([d]), { mark: 1, missing: 2 });
  t.match(await tablet.send([a]), { mark: 3, missing: 1 }, 'the mark goes over what had come before');
  t.match(await tablet.send([c]), { mark: 5, missing: 0 });
  t.notOk((await unfinished()).includes('device:tablet:e1'));
  t.match(await numbersOf(world, 'tablet'), { assigned: 5, applied: 5, missing: 0 });
});

t.test('numbers given out and not sent are waited for', async (t) => {
  const { tablet, open, unfinished } = await station(t);
  const tube = await open();
  const kept = tablet.draft({ ...swab(1, tube), mode: 'report' });
  t.match(await tablet.send([]), { mark: 1, missing: 1 }, 'a sign of life tells of them');
  t.ok((await unfinished()).includes('device:tablet:e1'));
  t.match(await tablet.send([kept]), { mark: 2, missing: 0 });
  t.notOk((await unfinished()).includes('device:tablet:e1'));
});

t.test('a number far above the mark is refused for now, and no room is made for it', async (t) => {
  const world = await station(t);
  const { rig, tablet, open } = world;
  const tube = await open();
  // Sent without a word on how many were given out.
  const request = { ...tablet.draft(swab(1, tube)) };
  tablet.number -= 1;
  const far = (number: number) => rig.ledger.take(rig.cell, [{ device: 'tablet', epoch: 'e1', requests: [{ ...request, number }] }]);
  const [refused] = await far(10_002);
  t.match(refused, { mark: 1, missing: 0, answers: [{ word: 'number_too_far', detail: { mark: '1' } }] });
  const [taken] = await far(10_001);
  t.match(taken, { mark: 1, missing: 9999, answers: [{ outcome: 'applied' }] });
  t.match(await numbersOf(world, 'tablet'), { assigned: 10_001, applied: 2, missing: 9999 });
  t.equal(wordOf((await far(4_294_967_295))[0]?.answers[0]), 'number_too_far');
});

t.test('a new epoch of a device begins its numbers anew', async (t) => {
  const { rig, tablet, open, fill } = await station(t);
  const tube = await fill(await open(), 1);
  const anew = rig.device('tablet', 'e2');
  await anew.done('takeSwab', { resident: '2', tube });
  t.match(anew.receipt, { mark: 1 });
  t.match(tablet.receipt, { mark: 2 });
});

t.test('a record nobody can read counts as received and stops none behind it', async (t) => {
  const world = await station(t);
  const { rig, tablet, open, tube, unfinished } = world;
  const code = await open();
  const before = tablet.draft({ ...swab(1, code), mode: 'report' });
  tablet.number += 1;
  const behind = tablet.draft({ ...swab(2, code), mode: 'report' });
  const bad = { number: 3, step: 'quarantine', ciphertext: 'sealed', problem: 'resident is missing', fingerprint: 4711 } as const;
  const receipt = await tablet.send([before, bad, behind]);
  t.same(receipt.answers.map(({ outcome }) => outcome), ['applied', 'quarantined', 'applied']);
  t.match(receipt, { mark: 4, missing: 0 });
  t.match(await tube(code), { count: 2 });
  t.ok((await unfinished()).includes('record:tablet:e1:3'));
  t.match(await numbersOf(world, 'tablet'), { applied: 3, quarantined: 1 });
  t.same((await tablet.send([bad])).answers, [{ number: 3, outcome: 'quarantined' }], 'a repeat hears the same');
  t.equal(wordOf((await tablet.send([{ ...bad, fingerprint: 4712 }])).answers[0]), 'id_reused');
  t.equal(await rig.redis.hget(keyOf(rig.cell, 'quarantine'), 'tablet:e1:3'), 'sealed');
});

t.test('fifty records in one call are taken in order, each with its own answer', async (t) => {
  const { tablet, open } = await station(t, { residents: 60 });
  const tube = await open();
  const receipt = await tablet.send(Array.from({ length: 50 }, (_, i) => (i === 25 ? { step: 'takeSwab', body: { resident: '999', tube } } : swab((i % 12) + 1, tube)) as never));
  t.equal(receipt.answers.length, 50);
  t.same(receipt.answers.map(({ number }) => number), Array.from({ length: 50 }, (_, i) => i + 2));
  t.same(receipt.answers.slice(0, 6).map(wordOf), ['applied', 'applied', 'applied', 'applied', 'applied', 'tube_full']);
  t.equal(wordOf(receipt.answers[25]), 'resident_unknown');
  t.same(new Set(receipt.answers.slice(12, 17).map(wordOf)), new Set(['already_sampled']));
  t.match(receipt, { mark: 51, missing: 0 });
});

t.test('two hundred records and a sign of life of another device go in one take', async (t) => {
  const { rig, tablet, open } = await station(t, { residents: 5 });
  const tube = await open();
  const requests = Array.from({ length: 200 }, (_, i) => tablet.draft(swab((i % 5) + 1, tube)));
  const [large, small] = await rig.ledger.take(rig.cell, [{ device: 'tablet', epoch: 'e1', requests }, { device: 'post', epoch: 'e1', requests: [] }]);
  t.same(large?.answers.map(({ number }) => number), requests.map(({ number }) => number));
  t.match(large, { mark: 201 });
  t.match(small, { mark: rig.post.number, answers: [] });
  t.equal(small?.dataEpoch, large?.dataEpoch);
});

t.test('two devices in one call are taken one after the other', async (t) => {
  const { rig, tablet, open } = await station(t);
  const tube = await open();
  const other = rig.device('other');
  const receipts = await rig.ledger.take(rig.cell, [
    { device: 'tablet', epoch: 'e1', requests: [tablet.draft(swab(1, tube))] },
    { device: 'other', epoch: 'e1', requests: [other.draft(swab(1, tube))] },
  ]);
  t.same(receipts.map(({ answers }) => wordOf(answers[0])), ['applied', 'already_sampled']);
});

t.test('the same history has the same name, until it is another', async (t) => {
  const { rig, tablet, open } = await station(t);
  await open();
  const { dataEpoch } = tablet.receipt;
  await rig.post.done('drainStation', { station: 'a1' });
  t.equal(rig.post.receipt.dataEpoch, dataEpoch);
  t.equal((await station(t)).tablet.receipt.dataEpoch === dataEpoch, false, 'another cell is another history');
});

/** A cell whose key `name` is of the wrong type from now on, so that what touches it fails. */
async function spoilt(t: Test, name: Parameters<typeof keyOf>[1]) {
  const world = await station(t);
  const tube = await world.fill(await world.open(), 1);
  const key = keyOf(world.rig.cell, name);
  await world.rig.redis.rename(key, `${key}.kept`).catch(() => undefined);
  await world.rig.redis.lpush(key, 'not what it should be');
  return { ...world, code: tube, heal: async () => { await world.rig.redis.del(key); await world.rig.redis.rename(`${key}.kept`, key); } };
}

t.test('a fault before the first write spoils only its own request, which may be sent again', async (t) => {
  const { rig, tablet, code, heal } = await spoilt(t, 'names');
  const before = await lastPosition(rig.redis, rig.cell);
  const receipt = await tablet.send([swab(2, code), { step: 'issueTicket', body: { site: 's1', party: [{ resident: '5', number: 'A5' }] } }, swab(3, code)]);
  t.same(receipt.answers.map(({ outcome }) => outcome), ['applied', 'fault', 'applied']);
  t.match(receipt, { mark: 3, missing: 1 }, 'its number was not received');
  t.match(rig.faults, [/WRONGTYPE/]);
  t.ok((await lastPosition(rig.redis, rig.cell)) > before);
  await heal();
  rig.faults.length = 0;
  const again = await tablet.send([{ step: 'issueTicket', number: 4, body: { site: 's1', party: [{ resident: '5', number: 'A5' }] } }]);
  t.same(again.answers.map(eventsOf), [['ticket.issued']]);
  t.match(again, { mark: 5, missing: 0 });
});

t.test('a fault after the first write halts the cell, loudly, and no other', async (t) => {
  const { rig, tablet, code } = await spoilt(t, 'deadlines');
  const halted: string[] = [];
  rig.ledger.onHalted = (cell, fault) => halted.push(`${cell.round}: ${fault}`);
  const receipt = await tablet.send([{ step: 'sealTube', body: { tube: code } }, swab(2, code)]);
  t.same(receipt.answers.map((answer) => wordOf(answer)), ['fault', 'cell_halted']);
  t.match(halted, [new RegExp(`^${rig.cell.round}: .*WRONGTYPE`)]);
  t.match(await reads.cellState(rig.redis, rig.cell), { halted: /^sealTube: .*WRONGTYPE/ }, 'the record says which step and why');
  t.equal(wordOf(await rig.post.ask('openStation', { station: 'a2', site: 's1' })), 'cell_halted');
  rig.faults.length = 0;
  rig.spoil();
  t.equal(wordOf(await (await station(t)).tablet.ask('callNext', { station: 'a1' })), 'queue_empty', 'others go on');
});

t.test('a cell of another layout is left alone', async (t) => {
  const { rig, tablet } = await station(t);
  const key = keyOf(rig.cell, 'cell');
  const head = (await rig.redis.hgetBuffer(key, 'head')) as Buffer;
  const other = Buffer.from(head);
  other[0] = (head[0] as number) + 1;
  await rig.redis.hset(key, 'head', other);
  t.equal(wordOf(await tablet.ask('callNext', { station: 'a1' })), 'layout_differs');
  await rig.redis.hset(key, 'head', head);
  t.equal(wordOf(await tablet.ask('callNext', { station: 'a1' })), 'queue_empty');
});
