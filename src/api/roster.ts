// The roster's way in: a file is taken into the sealed spool at once, read and judged by a job, and enrolled by a second one when a
// person has seen what the first one found. The door knows nothing of spreadsheets: it hands over and asks how it goes.

import { pipeline } from 'node:stream/promises';
import multipart from '@fastify/multipart';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { CellName } from '../domain/requests.js';
import type { Policy } from './badge.js';
import { cellAddress, cellOf, cellUnknown } from './cells.js';
import { Problem, sendProblem } from './problems.js';

/** How the file is to be read, where its headings do not say. */
export interface ReadingChoice {
  sheet?: string;
  /** Column letters by field; `headingRow` 0 says that there is no row of headings. */
  mapping?: { headingRow?: number | undefined; columns: Record<string, string> };
  village?: string;
}

/** What the roster's jobs do for the door; `program.ts` brings the two together. */
export interface RosterDesk {
  /** Takes a file into the spool, or says in words why not. */
  save(cell: CellName, source: AsyncIterable<Uint8Array>): Promise<{ ok: true; upload: string; bytes: number } | { ok: false; problem: string; zh: string; en: string }>;
  /** Asks for the dry run or the import of an upload; gives the job's id. */
  start(task: 'check' | 'import', cell: CellName, upload: string, choice: ReadingChoice): Promise<string>;
  status(cell: CellName, job: string): Promise<{ state: string; progress: object | null; outcome: object | null }>;
  /** The whole report of the last job on an upload. */
  report(cell: CellName, upload: string): Promise<object | 'gone' | 'erased'>;
  errors(cell: CellName, upload: string, format: 'xlsx' | 'csv'): Promise<AsyncIterable<Buffer> | 'gone' | 'erased'>;
}

const taskName = z.enum(['check', 'import']).default('check');
const choiceBody = z.strictObject({
  sheet: z.string().max(100).optional(),
  village: z.string().max(60).optional(),
  mapping: z.strictObject({ headingRow: z.int().min(0).max(1000).optional(), columns: z.record(z.string().max(40), z.string().max(10)) }).optional(),
});
/** Who may send a roster, and see what is wrong with it: the faults quote the file. */
const may: Policy = { read: 'roster' };
const uploadName = /^u[0-9a-f]{12}$/;
const mediaTypes = { xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', csv: 'text/csv; charset=utf-8' };

const choiceOf = (value: z.infer<typeof choiceBody>): ReadingChoice => ({
  ...(value.sheet === undefined ? {} : { sheet: value.sheet }),
  ...(value.village === undefined ? {} : { village: value.village }),
  ...(value.mapping === undefined ? {} : { mapping: value.mapping }),
});

/** Routes under `.../roster`: POST a file, GET a job's progress, POST the import of a checked upload, GET its report and its errors. */
export async function rosterRoutes(app: FastifyInstance, desk: RosterDesk): Promise<void> {
  await app.register(async (room) => {
    await room.register(multipart, { limits: { fileSize: 32 << 20, files: 1, fields: 8, fieldSize: 4096, parts: 10 } });

    room.post(`${cellAddress}/roster`, { bodyLimit: 33 << 20, config: { may } }, async (request, reply) => {
      const cell = cellOf(request);
      if (!cell) return sendProblem(reply, cellUnknown());
      const task = taskName.safeParse((request.query as { task?: string }).task);
      if (!task.success) return sendProblem(reply, new Problem('content_invalid', { path: 'task' }));
      if (!request.isMultipart()) return sendProblem(reply, new Problem('content_type_wrong'));
      const fields: Record<string, unknown> = {};
      let kept: Awaited<ReturnType<RosterDesk['save']>> | undefined;
      for await (const part of request.parts()) {
        if (part.type === 'file') kept = await desk.save(cell, part.file);
        else fields[part.fieldname] = part.fieldname === 'mapping' ? jsonOf(String(part.value)) : part.value;
      }
      if (!kept) return sendProblem(reply, new Problem('no_content'));
      if (!kept.ok) return sendProblem(reply, new Problem('content_invalid', undefined, { word: kept.problem, zh: kept.zh, en: kept.en }));
      const choice = choiceBody.safeParse(fields);
      if (!choice.success) return sendProblem(reply, new Problem('content_invalid', { path: choice.error.issues[0]?.path.join('.') ?? '' }));
      const job = await desk.start(task.data, cell, kept.upload, choiceOf(choice.data));
      return reply.code(202).send({ upload: kept.upload, bytes: kept.bytes, job });
    });

    room.post(`${cellAddress}/roster/:upload/import`, { config: { may } }, async (request, reply) => {
      const cell = cellOf(request);
      const { upload } = request.params as { upload: string };
      if (!cell || !uploadName.test(upload)) return sendProblem(reply, new Problem('nothing_there'));
      const choice = choiceBody.safeParse(request.body ?? {});
      if (!choice.success) return sendProblem(reply, new Problem('content_invalid', { path: choice.error.issues[0]?.path.join('.') ?? '' }));
      return reply.code(202).send({ upload, job: await desk.start('import', cell, upload, choiceOf(choice.data)) });
    });

    room.get(`${cellAddress}/roster/:job`, { config: { may } }, async (request, reply) => {
      const cell = cellOf(request);
      const { job } = request.params as { job: string };
      if (!cell || !/^(check|import)-[\w-]{1,64}$/.test(job)) return sendProblem(reply, new Problem('nothing_there'));
      const status = await desk.status(cell, job);
      return status.state === 'unknown' ? sendProblem(reply, new Problem('nothing_there')) : reply.send(status);
    });

    room.get(`${cellAddress}/roster/:upload/report`, { config: { may } }, async (request, reply) => {
      const cell = cellOf(request);
      const { upload } = request.params as { upload: string };
      if (!cell || !uploadName.test(upload)) return sendProblem(reply, new Problem('nothing_there'));
      const report = await desk.report(cell, upload);
      return typeof report === 'string' ? sendProblem(reply, new Problem(report === 'gone' ? 'nothing_there' : 'person_erased')) : reply.send(report);
    });

    for (const format of ['xlsx', 'csv'] as const) {
      room.get(`${cellAddress}/roster/:upload/errors.${format}`, { config: { may } }, async (request, reply) => {
        const cell = cellOf(request);
        const { upload } = request.params as { upload: string };
        if (!cell || !uploadName.test(upload)) return sendProblem(reply, new Problem('nothing_there'));
        const bytes = await desk.errors(cell, upload, format);
        if (typeof bytes === 'string') return sendProblem(reply, new Problem(bytes === 'gone' ? 'nothing_there' : 'person_erased'));
        reply.hijack();
        reply.raw.writeHead(200, {
          'content-type': mediaTypes[format], 'content-disposition': `attachment; filename="roster-errors.${format}"`, 'x-content-type-options': 'nosniff', 'cache-control': 'no-store',
        });
        await pipeline(bytes, reply.raw);
        return reply;
      });
    }
  });
}

/** A mapping arrives as text among the parts; what is no JSON is judged with the rest. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
