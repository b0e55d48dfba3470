// Reports: the day as a page, and files made by a job, for a reason, fetched once.

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import ExcelJS from 'exceljs';
import t, { type Test } from 'tap';
import { reportRoutes } from '../../src/api/reports.js';
import { residentIdCheck } from '../../src/domain/documents.js';
import { reportKinds } from '../../src/domain/reports.js';
import { systemCell } from '../../src/domain/requests.js';
import { reportQueue, reportWorker } from '../../src/jobs/reports/makeReports.js';
import { tableMediaTypes } from '../../src/jobs/tableFile.js';
import { createUploads } from '../../src/jobs/tables/uploads.js';
import { connect } from '../../src/ledger/redis.js';
import { lastPosition, readEvents } from '../../src/ledger/stream.js';
import { packing } from '../ledger/packing.js';
import { testRedisUrl } from '../support-redis.js';
import { guarded, type Guarded, type Headers, wordIn } from './guarded.js';
import { doorOf } from './support.js';

const documentOf = (n: number): string => {
  const body = `69000019700101${String(n).padStart(3, '0')}`;
  return body + residentIdCheck(body);
};

async function register({ door, send, tool }: Guarded, n: number, name: string, village = 'Upper', household = '7'): Promise<void> {
  const answer = await send(tool, 'POST', door.at('/steps/registerWalkIn'), {
    device: `desk${n}`, epoch: 'e1', number: 1, claimedAt: Date.now(), body: { document: { number: documentOf(n) }, name, phone: '13800001234', village, household },
  });
  if (answer.statusCode !== 200) throw new Error(answer.body);
}

/** A door with the queue of reports of its own, and somebody who works it off. */
async function desk(t: Test) {
  const rig = await guarded(t, { stations: ['3'] });
  const { door, system } = rig;
  const folder = join(t.testdir({}), 'uploads');
  const uploads = createUploads(folder, door.vault);
  const connection = connect(await testRedisUrl(), { patient: true });
  const prefix = `{test:${door.cell.round}}`;
  const queue = reportQueue(connection, uploads, prefix);
  const quiet = { info: () => undefined, error: (detail: object) => t.fail(JSON.stringify(detail)) };
  const workers: ReturnType<typeof reportWorker>[] = [];
  const done = new Map<string, () => void>();
  const ended = new Set<string>();
  t.teardown(async () => {
    for (const worker of workers) await worker.close();
    await queue.queue.obliterate({ force: true });
    await queue.close();
    connection.disconnect();
  });
  reportRoutes(door.app, { redis: door.redis, system, gate: door.app.gate as never, vault: door.vault }, {
    mediaTypes: tableMediaTypes, start: (asked) => queue.start(asked), take: (cell, job) => queue.take(cell, job),
    status: async (cell, job) => { const found = await queue.status(cell, job); return found && { ...found }; },
  });
  return {
    ...rig, folder, uploads, queue,
    work() {
      const worker = reportWorker({ connection, prefix, redis: door.redis, uploads, vault: door.vault, timeZone: 'Asia/Shanghai', log: quiet });
      worker.on('completed', ({ id = '' }) => { ended.add(id); done.get(id)?.(); });
      workers.push(worker);
    },
    made: (job: string) => (ended.has(job) ? Promise.resolve() : new Promise<void>((resolve) => done.set(job, resolve))),
    ask: (headers: Headers, body: object) => rig.send(headers, 'POST', door.at('/reports'), body),
  };
}

const idOf = (answer: { json<T>(): T }) => answer.json<{ job: string }>().job;

t.test('a report is asked for with a reason, made by a job, and fetched once by whoever asked', async (t) => {
  const { door, send, person, ask, work, made, folder } = await desk(t);
  const post = await person([{ role: 'command_post', ...door.cell }]);
  const other = await person([{ role: 'command_post', ...door.cell }]);
  t.equal(wordIn(await ask(post.headers, { kind: 'tubes' })), '422 content_invalid', 'no reason, no report');
  t.equal(wordIn(await ask(post.headers, { kind: 'everything', reason: 'report' })), '422 content_invalid');
  const asked = await ask(post.headers, { kind: 'samples_by_village', reason: 'report' });
  t.equal(asked.statusCode, 202, asked.body);
  const path = door.at(`/reports/${idOf(asked)}`);
  t.match((await send(post.headers, 'GET', path)).json(), { kind: 'samples_by_village', state: 'waiting', file: false, reason: 'report' });
  t.equal(wordIn(await send(post.headers, 'GET', `${path}/file`)), '404 nothing_there', 'nothing is there yet');
  work();
  await made(idOf(asked));
  t.match((await send(post.headers, 'GET', path)).json(), { state: 'done', file: true, outcome: { ok: true, rows: 2 }, progress: { phase: 'writing', done: 2 } });
  t.equal(wordIn(await send(other.headers, 'GET', `${path}/file`)), '404 nothing_there', 'somebody else’s report');
  const [one, two] = await Promise.all([send(post.headers, 'GET', `${path}/file`), send(post.headers, 'GET', `${path}/file`)]);
  t.same([one.statusCode, two.statusCode].sort(), [200, 404], 'of two who fetch at once one gets it');
  const file = one.statusCode === 200 ? one : two;
  t.match(file.headers, { 'content-type': /spreadsheetml/, 'content-disposition': /samples_by_village/, 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
  const book = new ExcelJS.Workbook();
  await book.xlsx.load(file.rawPayload as never);
  const sheet = book.worksheets[0];
  t.match(String(sheet?.getRow(1).getCell(1).value), new RegExp(`Samples by village.*${door.cell.round}.*${post.account}.*report`));
  t.match(String(sheet?.getRow(3).getCell(1).value), /Upper/);
  t.match((await send(post.headers, 'GET', path)).json(), { state: 'done', file: false });
  t.same(await readdir(folder), [], 'and nothing of it is left');
});

t.test('a report of people is for those who may have lists, on record before it is made, sealed on disk, and no cell is a formula', async (t) => {
  const rig = await desk(t);
  const { door, send, person, pair, ask, work, made, folder } = rig;
  await register(rig, 1, '=HYPERLINK("http://evil.example")', 'Upper', '2');
  await register(rig, 2, '李小明', 'Upper', '1');
  await register(rig, 3, '赵云', 'Lower', '1');
  const post = await person([{ role: 'command_post', ...door.cell }]);
  const before = await lastPosition(door.redis, systemCell);
  const looks = async () => (await readEvents(door.redis, systemCell, before)).filter((event) => event.event === 'personal.revealed' && event.round === door.cell.round);
  const supervisor = await person([{ role: 'supervisor', ...door.cell }]);
  const tablet = await pair('supervisor', { site: 's1' });
  for (const { headers } of [supervisor, tablet]) t.equal(wordIn(await ask(headers, { kind: 'missing', reason: 'report' })), '403 not_allowed');
  t.equal((await ask(supervisor.headers, { kind: 'gaps', reason: 'report' })).statusCode, 202, 'those without people they may have');
  t.same(await looks(), []);
  const asked = await ask(post.headers, { kind: 'missing', format: 'csv', reason: 'missing_person' });
  t.match(await looks(), [{ what: 'export', count: 3, reason: 'missing_person', by: post.account }]);
  work();
  await made(idOf(asked));
  for (const name of await readdir(folder)) t.notMatch((await readFile(join(folder, name))).toString('latin1'), Buffer.from('李小明').toString('latin1'), name);
  const file = await send(post.headers, 'GET', door.at(`/reports/${idOf(asked)}/file`));
  t.match(file.headers['content-type'], /text\/csv/);
  const lines = file.body.trim().split('\r\n');
  t.match(lines[0], new RegExp(`CONFIDENTIAL.*Missing persons.*${post.account}.*missing_person`));
  t.equal(lines.length, 5);
  t.notMatch(file.body, /(^|[,"\n])[=@+]/);
  t.match(file.body, /'=HYPERLINK/);
  t.match(file.body, /13800001234/);
  t.same(lines.slice(2).map((line) => line.split(',')[0]), ['Upper', 'Upper', 'Lower'], 'village by village');
});

t.test('every kind of report is made, and what the record says stands in it', async (t) => {
  const rig = await desk(t);
  const { door, send, person, ask, work, made } = rig;
  await register(rig, 1, '李小明');
  const post = await person([{ role: 'command_post', ...door.cell }]);
  const tube = door.tube();
  const tablet = door.device('tablet');
  await tablet.done('openTube', { tube, station: '3' });
  await tablet.done('takeSwab', { resident: '1', tube });
  await tablet.done('sealTube', { tube });
  work();
  for (const kind of reportKinds) {
    const asked = await ask(post.headers, { kind, format: 'csv', reason: 'report' });
    t.equal(asked.statusCode, 202, kind);
    await made(idOf(asked));
    const file = await send(post.headers, 'GET', door.at(`/reports/${idOf(asked)}/file`));
    t.equal(file.statusCode, 200, kind);
    if (kind === 'tubes') t.match(file.body, new RegExp(`${tube},s1,3,已封管 sealed,10,1,\\d{4}-\\d\\d-\\d\\d`));
    if (kind === 'gaps') t.match(file.body, new RegExp(`${tube},封管之后 after sealed,1,3`));
    if (kind === 'day') t.match(file.body, /已采 sampled,1,100%/);
    if (kind !== 'missing') t.notMatch(file.body, /李小明/, `${kind} holds nobody`);
  }
});

t.test('when the people of a round are gone no report of theirs is made or fetched', async (t) => {
  const { door, send, person, ask, work, made } = await desk(t);
  const post = await person([{ role: 'command_post', ...door.cell }]);
  const [early, late] = [await ask(post.headers, { kind: 'tubes', reason: 'report' }), await ask(post.headers, { kind: 'boxes', reason: 'report' })];
  await door.vault.forget(door.cell.round);
  t.equal(wordIn(await ask(post.headers, { kind: 'missing', reason: 'report' })), '410 person_gone');
  t.equal(wordIn(await send(post.headers, 'GET', door.at(`/reports/${idOf(early)}/file`))), '410 person_gone');
  work();
  await made(idOf(late));
  t.match((await send(post.headers, 'GET', door.at(`/reports/${idOf(late)}`))).json(), { state: 'done', outcome: { ok: false, problem: 'person_gone' }, file: false });
});

t.test('the day on one page', async (t) => {
  const { rig, packer, sealed, sealedBox, received, resulted, rejected } = await packing(t);
  const door = await doorOf(t, rig);
  const [negative, positive, bench, bad] = [await sealed(1, 2), await sealed(3), await sealed(4), await sealed(5)];
  await sealedBox(negative, positive, bad);
  for (const tube of [negative, positive]) await received(tube);
  await rejected(bad);
  await resulted(negative, 'negative');
  await resulted(positive, 'positive');
  const lost = await sealed(6);
  await packer.done('reportTube', { tube: lost, what: 'lost' });
  t.ok(bench);
  const day = (await door.get('/reports/day')).json<Record<string, unknown>>();
  t.match(day, {
    ...rig.cell, state: 'open', rehearsal: true, at: rig.now(), people: { sampled: 6 }, tubes: { total: 5, sealed: 5, lost: 1, rejected: 1 }, results: { negative: 1, positive: 1, none: 3 },
    boxes: { total: 1, sealed: 1, late: 0 }, recalls: { open: 3 }, gaps: 1, quarantined: 0, provisional: null, progress: { tubes: { reached: { opened: 5, released: 2 } } },
  });
  t.ok((day['firstSwabAt'] as number) > 0);
  t.equal(wordIn(await door.app.inject(`/api/cells/${rig.cell.round}/elsewhere/reports/day`)), '404 cell_unknown');
});
