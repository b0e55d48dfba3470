// One step sent alone: every step has its door, every refusal its status and its sentences.
import t from 'tap';
import { refusalStatus } from '../../src/api/replies.js';
import { stepAddress } from '../../src/api/steps.js';
import { refusals, refusalWords } from '../../src/domain/refusals.js';
import { doorSteps } from '../../src/api/incoming.js';
import { type Answer, build, type ProblemReply } from './support.js';

t.test('every step of the table has a route, and no route is there for anything else', async (t) => {
  const { app } = await build(t, { round: false });
  for (const step of doorSteps) t.ok(app.hasRoute({ method: 'POST', url: stepAddress(step) }), step);
  const described = (app.printRoutes({ commonPrefix: false }).match(/steps\/\w+/g) ?? []).map((path) => path.slice(6)).sort();
  t.strictSame(described, [...doorSteps].sort(), 'those of the system are taken by the service itself');
});

t.test('every refusal has a status and its sentences in both languages', async (t) => {
  t.strictSame(Object.keys(refusalStatus).sort(), [...refusalWords].sort());
  for (const word of refusalWords) {
    t.match(refusals[word].zh, /\p{Script=Han}/u, word);
    t.match(refusals[word].nextZh, /\p{Script=Han}/u, word);
    t.ok(refusals[word].en && refusals[word].nextEn, word);
  }
});

t.test('a swab is taken, and its repeat hears the same', async (t) => {
  const door = await build(t, { stations: ['a1'], residents: 1 });
  const tube = door.tube();
  t.equal((await door.step('openTube', { tube, station: 'a1' })).statusCode, 200);
  const taken = await door.step('takeSwab', { resident: '1', tube });
  t.equal(taken.statusCode, 200);
  const { answer, ...head } = taken.json<{ answer: Answer } & Record<string, unknown>>();
  t.equal(answer.outcome, 'applied');
  t.strictSame(answer.events?.map(({ event }) => event), ['swab.taken']);
  t.match(head, { dataEpoch: String, at: Number, mark: 2, missing: 0, lost: 0, safeUpTo: 0, due: 0 });
  const again = await door.step('takeSwab', { resident: '1', tube }, { number: 2 });
  t.strictSame(again.json<{ answer: Answer }>().answer, { ...answer, again: true });
});

t.test('a refusal is a problem in both languages with what to do next, and tells the mark', async (t) => {
  const door = await build(t, { stations: ['a1'], residents: 1 });
  const reply = await door.step('takeSwab', { resident: '99', tube: door.tube() });
  t.equal(reply.statusCode, 409);
  t.match(reply.headers['content-type'], /^application\/problem\+json/);
  t.match(reply.json(), {
    type: '/api/docs#resident_unknown', title: refusals.resident_unknown.en, status: 409, word: 'resident_unknown',
    zh: refusals.resident_unknown.zh, en: refusals.resident_unknown.en, nextZh: refusals.resident_unknown.nextZh, nextEn: refusals.resident_unknown.nextEn,
    detail: { resident: '99' }, mark: 1, number: 1, dataEpoch: String,
  });
});

t.test('an address without a round is not found, in the words of the record', async (t) => {
  const door = await build(t, { round: false });
  const reply = await door.step('closeRound', {});
  t.equal(reply.statusCode, 404);
  t.equal(reply.json<ProblemReply>().word, 'cell_unknown');
  for (const area of ['a:b', '%7Bx%7D', '.hidden', 'x'.repeat(33)]) {
    const odd = await door.app.inject({ method: 'POST', url: `/api/cells/${door.cell.round}/${area}/steps/closeRound`, payload: {} });
    t.equal(odd.statusCode, 404, area);
    t.equal(odd.json<ProblemReply>().word, 'cell_unknown');
  }
});

t.test('a round opened at the door is ready for people', async (t) => {
  const door = await build(t, { round: false });
  const opened = await door.step('openRound', { name: 'Practice', rehearsal: true, clock: 1_700_000_000_000, sites: [{ site: 's1', name: 'School' }] });
  t.equal(opened.statusCode, 200, opened.body);
  t.equal((await door.step('openStation', { station: 'a1', site: 's1' })).statusCode, 200);
  t.equal((await door.step('registerWalkIn', { name: 'somebody', village: 'Upper' })).statusCode, 200);
});

t.test('a sound number is not used up by a body that is none', async (t) => {
  const door = await build(t, { residents: 1 });
  const bad = await door.step('excuseResident', { resident: '1', reason: 'because' }, { number: 1 });
  t.equal(bad.statusCode, 422);
  t.match(bad.json(), { word: 'content_invalid', detail: { faults: [{ path: 'body.reason', fault: 'choice' }] } });
  t.equal((await door.step('excuseResident', { resident: '1', reason: 'away' }, { number: 1 })).statusCode, 200);
});
