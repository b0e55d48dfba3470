// The way in for a laboratory's files of results: a file is taken into the sealed spool at once, read and judged by a job, and recorded by a
// second one when a person has seen what the first one found. The door knows nothing of spreadsheets: it hands over and asks how it goes.

import { Readable } from 'node:stream';
import multipart from '@fastify/multipart';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { bodies, type CellName, instant } from '../domain/requests.js';
import { findingOutcomes } from '../domain/findings.js';
import { cellAddress, cellOf, cellParams, cellUnknown } from './cells.js';
import { compileCheck, sentenceOf } from './checks.js';
import { documented } from './documented.js';
import type { Vaulted } from './incoming.js';
import { Problem, sendProblem } from './problems.js';
import { type ResultSender, resultSender } from './resultSender.js';

const { run, secondBy } = bodies.recordResult.shape;
const choice = z.strictObject({
  /** The sheet, where several could be meant. */
  sheet: z.string().max(100).optional(),
  /** Column letters by field, where the headings do not say; `headingRow` 0: there is none. */
  mapping: z.strictObject({ headingRow: z.int().min(0).max(1000).optional(), columns: z.record(z.string().max(40), z.string().max(10)) }).optional(),
  /** Run and time of the test (ms), for rows that say nothing of it. */
  run: run.optional(),
  testedAt: instant.optional(),
  /** How many results there should be, as the laboratory says apart from the file. */
  count: z.int().min(0).max(1_000_000).optional(),
  /** The staff card of whoever answers for the file, where a device sends it. */
  by: secondBy,
  /** The second person who has looked at all of it: without one, anything but a negative is held. */
  secondBy,
});
type Choice = z.output<typeof choice>;

/** What the jobs of results do for the door; `program.ts` brings the two together. */
export interface ResultsDesk {
  /** Takes a file into the spool, or says in words why not. */
  save(cell: CellName, source: AsyncIterable<Uint8Array>): Promise<{ ok: true; upload: string; bytes: number } | { ok: false; problem: string; zh: string; en: string }>;
  /** Asks for the dry run or the import of an upload; gives the job's id, or 'gone' where there is no such upload. */
  start(task: 'check' | 'import', cell: CellName, upload: string, sender: ResultSender, choice: Omit<Choice, 'by'>): Promise<string | 'gone'>;
  status(cell: CellName, job: string): Promise<{ state: string; progress: object | null; outcome: object | null }>;
  /** The whole report of the last job on an upload. */
  report(cell: CellName, upload: string): Promise<object | 'gone' | 'erased'>;
  errors(cell: CellName, upload: string, format: 'xlsx' | 'csv'): Promise<AsyncIterable<Buffer> | 'gone' | 'erased'>;
  readonly mediaTypes: Readonly<Record<'xlsx' | 'csv', string>>;
}

const may = { read: 'results' } as const;
const uploadName = /^u[0-9a-f]{12}$/;
const jobName = /^(check|import)-[\w-]{1,64}$/;
const task = z.enum(['check', 'import']).default('check');

const params = (name: 'upload' | 'job', pattern: RegExp) => cellParams.extend({ [name]: z.string().regex(pattern) });
const whole = { type: 'integer' };
const line = { type: 'string' };
const rows = {
  type: 'object', description: 'in = accepted + held + parked + known + refused + faulty; counted apart from each other.',
  properties: { in: whole, ...Object.fromEntries(findingOutcomes.map((outcome) => [outcome, whole])), sum: whole, equal: { type: 'boolean' }, empty: whole, repeatedHeadings: whole, beside: whole },
};
const started = { type: 'object', required: ['upload', 'job'], properties: { upload: line, bytes: whole, job: line } };
const status = {
  type: 'object', required: ['state'],
  properties: {
    state: { enum: ['waiting', 'running', 'done', 'failed'] },
    progress: { type: ['object', 'null'], properties: { phase: { enum: ['reading', 'recording'] }, done: whole, of: { type: ['integer', 'null'] }, share: { type: 'number' } } },
    outcome: {
      type: ['object', 'null'],
      properties: { ok: { type: 'boolean' }, task: line, rows, notes: { type: 'array', items: line }, nothingNew: { type: 'boolean' }, problem: line, zh: line, en: line, detail: { type: 'object' } },
    },
  },
};
const list = (properties: Record<string, object>) => ({ type: 'array', items: { type: 'object', properties: { row: whole, ...properties } } });
const report = {
  type: 'object',
  properties: {
    task: line, sheet: line, headingRow: whole, columns: { type: 'array', items: { type: 'object' } }, rows,
    problems: list({ problem: line, column: line, suggestion: line, with: { type: 'array', items: whole } }), refused: list({ word: line, detail: { type: 'object' } }),
    waits: list({ state: line, why: line }), known: { type: 'array', items: whole }, lookAlikes: list({ tube: line }), notes: { type: 'array', items: { type: 'object' } },
    sentences: { type: 'object', additionalProperties: { type: 'object', properties: { zh: line, en: line } } },
  },
};
const fileBody = {
  type: 'object', required: ['file'],
  properties: {
    file: { type: 'string', format: 'binary', description: '.xlsx or .csv' }, sheet: line, mapping: { ...line, description: 'JSON: {headingRow?, columns: {tube: "A", ...}}' }, run: line,
    testedAt: { ...whole, description: 'ms since 1970 UTC' }, count: whole, by: line, secondBy: line,
  },
};

/** Routes under `.../results`: POST a file, GET a job's progress, POST the import of a checked upload, GET its report and its errors. */
export async function resultFileRoutes(app: FastifyInstance, parts: Pick<Vaulted, 'surroundings'>, desk: ResultsDesk): Promise<void> {
  const check = compileCheck(choice);

  async function begin(request: FastifyRequest, reply: FastifyReply, cell: CellName, which: z.output<typeof task>, upload: string, sent: unknown, more: object = {}): Promise<FastifyReply> {
    const checked = check(sent);
    if (!checked.ok) return sendProblem(reply, new Problem('content_invalid', { faults: checked.faults }, sentenceOf(checked.faults)));
    const { by, ...chosen } = checked.value;
    const sender = await resultSender(parts, request, cell, { by, secondBy: chosen.secondBy });
    if (sender instanceof Problem) return sendProblem(reply, sender);
    const job = await desk.start(which, cell, upload, sender, chosen);
    return job === 'gone' ? sendProblem(reply, new Problem('nothing_there')) : sendJson(reply.code(202), { upload, ...more, job });
  }

  await app.register(async (room) => {
    await room.register(multipart, { limits: { fileSize: 32 << 20, files: 1, fields: 12, fieldSize: 4096, parts: 14 } });

    room.post(`${cellAddress}/results`, {
      ...documented({
        name: 'sendResults', tag: 'lab', summary: '上传结果文件 A laboratory\'s file of results, .xlsx or .csv; a job looks at it first (task=check) or records it at once (task=import).',
        params: cellParams, query: z.object({ task: task.optional() }), body: fileBody, consumes: 'multipart/form-data', may, replies: { 202: started },
      }),
      bodyLimit: 33 << 20,
    }, async (request, reply) => {
      const cell = cellOf(request);
      if (!cell) return sendProblem(reply, cellUnknown());
      const which = task.safeParse((request.query as { task?: string }).task);
      if (!which.success) return sendProblem(reply, new Problem('content_invalid', { path: 'task' }));
      if (!request.isMultipart()) return sendProblem(reply, new Problem('content_type_wrong'));
      const fields: Record<string, unknown> = {};
      let kept: Awaited<ReturnType<ResultsDesk['save']>> | undefined;
      for await (const part of request.parts()) {
        if (part.type === 'file') kept = await desk.save(cell, part.file);
        else fields[part.fieldname] = fieldOf(part.fieldname, String(part.value));
      }
      if (!kept) return sendProblem(reply, new Problem('no_content'));
      if (!kept.ok) return sendProblem(reply, new Problem('content_invalid', undefined, { word: kept.problem, zh: kept.zh, en: kept.en }));
      return begin(request, reply, cell, which.data, kept.upload, fields, { bytes: kept.bytes });
    });

    for (const which of ['check', 'import'] as const) {
      room.post(`${cellAddress}/results/:upload/${which}`, documented({
        name: `${which}Results`, tag: 'lab', may, body: choice, params: params('upload', uploadName), replies: { 202: started },
        summary: which === 'check' ? '再次核对结果文件 Look at a file again, perhaps with other columns; nothing is recorded.' : '登记结果文件 Record the good rows of a file; again, it is the same job.',
      }), async (request, reply) => {
        const asked = uploadOf(request);
        return asked ? begin(request, reply, asked.cell, which, asked.upload, request.body ?? {}) : sendProblem(reply, new Problem('nothing_there'));
      });
    }

    room.get(`${cellAddress}/results/:job`, documented({
      name: 'resultsJob', tag: 'lab', summary: '查看处理进度 How far a job is, and how it ended.', may, params: params('job', jobName), replies: { 200: status },
    }), async (request, reply) => {
      const cell = cellOf(request);
      const { job } = request.params as { job: string };
      if (!cell || !jobName.test(job)) return sendProblem(reply, new Problem('nothing_there'));
      const found = await desk.status(cell, job);
      return found.state === 'unknown' ? sendProblem(reply, new Problem('nothing_there')) : sendJson(reply, found);
    });

    room.get(`${cellAddress}/results/:upload/report`, documented({
      name: 'resultsReport', tag: 'lab', summary: '查看结果报告 What became of every row, or would: row, reason, sum.', may, params: params('upload', uploadName), replies: { 200: report },
    }), async (request, reply) => {
      const asked = uploadOf(request);
      const found = asked ? await desk.report(asked.cell, asked.upload) : 'gone';
      return typeof found === 'string' ? sendProblem(reply, missing(found)) : sendJson(reply, found);
    });

    for (const format of ['xlsx', 'csv'] as const) {
      room.get(`${cellAddress}/results/:upload/errors.${format}`, documented({
        name: `resultsErrors_${format}`, tag: 'lab', summary: '下载有误的行 The rows that were not taken, as they stood, with what is wrong: to be corrected and sent again.', may,
        params: params('upload', uploadName), replies: { 200: { type: 'string', format: 'binary' } },
      }), async (request, reply) => {
        const asked = uploadOf(request);
        const bytes = asked ? await desk.errors(asked.cell, asked.upload, format) : 'gone';
        if (typeof bytes === 'string') return sendProblem(reply, missing(bytes));
        return reply
          .header('content-type', desk.mediaTypes[format])
          .header('content-disposition', `attachment; filename="results-errors.${format}"`)
          .header('cache-control', 'no-store')
          .send(Readable.from(bytes));
      });
    }
  });
}

const missing = (why: 'gone' | 'erased'): Problem => new Problem(why === 'gone' ? 'nothing_there' : 'person_erased');

const sendJson = (reply: FastifyReply, value: object): FastifyReply => reply.header('content-type', 'application/json; charset=utf-8').send(JSON.stringify(value));

function uploadOf(request: FastifyRequest): { cell: CellName; upload: string } | undefined {
  const cell = cellOf(request);
  const { upload } = request.params as { upload: string };
  return cell && uploadName.test(upload) ? { cell, upload } : undefined;
}

/** Among the parts of a form everything is text; what is no number or no JSON is judged with the rest. */
function fieldOf(name: string, text: string): unknown {
  if (name === 'mapping') {
    try {
      return JSON.parse(text);
    } catch {
      return text;
    }
  }
  return (name === 'testedAt' || name === 'count') && /^\d{1,15}$/.test(text) ? Number(text) : text;
}
