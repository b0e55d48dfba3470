// A laboratory's file on its whole way: a Swabline of its own with its Redis, its door and its workers; sent by HTTP, looked at, imported,
// and what was not taken fetched back as a file.

import t from 'tap';
import { readConfig } from '../../src/config.js';
import { makeCode, rehearsalSerials } from '../../src/domain/codes.js';
import { startProgram } from '../../src/program.js';
import { headings, rowOf } from '../jobs/results/resultFiles.js';
import { csv } from '../jobs/roster/rosters.js';
import { minute, morning } from '../support.js';
import { ownFolder } from '../folder.js';

type Json = Record<string, unknown>;

t.test('from the tubes on the bench to the file of errors', async (t) => {
  const program = await startProgram(readConfig({ PORT: '0', SWABLINE_DATA: ownFolder(t), LOG_LEVEL: 'silent' }), { appendfsync: 'no' });
  t.teardown(() => program.close());
  const at = `${program.address ?? ''}/api/cells/round1/lab1`;
  const authorization = `Bearer ${program.toolKey()}`;
  const send = async (path: string, body?: object | FormData): Promise<{ status: number; json: Json; text: string }> => {
    const form = body instanceof FormData;
    const reply = await fetch(`${at}${path}`, {
      method: body ? 'POST' : 'GET', headers: { authorization, ...(body && !form ? { 'content-type': 'application/json' } : {}) }, ...(body ? { body: form ? body : JSON.stringify(body) } : {}),
    });
    const text = await reply.text();
    return { status: reply.status, text, json: reply.headers.get('content-type')?.includes('json') ? (JSON.parse(text) as Json) : {} };
  };
  let number = 0;
  const step = async (name: string, body: object): Promise<void> => {
    const { status, text } = await send(`/steps/${name}`, { device: 'scanner', epoch: 'e1', number: ++number, claimedAt: morning, by: 'lena', body });
    if (status !== 200) throw new Error(`${name}: ${text}`);
  };
  /** Asks how the job goes until it has ended, as a screen does. */
  const ended = async (job: string): Promise<Json> => {
    for (;;) {
      const { json } = await send(`/results/${job}`);
      if (json['state'] === 'done') return json['outcome'] as Json;
      if (json['state'] === 'failed') throw new Error(`the job has failed`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };

  await step('openRound', { name: 'a laboratory', rehearsal: true, laboratory: true, clock: morning, sites: [], villages: [] });
  const tubes = [1, 2, 3].map((n) => makeCode('tube', rehearsalSerials + n));
  const box = makeCode('box', rehearsalSerials + 1);
  await step('expectBox', { box, trip: 1, from: 'north', rehearsal: true, tubes: tubes.map((tube) => [tube, 10, morning - 60 * minute]) });
  await step('receiveBox', { box });
  for (const [n, tube] of tubes.slice(0, 2).entries()) await step('receiveTube', { tube, box, accession: `A${n}` });

  const finding = (n: number, more = {}) => ({ tube: tubes[n] ?? '', accession: `A${n}`, run: 'R1', result: 'negative' as const, testedAt: morning, ...more });
  const rows = [rowOf(finding(0)), rowOf({ ...finding(1), result: 'positive' }), rowOf(finding(2)), rowOf({ ...finding(0), accession: 'A7', run: 'R2' }), ['what?', ...rowOf(finding(0)).slice(1)]];
  const form = new FormData();
  form.append('by', 'lena');
  form.append('file', new Blob([csv([headings, ...rows], { encoding: 'gbk' })]), 'results.csv');
  const sent = await send('/results', form);
  t.equal(sent.status, 202);
  const { upload, job } = sent.json as { upload: string; job: string };
  const counts = { in: 5, accepted: 1, held: 1, parked: 1, known: 0, refused: 1, faulty: 1, sum: 5, equal: true };
  t.match(await ended(job), { ok: true, task: 'check', rows: counts });
  t.match((await send('/results/batch', { results: [finding(2)] })).json, { counts: { in: 1, parked: 1 } }, 'the dry run has recorded nothing');

  const imported = await send(`/results/${upload}/import`, { by: 'lena' });
  t.equal(imported.status, 202);
  t.match(await ended(imported.json['job'] as string), { ok: true, task: 'import', rows: { ...counts, parked: 0, known: 1 } });
  t.match((await send(`/results/${upload}/report`)).json, {
    waits: [{ row: 3, state: 'held', why: 'second_person' }], known: [4], refused: [{ row: 5, word: 'accession_differs' }], problems: [{ row: 6, problem: 'tube_unreadable', column: 'A' }],
  });
  const errors = await send(`/results/${upload}/errors.csv`);
  t.equal(errors.status, 200);
  t.same(errors.text.trim().split('\r\n').map((line) => line.split(',')[6]), ['原行号 row in the file', '5', '6']);

  // Another laboratory has nothing of this one's, and neither has a roster's address.
  const elsewhere = `../lab2`;
  t.equal((await send(`/${elsewhere}/results/${upload}/report`)).status, 404);
  t.equal((await send(`/${elsewhere}/results/${upload}/import`, {})).status, 404);
});
