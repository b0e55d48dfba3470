// Results through the door: from an instrument, 500 at a time, and as a file with its jobs. Who may, what bad input hears, and that the
// same list may be sent as often as the line breaks.

import t, { type Test } from 'tap';
import { resultFileRoutes, type ResultsDesk } from '../../src/api/resultFiles.js';
import type { Finding } from '../../src/domain/findings.js';
import { benchOf, laboratoryRound } from '../ledger/bench.js';
import { guarded, type Headers, wordIn } from './guarded.js';
import { build } from './support.js';

type Answers = { counts: Record<string, unknown>; answers: { outcome: string; word?: string; why?: string; state?: string; suggestion?: string; with?: number[]; zh?: string }[] };

/** A laboratory's cell behind an open door. */
async function laboratory(t: Test) {
  const door = await build(t, { round: laboratoryRound });
  const world = benchOf(t, door);
  const batch = (results: unknown, more: Record<string, unknown> = {}) => door.app.inject({ method: 'POST', url: door.at('/results/batch'), payload: { by: 'lena', results, ...more } as object });
  const answered = async (results: unknown[], more: Record<string, unknown> = {}): Promise<Answers> => {
    const reply = await batch(results, more);
    if (reply.statusCode !== 200) throw new Error(`${reply.statusCode} ${reply.body}`);
    return reply.json<Answers>();
  };
  return { ...world, door, batch, answered };
}

const outcomes = ({ answers }: Answers): string[] => answers.map(({ outcome, word, why }) => [outcome, word ?? why].filter(Boolean).join(' '));

t.test('each result of a list has its own answer, in its place, and one that is faulty spoils no other', async (t) => {
  const { rig, scanner, received, expect, finding, answered, intake } = await laboratory(t);
  const { tubes: [plain = '', positive = '', both = '', signed = ''] } = await received(4);
  const { tubes: [onItsWay = ''] } = await expect(1);
  const spoilt = rig.tube();
  await scanner.done('rejectTube', { tube: spoilt, reason: 'RB' });
  const mistyped = finding(rig.tube());
  const list = [
    finding(plain), finding(positive, 'positive'), finding(onItsWay), finding(spoilt), { ...finding(plain, 'negative', 'R2'), testedAt: Date.UTC(2029, 0, 1) },
    { ...mistyped, tube: mistyped.tube.replace('0', 'O') }, { ...finding(plain), result: 'maybe' }, 'what?', { ...finding(both) }, { ...finding(both), result: 'positive' },
    { ...finding(signed, 'positive'), secondBy: 'mo' },
  ];
  const said = await answered(list);
  t.same(outcomes(said), [
    'accepted', 'held second_person', 'parked not_received', 'refused tube_rejected', 'refused time_in_future', 'faulty tube_letters', 'faulty content_invalid', 'faulty content_invalid',
    'faulty results_differ', 'faulty results_differ', 'accepted',
  ]);
  t.same(said.counts, { in: 11, accepted: 2, held: 1, parked: 1, known: 0, refused: 2, faulty: 5, sum: 11, equal: true });
  t.same([said.answers[5]?.suggestion, said.answers[8]?.with], [mistyped.tube, [9]]);
  for (const { outcome, zh } of said.answers) if (outcome === 'refused' || outcome === 'faulty') t.match(zh, /\p{Script=Han}/u);
  t.match(await intake(plain), { state: 'resulted' });
  t.match(await intake(both), { state: 'received', results: [] }, 'nothing of what contradicts itself');
});

t.test('the same list sent again is known and says where each stands; two senders at once are no matter', async (t) => {
  const { received, expect, finding, answered, results } = await laboratory(t);
  const list = [...(await received(60)).tubes.map((tube, i) => finding(tube, i === 5 ? 'positive' : 'negative')), ...(await expect(2)).tubes.map((tube) => finding(tube))];
  const [first, second] = await Promise.all([answered(list), answered(list)]);
  t.same([first.counts['known'], second.counts['known']].sort(), [0, 62]);
  const third = await answered(list);
  t.match(third.counts, { in: 62, known: 62, equal: true });
  t.match([third.answers[0], third.answers[5], third.answers[61]], [{ state: 'released' }, { state: 'held', why: 'second_person' }, { state: 'parked', why: 'not_received' }]);
  t.match(await results((list[5] as Finding).tube), [{ by: 'lena' }]);
});

t.test('500 results are one list, 501 are two; an envelope that is not right writes nothing', async (t) => {
  const { rig, finding, batch, answered, waiting } = await laboratory(t);
  const list = Array.from({ length: 501 }, () => finding(rig.tube()));
  t.equal(wordIn(await batch(list)), '413 results_too_many');
  for (const [payload, what] of [[[], 'none'], ['results', 'text'], [undefined, 'nothing']] as const) t.equal(wordIn(await batch(payload)), '422 content_invalid', what);
  t.equal(wordIn(await batch([finding(rig.tube())], { by: 'two words' })), '422 content_invalid');
  t.equal(wordIn(await batch([finding(rig.tube())], { and: 'more' })), '422 content_invalid');
  t.same((await waiting()).results, []);
  t.match((await answered(list.slice(0, 500))).counts, { in: 500, parked: 500, equal: true });
});

t.test('a cell that is no laboratory\'s, one that is not there and a closed one answer for all of it', async (t) => {
  const { door, finding, batch, rig } = await laboratory(t);
  const township = await build(t);
  const results = [finding(rig.tube())];
  const send = (url: string) => township.app.inject({ method: 'POST', url, payload: { results } });
  t.equal(wordIn(await send(township.at('/results/batch'))), '404 wrong_cell');
  t.equal(wordIn(await send('/api/cells/nowhere/north/results/batch')), '404 cell_unknown');
  await door.post.done('closeRound', {});
  t.equal(wordIn(await batch(results)), '409 round_closed');
});

/** A desk that keeps in memory what is sent to it: the door's own part is what is looked at. */
function deskInMemory() {
  const uploads: { cell: string; bytes: number }[] = [];
  const started: object[] = [];
  const name = (n: number) => `u${String(n).padStart(12, '0')}`;
  const desk: ResultsDesk = {
    mediaTypes: { xlsx: 'application/x', csv: 'text/csv' },
    async save(cell, source) {
      let bytes = 0;
      for await (const piece of source) bytes += piece.byteLength;
      if (bytes === 0) return { ok: false, problem: 'file_empty', zh: '文件是空的。', en: 'The file is empty.' };
      uploads.push({ cell: `${cell.round}:${cell.area}`, bytes });
      return { ok: true, upload: name(uploads.length), bytes };
    },
    async start(task, cell, upload, sender, choice) {
      if (uploads[Number(upload.slice(1)) - 1]?.cell !== `${cell.round}:${cell.area}`) return 'gone';
      started.push({ task, sender, choice });
      return `${task}-${upload}`;
    },
    status: async (_cell, job) => ({ state: job.includes('check') ? 'done' : 'unknown', progress: null, outcome: null }),
    report: async (_cell, upload) => (upload === name(1) ? { rows: { in: 1 } } : upload === name(2) ? 'erased' : 'gone'),
    errors: async (_cell, upload, format) => (upload === name(1) ? (async function* () { yield Buffer.from(format); })() : 'gone'),
  };
  return { desk, started, name };
}

/** A form with a file and fields. */
function form(fields: Record<string, string>, file?: string): { payload: Buffer; headers: Record<string, string> } {
  const parts = Object.entries(fields).map(([name, value]) => `--b\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`);
  if (file !== undefined) parts.push(`--b\r\ncontent-disposition: form-data; name="file"; filename="r.csv"\r\ncontent-type: text/csv\r\n\r\n${file}\r\n`);
  return { payload: Buffer.from(`${parts.join('')}--b--\r\n`), headers: { 'content-type': 'multipart/form-data; boundary=b' } };
}

async function filesAtDoor(t: Test) {
  const { desk, started, name } = deskInMemory();
  const rig = await guarded(t, { round: laboratoryRound });
  const { door } = rig;
  await resultFileRoutes(door.app, { surroundings: door.app.gate?.surroundings }, desk);
  const post = (headers: Headers, fields: Record<string, string>, file?: string, query = '') => {
    const sent = form(fields, file);
    return door.app.inject({ method: 'POST', url: door.at(`/results${query}`), payload: sent.payload, headers: { ...headers, ...sent.headers } });
  };
  return { ...rig, started, name, post };
}

t.test('a file is taken in, looked at and imported by those of the laboratory, and by nobody else', async (t) => {
  const { door, pair, person, send, post, started, name } = await filesAtDoor(t);
  const scanner = await pair('lab');
  const reviewer = await person([{ role: 'lab_reviewer', ...door.cell }]);
  t.match((await post(scanner.headers, { by: 'lena', mapping: '{"columns":{"tube":"A"}}', testedAt: '1700000000000', count: '94' }, 'x')).json(), { upload: name(1), bytes: 1, job: `check-${name(1)}` });
  t.equal((await post(reviewer.headers, { by: 'lena' }, 'x', '?task=import')).statusCode, 202);
  t.match(started, [
    { task: 'check', sender: { device: scanner.device, by: 'lena' }, choice: { mapping: { columns: { tube: 'A' } }, testedAt: 1_700_000_000_000, count: 94 } },
    { task: 'import', sender: { device: `person.${reviewer.account}`, by: reviewer.account } },
  ], 'whoever is signed in answers for it, whatever was sent');
  t.equal((await send(scanner.headers, 'POST', door.at(`/results/${name(1)}/import`), { run: 'R1' })).statusCode, 202);
  t.equal(wordIn(await send(reviewer.headers, 'POST', door.at(`/results/${name(1)}/import`), { secondBy: 'mo' })), '403 second_person_needed', 'a second person has to have confirmed');

  const others = [await pair('courier'), await pair('station', { site: 's1', station: '1' }), await person([{ role: 'command_post', ...door.cell }]), await person([{ role: 'administrator' }])];
  const outside = await pair('lab', { area: 'elsewhere' });
  const paths = [['POST', `/${name(1)}/check`], ['POST', `/${name(1)}/import`], ['GET', `/check-${name(1)}`], ['GET', `/${name(1)}/report`], ['GET', `/${name(1)}/errors.csv`], ['GET', `/${name(1)}/errors.xlsx`]] as const;
  for (const [method, path] of paths) {
    const url = door.at(`/results${path}`);
    const payload = method === 'POST' ? {} : undefined;
    t.ok([200, 202].includes((await send(scanner.headers, method, url, payload)).statusCode), `${method} ${path}`);
    for (const { headers } of others) t.equal((await send(headers, method, url, payload)).statusCode, 403, `${method} ${path}`);
    t.equal((await send(outside.headers, method, url, payload)).statusCode, 404, `${method} ${path} from another laboratory`);
    t.equal((await send({}, method, url, payload)).statusCode, 401);
  }
  for (const { headers } of others) t.equal((await post(headers, {}, 'x')).statusCode, 403);
});

t.test('bad input at the door of files is a sentence, and starts no job', async (t) => {
  const { door, pair, send, post, started, name } = await filesAtDoor(t);
  const { headers } = await pair('lab');
  const none = 'u00000000000f';
  t.equal(wordIn(await post(headers, {})), '400 no_content');
  t.equal(wordIn(await post(headers, {}, '')), '422 file_empty');
  t.equal(wordIn(await post(headers, {}, 'x', '?task=guess')), '422 content_invalid');
  for (const fields of [{ mapping: 'A,B' }, { testedAt: 'yesterday' }, { count: '-1' }, { run: 'a run' }, { who: 'me' }] as Record<string, string>[]) t.equal(wordIn(await post(headers, fields, 'x')), '422 content_invalid', JSON.stringify(fields));
  t.equal(wordIn(await send(headers, 'POST', door.at('/results'), { results: [] })), '415 content_type_wrong');
  t.same(started, []);
  for (const path of [`/${none}/report`, `/${none}/errors.csv`, '/import-nothing', '/..%2f', `/${name(9)}/report`]) t.equal((await send(headers, 'GET', door.at(`/results${path}`))).statusCode, 404, path);
  t.equal(wordIn(await send(headers, 'POST', door.at(`/results/${none}/import`), {})), '404 nothing_there');
  t.equal(wordIn(await send(headers, 'GET', door.at(`/results/${name(2)}/report`))), '410 person_erased');
});

t.test('an instrument speaks under its own name; a round that knows its staff wants a card', async (t) => {
  const rig = await guarded(t, { round: { ...laboratoryRound, rules: { knownStaff: true } } });
  const { door, pair, person, send } = rig;
  const world = benchOf(t, door);
  const instrument = await pair('lab');
  const results = [world.finding(door.tube())];
  const url = door.at('/results/batch');
  t.equal(wordIn(await send(instrument.headers, 'POST', url, { results })), '403 staff_unknown');
  const { account, headers } = await person([{ role: 'lab', ...door.cell }]);
  t.match((await send(instrument.headers, 'POST', url, { by: account, results })).json<Answers>().counts, { parked: 1 });
  t.match((await world.waiting()).results, [{ by: account }]);
  t.match((await send(headers, 'POST', url, { results })).json<Answers>().counts, { known: 1 });
  t.same(outcomes((await send(headers, 'POST', url, { results: [{ ...world.finding(door.tube()), secondBy: 'mo' }, world.finding(door.tube())] })).json<Answers>()), ['refused second_person_needed', 'parked not_received']);
});

t.test('the routes stand in the description', async (t) => {
  const { desk } = deskInMemory();
  const door = await build(t, { round: laboratoryRound });
  await resultFileRoutes(door.app, {}, desk);
  const { paths } = (await door.app.inject('/api/openapi.json')).json<{ paths: Record<string, Record<string, { operationId: string; requestBody?: { content: object } }>> }>();
  const at = '/api/cells/{round}/{area}/results';
  t.match(paths[`${at}/batch`]?.['post'], { operationId: 'recordResults', requestBody: { content: { 'application/json': {} } } });
  t.match(paths[at]?.['post'], { operationId: 'sendResults', requestBody: { content: { 'multipart/form-data': {} } } });
  for (const path of ['/{job}', '/{upload}/report', '/{upload}/errors.csv', '/{upload}/errors.xlsx']) t.ok(paths[`${at}${path}`]?.['get'], path);
});
