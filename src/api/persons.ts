// Personal data, at the one place where it leaves the vault: masked for whoever stands at a table, in clear only for a person whose role
// it is, with a reason, and on record before it is shown. After a round's keys were destroyed everything here answers "erased".

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { judgeDocument, documentProblems } from '../domain/documents.js';
import { bodies, type CellName } from '../domain/requests.js';
import { SealFault } from '../vault/sealing.js';
import type { Vault } from '../vault/vault.js';
import { masked } from '../vault/masked.js';
import { openPerson, type Person } from '../vault/people.js';
import { countAttempt } from '../ledger/passes.js';
import { cellState, residentByIndex } from '../ledger/reads.js';
import { sealedOf, standFor } from '../ledger/sealed.js';
import type { Badge } from './badge.js';
import { cellAddress, cellOf, cellParams, cellUnknown } from './cells.js';
import type { PeopleParts } from './devices.js';
import { documented } from './documented.js';
import { Problem, sendProblem } from './problems.js';
import { documentKinds } from './walkIn.js';
import { nameOf, reader, sendJson, takeForPerson } from './systemSteps.js';

export interface PersonParts extends PeopleParts {
  vault: Vault;
  log: { error(detail: object, message: string): void };
  dayOf(at: number): string;
}

const residentNumber = z.string().regex(/^[1-9][0-9]{0,8}$/);
const params = cellParams.extend({ resident: residentNumber });
const { reason } = bodies.recordReveal.shape;
const revealBody = z.strictObject({ reason });
const searchBody = z.strictObject({ document: z.strictObject({ number: z.string().min(1).max(100), kind: z.enum(documentKinds).optional() }) });
const entry = { type: 'object', additionalProperties: true };

/** Looks in clear of one account in an hour: a team that calls the members of ten positive pools has a hundred. */
export const revealsMax = 120;
/** Searches by document of one badge in a minute: a busy desk has ten. Who may search could otherwise try a county's numbers. */
export const searchesMax = 60;

export type FoundPerson = { ok: true; person: Person } | { ok: false; problem: Problem };

export function personRoutes(app: FastifyInstance, { redis, system, vault, log, dayOf }: PersonParts): void {
  const [readReveal, readSearch] = [reader(revealBody), reader(searchBody)];

  /** The person behind a resident's number, opened. */
  async function personOf(cell: CellName, resident: number): Promise<FoundPerson> {
    const sealed = await sealedOf(redis, cell, resident);
    if (sealed === undefined) return { ok: false, problem: new Problem('nothing_there') };
    const opened = await vault.round(cell.round);
    if (opened === 'erased') return { ok: false, problem: new Problem('person_gone') };
    try {
      const { index, person } = openPerson(opened, cell.area, sealed);
      // A ciphertext moved together with its index opens; that the record knows this index under another number gives it away.
      const owner = await residentByIndex(redis, cell, index);
      if (owner === undefined || owner === resident) return { ok: true, person };
    } catch (fault) {
      if (!(fault instanceof SealFault)) throw fault;
    }
    log.error({ cell: `${cell.round}:${cell.area}`, resident }, 'the entry of a person was changed or moved, and does not open');
    return { ok: false, problem: new Problem('entry_broken') };
  }

  /** Cell and resident of the address; undefined after the problem was sent. */
  function addressed(request: FastifyRequest, reply: FastifyReply): { cell: CellName; resident: number } | undefined {
    const cell = cellOf(request);
    const read = params.safeParse(request.params);
    if (cell && read.success) return { cell, resident: Number(read.data.resident) };
    sendProblem(reply, cell ? new Problem('nothing_there') : cellUnknown());
    return undefined;
  }

  app.get(`${cellAddress}/residents/:resident/person`, documented({
    name: 'maskedPerson', tag: 'people', summary: '脱敏信息 Who a resident is, masked, for recognising them.', params, may: { read: 'person' }, replies: { 200: entry },
  }), async (request, reply) => {
    const asked = addressed(request, reply);
    if (!asked) return reply;
    const found = await personOf(asked.cell, asked.resident);
    return found.ok ? sendJson(reply, { resident: asked.resident, person: masked(found.person) }) : sendProblem(reply, found.problem);
  });

  app.post(`${cellAddress}/residents/:resident/reveal`, documented({
    name: 'revealPerson', tag: 'people', summary: '查看完整信息 Who a resident is, in clear, for a reason. The look is on record before anything is shown.',
    params, body: revealBody, may: { read: 'reveal' }, replies: { 200: entry },
  }), async (request, reply) => {
    const asked = addressed(request, reply);
    const sent = asked && readReveal(reply, request.body);
    if (!asked || !sent) return reply;
    const by = lookingPerson(request);
    if (!by) return sendProblem(reply, new Problem('not_allowed'));
    // Looked for first, so that a look at nobody is not on record as a look at somebody.
    const found = await personOf(asked.cell, asked.resident);
    if (!found.ok) return sendProblem(reply, found.problem);
    if (by.kind === 'person' && (await countAttempt(redis, `reveal:${by.account}`, 3600)) > revealsMax) return sendProblem(reply, new Problem('tries_exceeded'));
    const recorded = await takeForPerson(reply, system, 'recordReveal', { what: 'person', ...asked.cell, resident: asked.resident, reason: sent.reason }, nameOf(by));
    return recorded ? sendJson(reply, { resident: asked.resident, person: found.person }) : reply;
  });

  app.post(`${cellAddress}/residents/search`, documented({
    name: 'searchPerson', tag: 'people', summary: '按证件查人 Which resident has this document; the answer is masked.', params: cellParams, body: searchBody, may: { read: 'search' }, replies: { 200: entry },
  }), async (request, reply) => {
    const cell = cellOf(request);
    if (!cell) return sendProblem(reply, cellUnknown());
    const sent = readSearch(reply, request.body);
    const by = request.badges[0];
    if (!sent || !by) return reply;
    if ((await countAttempt(redis, `search:${nameOf(by)}`, 60)) > searchesMax) return sendProblem(reply, new Problem('too_many'));
    const judged = judgeDocument({ ...sent.document, today: dayOf(Date.now()) });
    if (!judged.ok) {
      return sendProblem(reply, new Problem('document_refused', { path: 'document.number' }, { word: judged.problem, ...documentProblems[judged.problem] }));
    }
    if (!(await cellState(redis, cell))) return sendProblem(reply, cellUnknown());
    const opened = await vault.round(cell.round);
    if (opened === 'erased') return sendProblem(reply, new Problem('person_gone'));
    const listed = judged.identity === null ? undefined : await residentByIndex(redis, cell, opened.indexOf(judged.identity).toString('hex'));
    // The document may be that of an entry which stands for another since they were merged.
    const resident = listed === undefined ? undefined : (await standFor(redis, cell, [listed]))[0];
    const person = lookingPerson(request);
    // A person at a screen may be curious; a tablet reads the card that lies before it.
    if (person?.kind === 'person') {
      const recorded = await takeForPerson(reply, system, 'recordReveal', { what: 'search', ...cell, resident: resident ?? 0, count: resident === undefined ? 0 : 1, reason: 'identity_check' }, nameOf(person));
      if (!recorded) return reply;
    }
    if (resident === undefined) return sendProblem(reply, new Problem('nothing_there'));
    const found = await personOf(cell, resident);
    return found.ok ? sendJson(reply, { resident, person: masked(found.person) }) : sendProblem(reply, found.problem);
  });
}

/** Who looks: a person with a name of their own, never a tablet that several share. */
export const lookingPerson = (request: FastifyRequest): Badge | undefined => request.badges.find(({ kind }) => kind !== 'device');
