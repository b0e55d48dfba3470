// Lists of people in a file, and the end of a round's people. Both are for few, with a reason, and on record before they happen; the end
// needs two.

import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { identifier } from '../domain/fields.js';
import { bodies, type CellName, isSystemCell } from '../domain/requests.js';
import { countAttempt } from '../ledger/passes.js';
import { cellState, openedCells } from '../ledger/reads.js';
import type { Vault } from '../vault/vault.js';
import { badgeMayRead } from './badge.js';
import { cellAddress, cellOf, cellParams, cellUnknown } from './cells.js';
import type { PeopleParts } from './devices.js';
import { documented } from './documented.js';
import { lookingPerson } from './persons.js';
import { Problem, sendProblem } from './problems.js';
import { nameOf, reader, sendJson, takeForPerson } from './systemSteps.js';

const { reason } = bodies.recordReveal.shape;
const exportBody = z.strictObject({ reason, who: z.enum(['all', 'missing']).default('missing'), format: z.enum(['xlsx', 'csv']).default('xlsx') });
type Wanted = z.output<typeof exportBody>;
const forgetBody = z.strictObject({ reason });
const roundParams = z.object({ round: identifier });

/** Lists of one account in an hour. */
export const exportsMax = 20;

/** What the jobs' room does for the door; `program.ts` brings the two together. */
export interface ExportDesk {
  /** The bytes of the file; 'erased' where there is nobody to be named any more. */
  people(wanted: Wanted & { cell: CellName; by: string; at: string }): Promise<AsyncIterable<Buffer> | 'erased'>;
  readonly mediaTypes: Readonly<Record<Wanted['format'], string>>;
}

export function exportRoutes(app: FastifyInstance, { redis, system }: PeopleParts, desk: ExportDesk): void {
  const read = reader(exportBody);

  app.post(`${cellAddress}/residents/export`, documented({
    name: 'exportPeople', tag: 'people', summary: '导出人员 A list of people in clear, as a file with who asked and why in its first row; on record before it is sent.',
    params: cellParams, body: exportBody, may: { read: 'export' },
  }), async (request, reply) => {
    const cell = cellOf(request);
    if (!cell) return sendProblem(reply, cellUnknown());
    const sent = read(reply, request.body);
    const by = sent && lookingPerson(request);
    if (!sent) return reply;
    if (!by) return sendProblem(reply, new Problem('not_allowed'));
    const state = await cellState(redis, cell);
    if (!state) return sendProblem(reply, cellUnknown());
    if ((await countAttempt(redis, `export:${nameOf(by)}`, 3600)) > exportsMax) return sendProblem(reply, new Problem('tries_exceeded'));
    const bytes = await desk.people({ ...sent, cell, by: nameOf(by), at: new Date().toISOString() });
    if (bytes === 'erased') return sendProblem(reply, new Problem('person_gone'));
    if (!(await takeForPerson(reply, system, 'recordReveal', { what: 'export', ...cell, count: state.residents, reason: sent.reason }, nameOf(by)))) return reply;
    return reply
      .header('content-type', desk.mediaTypes[sent.format])
      .header('content-disposition', `attachment; filename="people-${cell.round}-${cell.area}.${sent.format}"`)
      .header('x-content-type-options', 'nosniff')
      .header('cache-control', 'no-store')
      .send(Readable.from(bytes));
  });
}

export function forgetRoute(app: FastifyInstance, { redis, system, vault }: PeopleParts & { vault: Vault }): void {
  const read = reader(forgetBody);

  /** The other of two administrators, who has confirmed with card and PIN. */
  const secondOf = async (request: FastifyRequest): Promise<string | undefined> => {
    const second = request.badges.find(({ kind }) => kind === 'person')?.second;
    const account = second && second.until > Date.now() ? await system.account(second.account) : undefined;
    return account?.state === 'active' && account.grants.some(({ role }) => role === 'administrator') ? account.account : undefined;
  };

  app.post('/api/rounds/:round/forget', documented({
    name: 'forgetRound', tag: 'people', summary: '销毁个人信息 Destroy the keys of a closed round: its people can be read by nobody any more, in archives and copies too; the counts stay. Needs two administrators.',
    params: roundParams, body: forgetBody, may: { read: 'forget' }, replies: { 200: { type: 'object', additionalProperties: true } },
  }), async (request, reply) => {
    const params = roundParams.safeParse(request.params);
    const sent = read(reply, request.body);
    if (!sent) return reply;
    const by = request.badges.find((badge) => badge.kind !== 'device' && badgeMayRead(badge, 'forget', {}));
    if (!params.success || isSystemCell({ ...params.data, area: '' }) || !by) return sendProblem(reply, new Problem('nothing_there'));
    const secondBy = by.kind === 'tool' ? 'tool' : await secondOf(request);
    if (!secondBy) return sendProblem(reply, new Problem('second_person_needed'));
    const { round } = params.data;
    const cells = (await openedCells(redis)).filter((cell) => cell.round === round);
    const states = await Promise.all(cells.map((cell) => cellState(redis, cell)));
    if (!states.some((state) => state !== undefined)) return sendProblem(reply, cellUnknown());
    if (states.some((state) => state?.state === 'open')) return sendProblem(reply, new Problem('round_open'));
    const count = states.reduce((sum, state) => sum + (state?.residents ?? 0), 0);
    if (!(await takeForPerson(reply, system, 'recordReveal', { what: 'erasure', round, count, reason: sent.reason, secondBy }, nameOf(by)))) return reply;
    await vault.forget(round);
    // Copies made earlier hold the keys still, wrapped by the master key of then.
    return sendJson(reply, { round, erased: count, next: 'npm run swabline -- replace-master-key' });
  });
}
