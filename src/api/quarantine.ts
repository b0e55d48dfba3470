// Records nobody could read. Which they are is a read; what one holds may be anything, also a person, so opening it is a look in clear:
// by a person with a name, for a reason, on record first.

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { identifier } from '../domain/fields.js';
import { bodies } from '../domain/requests.js';
import { countAttempt } from '../ledger/passes.js';
import { quarantined, quarantineList } from '../ledger/quarantine.js';
import { cellState } from '../ledger/reads.js';
import { SealFault } from '../vault/sealing.js';
import { cellAddress, cellOf, cellParams, cellUnknown } from './cells.js';
import type { PeopleParts } from './devices.js';
import { documented } from './documented.js';
import type { Door } from './door.js';
import { quarantineOwner } from './incoming.js';
import { lookingPerson, revealsMax } from './persons.js';
import { Problem, sendProblem } from './problems.js';
import { entry, listOf, page, place, readsOf } from './reading.js';
import { nameOf, reader, sendJson, takeForPerson } from './systemSteps.js';

const params = cellParams.extend({ device: identifier, epoch: identifier, number: z.string().regex(/^[1-9][0-9]{0,9}$/) });
const { reason } = bodies.recordReveal.shape;
const revealBody = z.strictObject({ reason });

export function quarantineRoutes(app: FastifyInstance, door: Door, { redis, system }: PeopleParts): void {
  const { add } = readsOf(app, door);
  const read = reader(revealBody);

  add({
    path: '/quarantine', name: 'quarantine', may: 'quarantine', summary: '待人工处理的记录 Records nobody could read that wait for a person, oldest first: whose, which number, what was wrong.',
    query: z.strictObject({ from: place(0), count: page(500, 200) }), reply: listOf('records', { total: { type: 'integer' } }),
    async read(cell, { from, count }) {
      return (await cellState(redis, cell)) && quarantineList(redis, cell, from, count);
    },
  });

  app.post(`${cellAddress}/quarantine/:device/:epoch/:number/reveal`, documented({
    name: 'revealQuarantined', tag: 'people', summary: '查看待处理记录 What a record nobody could read holds, in clear, for a reason. The look is on record before anything is shown.',
    params, body: revealBody, may: { read: 'reveal' }, replies: { 200: entry },
  }), async (request, reply) => {
    const cell = cellOf(request);
    if (!cell) return sendProblem(reply, cellUnknown());
    const asked = params.safeParse(request.params);
    const sent = read(reply, request.body);
    if (!sent) return reply;
    const by = lookingPerson(request);
    if (!by) return sendProblem(reply, new Problem('not_allowed'));
    const { device, epoch, number } = asked.success ? { ...asked.data, number: Number(asked.data.number) } : { device: '', epoch: '', number: 0 };
    const found = asked.success ? await quarantined(redis, cell, device, epoch, number) : undefined;
    if (!found) return sendProblem(reply, (await cellState(redis, cell)) ? new Problem('nothing_there') : cellUnknown());
    const vault = await door.vault.round(cell.round);
    if (vault === 'erased') return sendProblem(reply, new Problem('person_gone'));
    const { ciphertext, ...told } = found;
    let record: unknown;
    try {
      record = JSON.parse(vault.openBytes('quarantine', { area: cell.area, owner: quarantineOwner({ device, epoch }, number) }, ciphertext).toString('utf8'));
    } catch (fault) {
      if (!(fault instanceof SealFault)) throw fault;
      door.fault({ cell: `${cell.round}:${cell.area}`, device, epoch, number }, 'a quarantined record was changed or moved, and does not open');
      return sendProblem(reply, new Problem('entry_broken'));
    }
    if (by.kind === 'person' && (await countAttempt(redis, `reveal:${by.account}`, 3600)) > revealsMax) return sendProblem(reply, new Problem('tries_exceeded'));
    const recorded = await takeForPerson(reply, system, 'recordReveal', { what: 'quarantined', round: cell.round, area: cell.area, reason: sent.reason }, nameOf(by));
    return recorded ? sendJson(reply, { ...told, record }) : reply;
  });
}
