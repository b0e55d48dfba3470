// Importing results: the job on a real Redis, into a laboratory's real cell. Every row ends as exactly one thing, the same file twice
// changes nothing, and a killed worker is no loss.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { QueueEvents } from 'bullmq';
import type { Redis } from 'ioredis';
import t, { type Test } from 'tap';
import type { Finding } from '../../../src/domain/findings.js';
import { type ImportChoice, keptResultsErrors, keptResultsReport, resultRecord, type ResultRecord, resultsQueue, resultsWorker, type ResultsOutcome } from '../../../src/jobs/results/importResults.js';
import { openResults } from '../../../src/jobs/results/readResults.js';
import type { ResultsReport } from '../../../src/jobs/results/resultsReport.js';
import { collected, createUploads } from '../../../src/jobs/tables/uploads.js';
import { keyOf } from '../../../src/ledger/keys.js';
import { connect } from '../../../src/ledger/redis.js';
import { keyShelf } from '../../../src/ledger/shelf.js';
import { openVault } from '../../../src/vault/vault.js';
import { bench } from '../../ledger/bench.js';
import { build } from '../../support.js';
import { testRedisUrl } from '../../support-redis.js';
import { testMasterKey } from '../../vault/testKey.js';
import { csv, xlsx } from '../roster/rosters.js';
import { headings, rowOf, shanghai } from './resultFiles.js';

const sender = { device: 'labpc', by: 'lena' };
const minute = 60_000;

async function desk(t: Test) {
  const world = await bench(t);
  const { rig } = world;
  const { cell } = rig;
  const data = await mkdtemp(join(tmpdir(), 'results-'));
  const vault = await openVault({ file: await testMasterKey(), shelf: keyShelf(rig.ledger), mayCreate: false });
  await vault.prepare(cell.round);
  const uploads = createUploads(join(data, 'uploads'), vault);
  // Queues of tests that run at the same time must not take each other's jobs.
  const prefix = `{test:${cell.round}}`;
  const connection = connect(await testRedisUrl(), { patient: true }) as Redis;
  const queue = resultsQueue(connection, prefix);
  const events = new QueueEvents('results', { connection, prefix });
  await events.waitUntilReady();
  events.setMaxListeners(100);
  const workers: ReturnType<typeof resultsWorker>[] = [];
  t.teardown(async () => {
    for (const worker of workers) await worker.close();
    await events.close();
    await queue.close();
    connection.disconnect();
    await rm(data, { recursive: true });
  });
  const upload = async (file: Buffer): Promise<string> => {
    const saved = await uploads.save(cell, (async function* () { yield file; })(), 'results');
    if (!saved.ok) throw new Error(saved.problem);
    return saved.upload;
  };
  const ended = async (jobId: string): Promise<ResultsOutcome> => {
    for (;;) {
      const heard = Promise.race([once(events, 'completed'), once(events, 'failed')]);
      const { state, outcome } = await queue.status(jobId);
      if (outcome) return outcome;
      if (state === 'failed' || state === 'unknown') throw new Error(`the job is ${state}`);
      await heard;
    }
  };
  const work = (record: ResultRecord = resultRecord(rig.ledger)): void => {
    workers.push(resultsWorker({ connection, prefix, uploads, record, timeZone: 'Asia/Shanghai', lockMs: 1500, log: { info: () => undefined, error: () => undefined } }));
  };
  const run = async (task: 'check' | 'import', file: Buffer, choice: ImportChoice = {}) => {
    const name = await upload(file);
    const outcome = await ended(await queue[task](cell, name, sender, choice));
    const report = await keptResultsReport(uploads, cell, name);
    return { name, outcome, report: report as ResultsReport };
  };
  /** Everything on the record of results, for comparing. */
  const results = async (): Promise<Record<string, Buffer>> => rig.redis.hgetallBuffer(keyOf(cell, 'results'));
  return { ...world, cell, data, prefix, vault, uploads, queue, upload, ended, work, run, allResults: results };
}

const file = (findings: readonly Finding[]): Buffer => csv([headings, ...findings.map((one) => rowOf(one))]);
const nothing = { accepted: 0, held: 0, parked: 0, known: 0, refused: 0, faulty: 0 };

/** A file with one row for everything that can become of a row, and what does. */
async function everything({ rig, scanner, received, finding, expect }: Awaited<ReturnType<typeof desk>>) {
  const { tubes } = await received(8);
  const [plain = '', positive = '', before = '', both = '', twice = '', future = '', swapped = '', known = ''] = tubes;
  const spoilt = rig.tube();
  await scanner.done('rejectTube', { tube: spoilt, reason: 'RB' });
  const { tubes: [onItsWay = ''] } = await expect(1);
  await scanner.done('recordResult', finding(known));
  const rows: [string[], string][] = [
    [rowOf(finding(plain)), 'accepted'],
    [rowOf(finding(positive, 'positive')), 'held second_person'],
    [rowOf({ ...finding(before), testedAt: rig.now() - 90 * minute }), 'held before_sampling'],
    [rowOf(finding(both, 'negative', 'R1')), 'held conflict'],
    [rowOf(finding(both, 'positive', 'R2')), 'held second_person'],
    [rowOf(finding(onItsWay)), 'parked not_received'],
    [rowOf(finding(known)), 'known'],
    [rowOf(finding(spoilt)), 'refused tube_rejected'],
    [rowOf({ ...finding(future), testedAt: Date.UTC(2029, 0, 1) }), 'refused time_in_future'],
    [rowOf({ ...finding(twice), accession: 'A9' }), 'refused accession_differs'],
    [[finding(swapped).tube.replace('0', 'O'), ...rowOf(finding(swapped)).slice(1)], 'faulty tube_letters'],
    [['阴性', ...rowOf(finding(swapped)).slice(0, 1), ...rowOf(finding(swapped)).slice(2)], 'faulty columns_swapped'],
  ];
  const counts: Record<string, number> = { in: rows.length, sum: rows.length, ...nothing };
  for (const [, what] of rows) counts[what.split(' ')[0] as string] = (counts[what.split(' ')[0] as string] ?? 0) + 1;
  return { rows, counts, tubes: { plain, positive, both, onItsWay, known } };
}

/** What the report says of each row, in the words of `everything`. */
function saidBy(report: ResultsReport, count: number): string[] {
  const said = new Map<number, string>();
  for (const { row, problem } of report.problems) said.set(row, `faulty ${problem}`);
  for (const { row, word } of report.refused) said.set(row, `refused ${word}`);
  for (const { row, state, why } of report.waits) said.set(row, `${state} ${why}`);
  for (const row of report.known) said.set(row, 'known');
  return Array.from({ length: count }, (_, i) => said.get(i + 2) ?? 'accepted');
}

t.test('every row of a file ends as one thing, named with its reason, and the sum is that of the rows', async (t) => {
  const world = await desk(t);
  const { work, run, intake, uploads, cell, waiting } = world;
  work();
  const { rows, counts, tubes } = await everything(world);
  const table = [headings, ...rows.map(([row]) => row)];
  const { outcome, report, name } = await run('import', await xlsx(table), { count: rows.length });
  t.match(outcome, { ok: true, task: 'import', rows: { ...counts, equal: true }, nothingNew: false, notes: [] });
  t.same(saidBy(report, rows.length), rows.map(([, what]) => what));
  const words = rows.map(([, what]) => what.split(' ')[1]).filter((word) => word !== undefined);
  for (const word of words) t.match(report.sentences[word], { zh: /.+/, en: /.+/ }, word);
  t.match(report.problems.find(({ problem }) => problem === 'tube_letters'), { row: 12, column: 'A', suggestion: /^\d{12}$/ });
  t.match(await intake(tubes.plain), { state: 'resulted', result: 'negative' });
  for (const tube of [tubes.positive, tubes.both]) t.match(await intake(tube), { state: 'received' }, 'nothing of a contradiction has left');
  t.equal((await waiting()).results.length, 5);

  for (const format of ['csv', 'xlsx'] as const) {
    const bytes = await keptResultsErrors(uploads, cell, name, format);
    if (typeof bytes === 'string') throw new Error(bytes);
    const again = await openResults(await collected(bytes as AsyncIterable<Buffer>), {}, 'Asia/Shanghai');
    if (!again.ok) throw new Error(again.problem);
    const back: string[] = [];
    for await (const { source } of again.rows()) back.push(['text' in (source.cells.get(6) ?? {}) ? (source.cells.get(6) as { text: string }).text : '', (source.cells.get(7) as { text: string }).text].join(' '));
    t.same(back.map((line) => line.split(' ')[0]), ['9', '10', '11', '12', '13'], 'exactly the rows that were not taken, with their numbers');
    t.match(back[1], /检测时间在未来.*The time of the test is in the future/, 'and the reason in a column of its own');
    t.match(back[3], /Is it \d{12}\?/, 'with what was perhaps meant');
  }
});

t.test('a dry run says what an import would do, and writes nothing', async (t) => {
  const world = await desk(t);
  const { work, run, allResults } = world;
  work();
  const { rows, counts } = await everything(world);
  const [before, table] = [await allResults(), csv([headings, ...rows.map(([row]) => row)])];
  const { outcome, report } = await run('check', table);
  t.match(outcome, { ok: true, task: 'check', rows: { ...counts, equal: true } });
  // Beside each other, both of a contradiction are seen as one; the record holds the first for its second person.
  const foreseen = saidBy(report, rows.length).map((what) => what.replace('held conflict', 'held'));
  t.same(foreseen, rows.map(([, what], i) => (i === 3 || i === 4 ? 'held' : what)));
  t.same(await allResults(), before);
});

t.test('the same file again, in another form too, is known to the last row and changes nothing', async (t) => {
  const { work, run, received, finding, allResults, expect } = await desk(t);
  work();
  const findings = [...(await received(60)).tubes, ...(await expect(5)).tubes].map((tube) => finding(tube));
  t.match((await run('import', file(findings))).outcome, { rows: { in: 65, accepted: 60, parked: 5, equal: true } });
  const before = await allResults();
  t.match((await run('import', file(findings))).outcome, { ok: true, nothingNew: true, rows: { ...nothing, in: 65, known: 65, equal: true } });
  t.match((await run('import', await xlsx([headings, ...findings.map((one) => rowOf(one))]))).outcome, { nothingNew: true, rows: { known: 65 } });
  t.match((await run('check', file(findings))).outcome, { rows: { known: 65 } });
  const changed = findings.map((one, i) => (i === 7 ? { ...one, result: 'positive' as const } : one));
  t.match((await run('import', file(changed))).report, { refused: [{ row: 9, word: 'result_differs' }] }, 'another result under the same run is not taken for the same');
  t.same(await allResults(), before);
});

t.test('a result whose tube is not here waits for it, and goes its way when it comes', async (t) => {
  const { work, run, expect, finding, scanner, intake, accessionOf } = await desk(t);
  work();
  const { tubes: [tube = ''], box } = await expect(1);
  t.match((await run('import', file([finding(tube)]))).report, { waits: [{ row: 2, state: 'parked', why: 'not_received' }] });
  await scanner.done('receiveBox', { box });
  await scanner.done('receiveTube', { tube, box, accession: accessionOf(tube) });
  t.match(await intake(tube), { state: 'resulted', result: 'negative' });
});

t.test('two people who have looked at the whole file let its positives leave; a contradiction waits all the same', async (t) => {
  const { work, run, received, finding, results } = await desk(t);
  work();
  const { tubes: [positive = '', both = ''] } = await received(2);
  const findings = [finding(both), finding(both, 'invalid', 'R2'), finding(positive, 'positive')];
  const { outcome, report } = await run('import', file(findings), { secondBy: 'mo' });
  t.match(outcome, { rows: { in: 3, accepted: 2, held: 1, equal: true } });
  t.match(report.waits, [{ row: 2, why: 'conflict' }], 'the negative has not left before the invalid was seen');
  t.match(await results(positive), [{ state: 'released', by: 'lena', secondBy: 'mo' }]);
});

t.test('a code of another maker with O for 0 is parked, and the tube on the bench is named beside it', async (t) => {
  const { work, run, scanner, finding, intake } = await desk(t);
  work();
  await scanner.done('receiveTube', { tube: 'KX40500817' });
  const { report } = await run('import', file([{ ...finding('KX4O500817'), accession: 'A1' }]));
  t.match(report, { rows: { parked: 1 }, lookAlikes: [{ row: 2, tube: 'KX40500817' }], notes: [{ note: 'look_alikes' }] });
  t.match(await intake('KX40500817'), { state: 'received', results: [] }, 'nothing was taken for it');
});

t.test('a worker killed in the middle is followed by another, and every result is there once', async (t) => {
  const { data, prefix, queue, upload, ended, work, received, expect, finding, cell, allResults, uploads } = await desk(t);
  const findings = [...(await received(150)).tubes, ...(await expect(90)).tubes].map((tube, i) => finding(tube, i % 50 === 49 ? 'positive' : 'negative'));
  const name = await upload(file(findings));
  const jobId = await queue.import(cell, name, sender);
  const child = spawn(process.execPath, [fileURLToPath(new URL('./killedWorker.js', import.meta.url)), await testRedisUrl(), data, prefix, await testMasterKey()], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.teardown(() => child.kill('SIGKILL'));
  // It says when its third call is on the record, before the job has noted it: the worst moment to die.
  await once(child.stdout as NodeJS.ReadableStream, 'data');
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
  const between = Object.keys(await allResults()).filter((field) => field.includes('/')).length;
  t.ok(between > 0 && between < 240, `${between} were on the record when it died`);
  work();
  const rows = { in: 240, accepted: 147, held: 3, parked: 90, known: 0, refused: 0, faulty: 0, sum: 240, equal: true };
  t.match(await ended(jobId), { ok: true, rows }, 'counted as if nobody had died');
  t.equal(Object.keys(await allResults()).filter((field) => field.includes('/')).length, 240);
  t.match(await keptResultsReport(uploads, cell, name), { rows });
  t.match((await queue.status(jobId)).progress, { phase: 'recording', done: 240, of: 240 });
});

t.test('a job that ends while somebody asks is never done without its outcome', async (t) => {
  const { queue, cell, upload, ended, work, rig, finding } = await desk(t);
  const jobId = await queue.check(cell, await upload(file([finding(rig.tube())])), sender);
  const look = queue.queue.getJob.bind(queue.queue);
  queue.queue.getJob = async (id: string) => {
    const job = await look(id);
    queue.queue.getJob = look;
    work();
    await ended(id);
    return job;
  };
  t.match(await queue.status(jobId), { state: 'waiting', outcome: null });
  t.match(await queue.status(jobId), { state: 'done', outcome: { ok: true } });
});

t.test('an answer that was lost is heard again, and counted once', async (t) => {
  const { rig, work, run, received, finding } = await desk(t);
  const record = resultRecord(rig.ledger);
  let sent = 0;
  work({
    ...record,
    async take(cell, parcel) {
      const receipt = await record.take(cell, parcel);
      if (++sent === 2) throw new Error('the answer was lost');
      return receipt;
    },
  });
  const { tubes } = await received(120);
  t.match((await run('import', file(tubes.map((tube) => finding(tube))))).outcome, { rows: { in: 120, accepted: 120, known: 0, equal: true } });
});

t.test('an area\'s cell, a closed laboratory and an erased round refuse the file in words', async (t) => {
  const { rig, cell, work, run, upload, ended, queue, vault, finding } = await desk(t);
  work();
  const name = await upload(file([finding(rig.tube())]));
  t.match(await ended(await queue.import((await build(t)).cell, await upload(file([])), sender)), { ok: false, problem: 'wrong_cell', zh: /.+/ });
  t.match(await ended(await queue.import({ ...cell, area: 'nowhere' }, await upload(file([])), sender)), { ok: false, problem: 'cell_unknown', zh: /.+/ });
  await rig.post.done('closeRound', {});
  const closed = await run('import', file([finding(rig.tube()), finding(rig.tube())]));
  t.match(closed.outcome, { ok: false, problem: 'round_closed', rows: { in: 2, refused: 2, equal: true } });
  t.match((await run('check', file([finding(rig.tube())]))).outcome, { ok: false, problem: 'round_closed' });
  await vault.forget(cell.round);
  t.match(await ended(await queue.import(cell, name, sender)), { ok: false, problem: 'file_erased' });
});

t.test('a township\'s day of results in one file, with a page of dates in 2029 among it', async (t) => {
  const { rig, work, run, received, finding } = await desk(t);
  work();
  const tubes: string[] = [];
  for (let i = 0; i < 4; i++) tubes.push(...(await received(250)).tubes);
  const rows = tubes.map((tube, i) => [...rowOf(finding(tube)).slice(0, 4), i % 100 === 50 ? '2029-01-01 08:00:00' : shanghai(rig.now()), '']);
  const { outcome, report } = await run('import', await xlsx([headings, ...rows]));
  t.match(outcome, { rows: { in: 1000, accepted: 990, refused: 10, equal: true } });
  t.same(report.refused.map(({ row }) => row), Array.from({ length: 10 }, (_, i) => i * 100 + 52));
});
