// Bad input gets a clear refusal in words, never a stack trace, never a 500, and nothing is written.
import type { LightMyRequestResponse } from 'fastify';
import t, { type Test } from 'tap';
import { lastPosition } from '../../src/ledger/stream.js';
import { build, type DoorRig, type ProblemReply, tubeOf } from './support.js';

/** Answered in words of both languages, with what to do next, and without anything of the machine or of what was sent. */
function inWords(t: Test, reply: LightMyRequestResponse, status: number, word: string, never = ''): ProblemReply {
  t.equal(reply.statusCode, status, `${word}: ${reply.body.slice(0, 300)}`);
  t.match(reply.headers['content-type'], /^application\/problem\+json/, word);
  const problem = reply.json<ProblemReply>();
  t.match(problem, { type: `/api/docs#${word}`, title: String, status, word, zh: /\p{Script=Han}/u, en: /[a-z]/, nextZh: /\p{Script=Han}/u, nextEn: /[a-z]/ });
  t.notMatch(reply.body, /at .*\.(js|ts):|node_modules|Error:/);
  if (never) t.notMatch(reply.body, never);
  return problem;
}

const raw = (door: DoorRig, payload: string, headers: Record<string, string> = { 'content-type': 'application/json' }, path = '/outbox') =>
  door.app.inject({ method: 'POST', url: door.at(path), headers, payload });

t.test('what is no outbox', async (t) => {
  const door = await build(t, { residents: 1 });
  const before = await lastPosition(door.redis, door.cell);
  inWords(t, await raw(door, '{"device":"d",'), 400, 'not_json');
  inWords(t, await raw(door, ''), 400, 'no_content');
  inWords(t, await door.app.inject({ method: 'POST', url: door.at('/outbox') }), 400, 'no_content');
  inWords(t, await raw(door, 'null'), 422, 'content_invalid');
  inWords(t, await raw(door, '[]'), 422, 'content_invalid');
  inWords(t, await raw(door, '"text"'), 422, 'content_invalid');
  inWords(t, await raw(door, '{"device":"d","epoch":"e","requests":[],"__proto__":{"admin":true}}'), 400, 'not_json');
  inWords(t, await raw(door, '{"device":"d","epoch":"e","requests":[],"constructor":{"prototype":{}}}'), 400, 'not_json');
  inWords(t, await raw(door, '{"device":"d","epoch":"e","requests":[],"surprise":"secret"}'), 422, 'content_invalid', 'secret');
  inWords(t, await raw(door, 'device=d', { 'content-type': 'application/x-www-form-urlencoded' }), 415, 'content_type_wrong');
  inWords(t, await raw(door, '{}', { 'content-type': 'text/plain' }), 415, 'content_type_wrong');
  inWords(t, await raw(door, '{}', { 'content-type': 'nonsense;;;' }), 415, 'content_type_wrong');
  t.equal(await lastPosition(door.redis, door.cell), before, 'nothing was written');
});

t.test('a body of 5 MB', async (t) => {
  const door = await build(t, { round: false });
  const big = JSON.stringify({ device: 'd', epoch: 'e', requests: ['x'.repeat(5 << 20)] });
  inWords(t, await raw(door, big), 413, 'content_too_large');
  inWords(t, await raw(door, big, undefined, '/steps/enrolResidents'), 413, 'content_too_large');
  inWords(t, await raw(door, JSON.stringify({ device: 'd', epoch: 'e', requests: ['x'.repeat(300_000)] })), 413, 'content_too_large');
});

t.test('a step with what does not belong into it', async (t) => {
  const door = await build(t, { stations: ['a1'], residents: 1 });
  const before = await lastPosition(door.redis, door.cell);
  const faultsOf = async (body: unknown, envelope: Record<string, unknown> = {}): Promise<string[]> => {
    const reply = await door.step('excuseResident', body, { device: 'bad', number: 1, ...envelope });
    const problem = inWords(t, reply, 422, 'content_invalid');
    const { faults = [] } = (problem.detail ?? {}) as { faults?: { path: string; fault: string }[] };
    return faults.map(({ path, fault }) => `${path} ${fault}`);
  };
  t.strictSame(await faultsOf({ resident: '1' }), ['body.reason missing']);
  t.strictSame(await faultsOf({ resident: 1, reason: 'away' }), ['body.resident type']);
  t.strictSame(await faultsOf({ resident: '1', reason: 'away', extra: 1 }), ['body unknown_field']);
  t.strictSame(await faultsOf({ resident: '1', reason: 'away', note: 'x'.repeat(501) }), ['body.note large']);
  t.strictSame(await faultsOf(null), ['body type']);
  t.strictSame(await faultsOf({ resident: '1', reason: 'away' }, { claimedAt: 'noon' }), ['claimedAt type']);
  t.strictSame(await faultsOf({ resident: '1', reason: 'away' }, { number: 0 }), ['number small']);
  t.strictSame(await faultsOf({ resident: '1', reason: 'away' }, { mode: 'maybe' }), ['mode choice']);
  t.strictSame(await faultsOf({ resident: '1', reason: 'away' }, { by: 'two words' }), ['by form']);
  inWords(t, await raw(door, '{}', undefined, '/steps/flyAway'), 404, 'not_found');
  inWords(t, await door.app.inject({ method: 'DELETE', url: door.at('/outbox') }), 404, 'not_found');
  inWords(t, await door.app.inject('/api/cells/%E0%A4%A/north'), 400, 'malformed_request');
  inWords(t, await door.app.inject(`/api/cells/${'r'.repeat(300)}/north`), 414, 'address_too_long');
  t.equal(await lastPosition(door.redis, door.cell), before, 'nothing was written');
});

t.test('a code in the wrong place is told by its kind', async (t) => {
  const door = await build(t, { stations: ['a1'], residents: 1 });
  const tube = door.tube();
  await door.step('openTube', { tube, station: 'a1' });
  const before = await lastPosition(door.redis, door.cell);
  const kindOf = async (body: Record<string, string>, mode = 'ask') => {
    const problem = inWords(t, await door.step('takeSwab', body, { device: 'bad', number: 1, mode }), 422, 'code_mistaken');
    return `${problem.detail?.['path']}: ${problem.detail?.['kind']}`;
  };
  t.equal(await kindOf({ resident: tubeOf(7), tube }), 'body.resident: tube', 'a tube in the place of a person');
  t.equal(await kindOf({ resident: '1', tube: '6901234567892' }), 'body.tube: shopBarcode', 'a bottle of water');
  t.equal(await kindOf({ resident: '1', tube: `${tubeOf(7)}${tubeOf(8)}` }), 'body.tube: twoCodes', 'two codes in one scan');
  t.equal(await kindOf({ resident: '1', tube: '11010519491231002X' }), 'body.tube: document', 'an identity card');
  t.equal(await kindOf({ resident: '11010519491231002X', tube }), 'body.resident: document');
  t.equal(await kindOf({ resident: '1', tube: tubeOf(7).replace(/..$/, '00') }, 'report'), 'body.tube: unknown', 'one of ours, misread');
  t.equal(await kindOf({ resident: 'https://example.test/', tube }), 'body.resident: unknown');
  t.equal(await lastPosition(door.redis, door.cell), before, 'nothing was written');
});

t.test('codes as scanners and thumbs write them are put right', async (t) => {
  const door = await build(t, { stations: ['a1'], residents: 2 });
  const tube = door.tube();
  const wide = tube.replace(/\d/g, (digit) => String.fromCharCode(digit.charCodeAt(0) + 0xfee0));
  t.equal((await door.step('openTube', { tube: `${wide}\r\n`, station: 'a1' })).statusCode, 200);
  t.equal((await door.step('takeSwab', { resident: ' １ ', tube: wide })).statusCode, 200);
  t.equal((await door.step('takeSwab', { resident: '2', tube: `]C1${tube}` })).statusCode, 200);
  t.match((await door.get(`/tubes/${tube}`)).json(), { count: 2 });
});

t.test('a label that only looks like a shop barcode is no reason to refuse what has been done', async (t) => {
  const door = await build(t, { stations: ['a1'], residents: 1 });
  t.equal((await door.step('openTube', { tube: '6901234567892', station: 'a1' }, { mode: 'report' })).statusCode, 200);
  t.equal((await door.step('takeSwab', { resident: '1', tube: '6901234567892' }, { mode: 'report' })).statusCode, 200);
});

t.test('half a character is no text', async (t) => {
  const door = await build(t, { residents: 1 });
  for (const [step, body] of [
    ['enrolResidents', { residents: [{ sealed: 'AAAA', village: 'a\ud800' }] }], ['assignTeam', { team: 't1', villages: ['\udc00'] }],
    ['registerWalkIn', { village: 'Upper', name: '\ud800' }], ['registerWalkIn', { village: 'Upper', document: { number: '\ud800' } }],
    ['excuseResident', { resident: '1', reason: 'away', note: '\ud800' }],
  ] as const) {
    inWords(t, await door.step(step, body, { number: 1 }), 422, 'content_invalid');
  }
  t.equal((await door.step('assignTeam', { team: 't1', villages: ['𠮷村😀'] }, { number: 1 })).statusCode, 200, 'a rare one is whole');
});
