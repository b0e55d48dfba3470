// Reports: the day as a page, and files that a job makes: asked for with a reason, watched, fetched once by whoever asked. The one that
// holds people is for those who may have lists of people, and on record before it is made.

import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { holdsPeople, reportFormats, reportKinds, type ReportFormat, type ReportKind } from '../domain/reports.js';
import { bodies, type CellName } from '../domain/requests.js';
import { dayReport } from '../ledger/dayReport.js';
import { countAttempt } from '../ledger/passes.js';
import { cellState } from '../ledger/reads.js';
import { missingPersons } from '../ledger/reconciliation.js';
import type { Vault } from '../vault/vault.js';
import { badgeMayRead } from './badge.js';
import { cellAddress, cellOf, cellParams, cellUnknown } from './cells.js';
import type { PeopleParts } from './devices.js';
import { documented } from './documented.js';
import type { Door } from './door.js';
import { exportsMax } from './exports.js';
import { lookingPerson } from './persons.js';
import { Problem, sendProblem } from './problems.js';
import { entry, none, readsOf } from './reading.js';
import { nameOf, reader, sendJson, takeForPerson } from './systemSteps.js';

/** What the jobs of reports do for the door; `program.ts` brings the two together. */
export interface ReportDesk {
  /** Gives the job's id. */
  start(asked: { cell: CellName; kind: ReportKind; format: ReportFormat; by: string; reason: string; at: string }): Promise<string>;
  status(cell: CellName, job: string): Promise<({ by: string; kind: ReportKind; format: ReportFormat } & Record<string, unknown>) | undefined>;
  take(cell: CellName, job: string): Promise<AsyncIterable<Buffer> | 'gone' | 'erased'>;
  readonly mediaTypes: Readonly<Record<ReportFormat, string>>;
}

const { reason } = bodies.recordReveal.shape;
const askBody = z.strictObject({ kind: z.enum(reportKinds), format: z.enum(reportFormats).default('xlsx'), reason });
const params = cellParams.extend({ job: z.string().max(60) });
const may = { read: 'reports' } as const;

/** The day on one page, as JSON. */
export function dayRoute(app: FastifyInstance, door: Door): void {
  readsOf(app, door).add({
    path: '/reports/day', name: 'dayReport', may: 'reports', query: none, reply: entry, in: 'area',
    summary: '当日汇总 The day on one page: people, tubes by stage, results, boxes, villages, sites, recalls, what is open. No personal data.',
    read: (cell) => dayReport(door.ledger.redis, cell),
  });
}

export function reportRoutes(app: FastifyInstance, { redis, system, vault }: PeopleParts & { vault: Vault }, desk: ReportDesk): void {
  const read = reader(askBody);

  app.post(`${cellAddress}/reports`, documented({
    name: 'askReport', tag: 'reads', summary: '生成报表 A report as a file, made by a job: who asked, why and when stand in its first row. A report of people is on record before it is made.',
    params: cellParams, body: askBody, may, replies: { 202: entry },
  }), async (request, reply) => {
    const cell = cellOf(request);
    if (!cell) return sendProblem(reply, cellUnknown());
    const sent = read(reply, request.body);
    const badge = request.badges[0];
    if (!sent || !badge) return reply;
    const withPeople = holdsPeople(sent.kind);
    const person = lookingPerson(request);
    if (withPeople && !(person && badgeMayRead(person, 'export', cell))) return sendProblem(reply, new Problem('not_allowed'));
    const state = await cellState(redis, cell);
    if (!state) return sendProblem(reply, cellUnknown());
    const by = nameOf(person ?? badge);
    if ((await countAttempt(redis, `export:${by}`, 3600)) > exportsMax) return sendProblem(reply, new Problem('tries_exceeded'));
    // The spool seals with the keys of the round: when they are gone there is nowhere to keep a report, with people in it or without.
    if ((await vault.round(cell.round)) === 'erased') return sendProblem(reply, new Problem('person_gone'));
    if (withPeople) {
      const { total } = await missingPersons(redis, cell);
      if (!(await takeForPerson(reply, system, 'recordReveal', { what: 'export', ...cell, count: total, reason: sent.reason }, by))) return reply;
    }
    const job = await desk.start({ ...sent, cell, by, at: new Date().toISOString() });
    return sendJson(reply, { job, kind: sent.kind, format: sent.format }, 202);
  });

  app.get(`${cellAddress}/reports/:job`, documented({
    name: 'reportStatus', tag: 'reads', summary: '报表进度 How far a report is, and whether its file is there to be fetched.', params, may, replies: { 200: entry },
  }), async (request, reply) => {
    const found = await asked(request);
    return found ? sendJson(reply, { job: found.job, ...found.status }) : sendProblem(reply, new Problem('nothing_there'));
  });

  app.get(`${cellAddress}/reports/:job/file`, documented({
    name: 'reportFile', tag: 'reads', summary: '下载报表 The file, once, for whoever asked for it.', params, may,
  }), async (request, reply) => {
    const found = await asked(request);
    if (!found) return sendProblem(reply, new Problem('nothing_there'));
    const { kind, format } = found.status;
    const bytes = await desk.take(found.cell, found.job);
    if (typeof bytes === 'string') return sendProblem(reply, new Problem(bytes === 'gone' ? 'nothing_there' : 'person_gone'));
    return reply
      .header('content-type', desk.mediaTypes[format])
      .header('content-disposition', `attachment; filename="${kind}-${found.cell.round}-${found.cell.area}.${format}"`)
      .header('x-content-type-options', 'nosniff')
      .header('cache-control', 'no-store')
      .send(Readable.from(bytes));
  });

  /** A report of this cell that whoever asks has asked for; others' do not exist for them. */
  async function asked(request: Parameters<typeof lookingPerson>[0]): Promise<{ cell: CellName; job: string; status: NonNullable<Awaited<ReturnType<ReportDesk['status']>>> } | undefined> {
    const cell = cellOf(request);
    const { job } = request.params as { job: string };
    const status = cell ? await desk.status(cell, job) : undefined;
    return cell && status && request.badges.some((badge) => nameOf(badge) === status.by) ? { cell, job, status } : undefined;
  }
}
