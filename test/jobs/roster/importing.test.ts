// Importing: the job on a real Redis, into the real record. The same list twice changes nothing, a killed worker is no loss, and nothing
// lies about in clear.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { QueueEvents } from 'bullmq';
import type { Redis } from 'ioredis';
import t, { type Test } from 'tap';
import { rosterRecord, type RosterRecord } from '../../../src/jobs/roster/enrolStep.js';
import { keptReport, rosterQueue, rosterWorker, type RosterOutcome, type RosterQueue } from '../../../src/jobs/roster/importRoster.js';
import { collected, createUploads, type Uploads } from '../../../src/jobs/tables/uploads.js';
import type { CellName } from '../../../src/domain/requests.js';
import { keyOf } from '../../../src/ledger/keys.js';
import { residents } from '../../../src/ledger/reads.js';
import { connect } from '../../../src/ledger/redis.js';
import { keyShelf } from '../../../src/ledger/shelf.js';
import { openPerson } from '../../../src/vault/people.js';
import { openVault, type Vault } from '../../../src/vault/vault.js';
import { testRedisUrl } from '../../support-redis.js';
import { build, type Rig } from '../../support.js';
import { testMasterKey } from '../../vault/testKey.js';
import { csv, headings, madeUpRow, xlsx, type Value } from './rosters.js';

interface Desk {
  rig: Rig;
  cell: CellName;
  data: string;
  prefix: string;
  vault: Vault;
  uploads: Uploads;
  queue: RosterQueue;
  upload(file: Buffer): Promise<string>;
  /** Waits for a job's end. */
  ended(jobId: string): Promise<RosterOutcome>;
  /** A worker in this process, on the real record or one with something in its way. */
  work(record?: RosterRecord): void;
  imported(file: Buffer): Promise<Extract<RosterOutcome, { ok: true; task: 'import' }>>;
}

async function desk(t: Test): Promise<Desk> {
  const rig = await build(t);
  const { cell } = rig;
  const data = await mkdtemp(join(tmpdir(), 'roster-'));
  const shelf = keyShelf(rig.ledger);
  const vault = await openVault({ file: await testMasterKey(), shelf, mayCreate: false });
  await vault.prepare(cell.round);
  const uploads = createUploads(join(data, 'uploads'), vault);
  // Queues of tests that run at the same time must not take each other's jobs.
  const prefix = `{test:${cell.round}}`;
  const connection = connect(await testRedisUrl(), { patient: true }) as Redis;
  const queue = rosterQueue(connection, prefix);
  const events = new QueueEvents('roster', { connection, prefix });
  await events.waitUntilReady();
  const workers: ReturnType<typeof rosterWorker>[] = [];
  t.teardown(async () => {
    for (const worker of workers) await worker.close();
    await events.close();
    await queue.close();
    connection.disconnect();
    await rm(data, { recursive: true });
  });
  const made: Desk = {
    rig,
    cell,
    data,
    prefix,
    vault,
    uploads,
    queue,
    async upload(file) {
      const saved = await uploads.save(cell, inParts(file));
      if (!saved.ok) throw new Error(saved.problem);
      return saved.upload;
    },
    async ended(jobId) {
      for (;;) {
        const heard = Promise.race([once(events, 'completed'), once(events, 'failed')]);
        const { state, outcome } = await queue.status(jobId);
        if (outcome) return outcome;
        if (state === 'failed' || state === 'unknown') throw new Error(`the job is ${state}`);
        await heard;
      }
    },
    work(record = rosterRecord(rig.ledger)) {
      workers.push(
        rosterWorker({ connection, prefix, uploads, vault, record, lockMs: 1500, log: { info: () => undefined, error: () => undefined } }),
      );
    },
    async imported(file) {
      const outcome = await made.ended(await queue.import(cell, await made.upload(file)));
      if (!outcome.ok || outcome.task !== 'import') throw new Error(JSON.stringify(outcome));
      return outcome;
    },
  };
  return made;
}

async function* inParts(file: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < file.length; at += 50_000) yield file.subarray(at, at + 50_000);
}

/** Everything a key holds, as text. */
async function contents(redis: Redis, key: string): Promise<string> {
  const reads: Record<string, [string, ...string[]]> = {
    string: ['GET', key],
    hash: ['HGETALL', key],
    list: ['LRANGE', key, '0', '-1'],
    set: ['SMEMBERS', key],
    zset: ['ZRANGE', key, '0', '-1'],
    stream: ['XRANGE', key, '-', '+'],
  };
  const [command, ...ends] = reads[await redis.type(key)] as [string, ...string[]];
  return JSON.stringify(await redis.call(command, ...ends));
}

const list = (n: number, from = 0): string[][] => [headings, ...Array.from({ length: n }, (_, i) => madeUpRow(from + i))];

t.test('a dry run writes nothing to the record and leaves its report and the file of errors', async (t) => {
  const { cell, rig, queue, upload, ended, work, uploads } = await desk(t);
  work();
  const rows = list(500);
  (rows[7] as string[])[1] = '1.2E+17';
  const name = await upload(csv(rows));
  const outcome = await ended(await queue.check(cell, name));
  t.match(outcome, {
    ok: true,
    task: 'check',
    rows: { in: 500, good: 499, bad: 1 },
    duplicates: 0,
    counts: { problems: { document_spreadsheet_number: 1 } },
  });
  t.same(await residents(rig.redis, cell), []);
  t.match(await keptReport(uploads, cell, name), { problems: [{ row: 8, problem: 'document_spreadsheet_number', column: 'B' }] });
  for (const part of ['errors.csv', 'errors.xlsx'] as const) {
    const file = await uploads.open(cell, name, part);
    if (typeof file === 'string') throw new Error(file);
    t.ok((await collected(file)).length > 100, part);
  }
});

t.test('an import puts the good rows on the roster and leaves the bad ones out, all of them counted', async (t) => {
  const { cell, rig, imported, work, vault } = await desk(t);
  work();
  const rows = list(450);
  (rows[3] as string[])[0] = '';
  (rows[5] as string[])[5] = '孕妇';
  (rows[6] as string[])[5] = '居家隔离';
  const outcome = await imported(await xlsx(rows as Value[][]));
  t.match(outcome, { rows: { in: 450, good: 449, bad: 1 }, enrolled: 449, already: 0, differences: 0, nothingNew: false });
  const there = await residents(rig.redis, cell, 1, 1000);
  t.equal(there.length, 449);
  t.match(there[3], { priority: 'pregnant', risk: 'normal', single: false });
  t.match(there[4], { priority: 'none', risk: 'high', single: true });
  t.equal(
    new Set(there.map(({ household, village }) => `${village} ${household}`)).size,
    new Set(
      rows
        .slice(1)
        .filter((row) => row[0] !== '')
        .map((row) => `${row[2]} ${row[3]}`),
    ).size,
  );
  const sealed = (await rig.redis.hget(keyOf(cell, 'vault'), '1')) ?? '';
  const round = await vault.round(cell.round);
  if (round === 'erased') throw new Error('erased');
  t.match(openPerson(round, cell.area, sealed).person, { name: madeUpRow(0)[0], document: { number: madeUpRow(0)[1] }, phone: madeUpRow(0)[4] });
});

t.test('the same list again changes nothing and says so', async (t) => {
  const { cell, rig, imported, work } = await desk(t);
  work();
  const undocumented = ['测试娃', '无证件', '第1村', '1', '', ''];
  t.match(await imported(csv([...list(300), undocumented])), { enrolled: 301, already: 0, nothingNew: false });
  const before = await residents(rig.redis, cell, 1, 1000);
  t.match(await imported(csv([...list(300), undocumented])), { enrolled: 0, already: 301, differences: 0, nothingNew: true });
  t.match(
    await imported(await xlsx([...list(300), undocumented] as Value[][])),
    { enrolled: 0, already: 301, differences: 0, nothingNew: true },
    'from another kind of file too',
  );
  t.same(await residents(rig.redis, cell, 1, 1000), before);
});

t.test('somebody whose village, household or telephone changed is a difference, and stays as they are', async (t) => {
  const { cell, rig, upload, queue, ended, imported, work, uploads } = await desk(t);
  work();
  await imported(csv(list(10)));
  const before = await residents(rig.redis, cell, 1, 100);
  const changed = list(12);
  (changed[2] as string[])[2] = '新村';
  (changed[4] as string[])[3] = '999';
  (changed[6] as string[])[4] = '13900000000';
  const name = await upload(csv(changed));
  t.match(await ended(await queue.import(cell, name)), { ok: true, enrolled: 2, already: 10, differences: 3, nothingNew: false });
  t.match(await keptReport(uploads, cell, name), {
    differences: [
      { row: 3, differs: ['village'] },
      { row: 5, differs: ['household'] },
      { row: 7, differs: ['data'] },
    ],
  });
  t.same((await residents(rig.redis, cell, 1, 100)).slice(0, 10), before);
});

t.test('nothing of an uploaded list lies on the disk or in the queue in clear', async (t) => {
  const { cell, rig, data, queue, upload, ended, work } = await desk(t);
  work();
  const rows = list(50);
  (rows[7] as string[])[1] = '12';
  const name = await upload(csv(rows));
  await ended(await queue.check(cell, name));
  await ended(await queue.import(cell, name));
  const secrets = [...(rows[1] ?? []).slice(0, 2), ...(rows[7] ?? []).slice(0, 1), '13800000000'];
  const files = await readdir(join(data, 'uploads'));
  t.same(
    files.sort(),
    ['errors.csv', 'errors.xlsx', 'report', 'roster'].map((part) => `${name}.${part}`),
    'every part is whole, no half remains',
  );
  for (const file of files) {
    const bytes = await readFile(join(data, 'uploads', file));
    for (const secret of secrets) t.notOk(bytes.includes(secret), file);
    t.equal((await stat(join(data, 'uploads', file))).mode & 0o077, 0, 'readable by its owner only');
  }
  const inRedis = await Promise.all((await rig.redis.keys(`*${cell.round}*`)).map((key) => contents(rig.redis, key)));
  t.ok(
    inRedis.some((text) => text.includes(name)),
    'the job itself is looked at',
  );
  for (const secret of secrets)
    t.notOk(
      inRedis.some((text) => text.includes(secret)),
      'not in Redis either',
    );
});

t.test('a list too large, an empty one and one for an erased round are refused, and nothing stays behind', async (t) => {
  const { cell, data, uploads, vault, queue, upload, ended, work } = await desk(t);
  work();
  const endless = async function* (): AsyncGenerator<Buffer> {
    for (let n = 0; n < 400; n++) yield Buffer.alloc(64 * 1024, 'a');
  };
  t.match(await uploads.save(cell, endless()), { ok: false, problem: 'file_too_large' });
  t.match(await uploads.save(cell, inParts(Buffer.alloc(0))), { ok: false, problem: 'file_empty' });
  t.same(await readdir(join(data, 'uploads')), []);
  const name = await upload(csv(list(3)));
  await vault.forget(cell.round);
  t.match(await uploads.save(cell, inParts(csv(list(3)))), { ok: false, problem: 'file_erased' });
  t.match(await ended(await queue.import(cell, name)), { ok: false, problem: 'file_erased' });
});

t.test('a broken upload is cut off without a trace, and old ones are swept', async (t) => {
  const { cell, data, uploads, upload } = await desk(t);
  const broken = async function* (): AsyncGenerator<Buffer> {
    yield Buffer.from('姓名,');
    throw new Error('the connection broke');
  };
  await t.rejects(uploads.save(cell, broken()), /connection broke/);
  t.same(await readdir(join(data, 'uploads')), []);
  const [old, fresh] = [await upload(csv(list(1))), await upload(csv(list(1)))];
  const past = new Date(Date.now() - 100_000);
  await utimes(join(data, 'uploads', `${old}.roster`), past, past);
  t.equal(await uploads.sweep(90_000), 1);
  t.same(await readdir(join(data, 'uploads')), [`${fresh}.roster`]);
  await uploads.remove(fresh);
  t.equal(await uploads.open(cell, fresh, 'roster'), 'gone');
});

t.test('a closed round refuses the import in words', async (t) => {
  const { rig, cell, queue, upload, ended, work } = await desk(t);
  work();
  await rig.post.done('closeRound', {});
  t.match(await ended(await queue.import(cell, await upload(csv(list(3))))), {
    ok: false,
    task: 'import',
    problem: 'round_closed',
    en: /.+/,
    enrolled: 0,
  });
});

t.test('a chunk whose answer was lost is sent again and counted once', async (t) => {
  const { rig, cell, imported, work } = await desk(t);
  const record = rosterRecord(rig.ledger);
  let sent = 0;
  work({
    ...record,
    async enrol(cell, chunk) {
      const answer = await record.enrol(cell, chunk);
      if (++sent === 2) throw new Error('the answer was lost');
      return answer;
    },
  });
  t.match(await imported(csv(list(700))), { enrolled: 700, already: 0, nothingNew: false });
  t.equal(sent, 5, 'four chunks, one of them twice');
  t.equal((await residents(rig.redis, cell, 1, 1000)).length, 700);
});

t.test('a worker killed in the middle is followed by another, and everybody is on the roster once', async (t) => {
  const { rig, cell, data, prefix, queue, upload, ended, work } = await desk(t);
  const name = await upload(csv(list(3000)));
  const jobId = await queue.import(cell, name);
  const child = spawn(
    process.execPath,
    [fileURLToPath(new URL('./killedWorker.js', import.meta.url)), await testRedisUrl(), data, prefix, await testMasterKey()],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  t.teardown(() => child.kill('SIGKILL'));
  // The child says when its third chunk is on the record, before the job has noted it: the worst moment to die.
  await once(child.stdout as NodeJS.ReadableStream, 'data');
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
  const between = (await residents(rig.redis, cell, 1, 5000)).length;
  t.ok(between >= 600 && between < 3000, `${between} were enrolled when it died`);
  work();
  t.match(await ended(jobId), { ok: true, enrolled: 3000, already: 0, rows: { in: 3000, good: 3000 } });
  t.equal((await residents(rig.redis, cell, 1, 5000)).length, 3000);
});

t.test('28,000 people are imported, with progress to the last', async (t) => {
  const { rig, cell, queue, upload, ended, work } = await desk(t);
  work();
  const jobId = await queue.import(cell, await upload(await xlsx(list(28_000) as Value[][])));
  t.match(await ended(jobId), { enrolled: 28_000, already: 0 });
  t.match((await queue.status(jobId)).progress, { phase: 'enrolling', done: 28_000, of: 28_000, share: 1 });
  t.equal(Number(await rig.redis.hget(keyOf(cell, 'cell'), 'residents')), 28_000);
});
