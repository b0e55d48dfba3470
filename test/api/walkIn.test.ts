// A walk-in comes in clear and goes no further: the record gets an index and a ciphertext.
import t from 'tap';
import type { Answer, ProblemReply } from './support.js';
import { openPerson } from '../../src/vault/people.js';
import { documentProblems } from '../../src/domain/documents.js';
import { allEvents } from '../../src/ledger/stream.js';
import { keyOf, tagOf } from '../../src/ledger/keys.js';
import { build, record } from './support.js';

/** A name of 60 characters with a middle dot, as people of the west of the country have. */
const longName = `${'买买提'.repeat(9)}·${'阿卜杜拉'.repeat(8)}`;
const number = '11010519491231002X';

const residentOf = (answer: Answer) => (answer.events?.find(({ event }) => event === 'resident.registered') as { resident: number } | undefined)?.resident;

t.test('somebody with a document is found again, whichever desk writes them down', async (t) => {
  const door = await build(t);
  t.equal(longName.length, 60);
  const person = { document: { number: ' 11010519491231００2x ' }, name: longName, phone: '13800000000', village: '北义', household: '3-1', priority: 'over80' };
  const first = await door.step('registerWalkIn', person);
  t.equal(first.statusCode, 200, first.body);
  t.equal(residentOf(first.json<{ answer: Answer }>().answer), 1);
  t.match((await door.step('registerWalkIn', person, { number: 1 })).json(), { answer: { outcome: 'applied', again: true } }, 'a repeat is a repeat');

  const second = await door.step('registerWalkIn', { document: { number, kind: 'residentId' }, village: '北义' }, { device: 'desk2' });
  t.equal(second.statusCode, 409);
  t.match(second.json(), { word: 'resident_known', detail: { resident: '1' } });
  t.match((await door.get('/residents/1')).json(), { priority: 'over80', state: 'expected' });

  const vault = await door.vault.round(door.cell.round);
  if (vault === 'erased') throw new Error('the round has just been made');
  const sealed = await door.redis.hget(keyOf(door.cell, 'vault'), '1');
  t.match(openPerson(vault, door.cell.area, sealed ?? '').person, { name: longName, document: { number }, phone: '13800000000', birthDate: '1949-12-31' });
});

t.test('nothing of a person is in clear anywhere but in the vault', async (t) => {
  const door = await build(t);
  const person = { document: { number }, name: longName, phone: '13800001234', address: '幸福路 7 号', village: '北义', household: '7' };
  const replies = [
    await door.step('registerWalkIn', person),
    await door.step('registerWalkIn', { ...person, document: { number: '110105194912310021' } }, { number: 2 }),
    await door.step('registerWalkIn', { ...person, surprise: longName }, { number: 2 }),
    await door.outbox([record(2, 'registerWalkIn', { ...person, document: { number: '110105194912310021' } }), record(3, 'registerWalkIn', { ...person, [longName]: 1 })]),
  ];
  const events = [];
  for await (const event of allEvents(door.redis, door.cell)) events.push(event);
  const keys = await door.redis.keys(`${tagOf(door.cell)}*`);
  const kept = await Promise.all(keys.map((key) => door.redis.dumpBuffer(key)));
  const everything = [JSON.stringify(events), JSON.stringify(door.logged), ...replies.map(({ body }) => body), ...kept.map((bytes) => bytes?.toString('utf8') ?? ''), ...keys];
  for (const secret of [longName, '13800001234', number, '110105194912310021', '幸福路']) {
    t.notOk(everything.some((text) => text.includes(secret)), 'a planted word was found in clear');
  }
});

t.test('two people without anything to show do not become one', async (t) => {
  const door = await build(t);
  const [one, two] = [await door.step('registerWalkIn', { village: '北义' }), await door.step('registerWalkIn', { village: '北义' })];
  t.strictSame([one, two].map((reply) => residentOf(reply.json<{ answer: Answer }>().answer)), [1, 2]);
});

t.test('a document that cannot be right is refused with its own word and sentence', async (t) => {
  const door = await build(t);
  for (const [document, word] of [
    [{ number: '110105194912310021' }, 'document_check_digit'],
    [{ number: '1.10105194912310E+17' }, 'document_spreadsheet_number'],
    [{ number: 'ABC', kind: 'hkMacauPermit' }, 'document_shape'],
    [{ number: '12345678' }, 'document_kind_needed'],
    [{ number: '110105299912310020' }, 'document_birth_future'],
  ] as const) {
    const reply = await door.step('registerWalkIn', { document, village: '北义' }, { number: 1 });
    const problem = reply.json<ProblemReply>();
    t.equal(reply.statusCode, 422);
    if (problem.word !== 'document_check_digit' || word === 'document_check_digit') t.equal(problem.word, word);
    t.equal(problem.zh, documentProblems[problem.word as keyof typeof documentProblems].zh);
    t.match(problem.nextEn, /nothing was written/);
  }
  t.match((await door.get()).json(), { residents: 0 });
});

t.test('in an outbox the same record is kept for a person to look at', async (t) => {
  const door = await build(t);
  const reply = await door.outbox([
    record(1, 'registerWalkIn', { document: { number: '110105194912310021' }, village: '北义' }, { mode: 'report' }),
    record(2, 'registerWalkIn', { name: 'somebody', village: '北义' }, { mode: 'report' }),
  ]);
  t.strictSame((reply.json<{ answers: Answer[] }>()).answers.map(({ outcome }) => outcome), ['quarantined', 'applied']);
});

t.test('where a round was forgotten nobody is registered any more', async (t) => {
  const door = await build(t);
  await door.vault.forget(door.cell.round);
  const reply = await door.step('registerWalkIn', { village: '北义' });
  t.equal(reply.statusCode, 410);
  t.equal(reply.json<ProblemReply>().word, 'person_erased');
  t.match((await door.outbox([record(1, 'registerWalkIn', { village: '北义' })])).json(), { answers: [{ outcome: 'unreadable', word: 'person_erased' }] });
});
