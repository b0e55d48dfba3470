// One route for each step of the table, sent alone by somebody who waits for the answer. What is wrong with it is said at once, and its
// number is then still free.

import type { FastifyInstance, FastifyReply } from 'fastify';
import type { StepName, StepRequest } from '../domain/requests.js';
import { steps } from '../domain/steps.js';
import type { Answer, Receipt } from '../ledger/ledger.js';
import { cellAddress, cellOf, cellParams, cellUnknown } from './cells.js';
import { compileCheck } from './checks.js';
import { documented, stepReplySchema } from './documented.js';
import type { Door } from './door.js';
import { aheadOf, carried, doorSteps, keysFor, labelsOf, noteSealed, readSingle, sealed, signed, singleSchemas, surelyJudged, waits } from './incoming.js';
import { hasNote } from './notes.js';
import { Problem, problemType, type ProblemWord, sendProblem } from './problems.js';
import { answerOnWire, receiptHead, refusalOnWire, refusalStatus, refusedRetryAfter } from './replies.js';
import { senderOf } from './sender.js';

export const stepAddress = (step: StepName): string => `${cellAddress}/steps/${step}`;

/** Bytes of a body, where a step carries lists longer than an outbox may be: a whole round's villages, 500 residents. */
const bodyLimits: Partial<Record<StepName, number>> = { openRound: 4 << 20, enrolResidents: 4 << 20 };

export function stepRoutes(app: FastifyInstance, door: Door): void {
  for (const step of doorSteps) {
    const check = compileCheck(singleSchemas[step]);
    const limit = bodyLimits[step];
    const take = waits(step) ? door.take : door.gather;
    const options = documented({
      name: step, tag: steps[step].place, summary: `${steps[step].doesZh} ${steps[step].does}`,
      description: `Refuses: ${steps[step].refuses.map((word) => `${word} (${refusalStatus[word]})`).join(', ') || 'nothing'}. Records: ${steps[step].events.join(', ')}.`,
      params: cellParams, body: singleSchemas[step], may: { step }, replies: { 200: stepReplySchema },
    });
    app.post(stepAddress(step), { ...options, ...(limit ? { bodyLimit: limit } : {}) }, async (request, reply) => {
      const cell = cellOf(request);
      if (!cell) return sendProblem(reply, cellUnknown());
      if (request.body === undefined) return sendProblem(reply, new Problem('no_content'));
      let read = readSingle(step, request.body, check, door.dayOf);
      if ('malformed' in read && read.malformed.body.word === 'code_mistaken') read = readSingle(step, request.body, check, door.dayOf, await labelsOf(door, cell));
      if ('malformed' in read) return sendProblem(reply, read.malformed);

      const sent = ('walkIn' in read ? read.walkIn : read) as StepRequest & { device: string; epoch: string; now?: number; assigned?: number };
      const { device, epoch, badge } = senderOf(request, sent);
      const { number, mode, claimedAt, by, body, now, assigned } = sent;
      let taken: StepRequest = signed({ number, step, mode, claimedAt, by, body }, badge);
      const verdict = await surelyJudged(door, cell, badge, taken, aheadOf(now));
      if (verdict !== 'yes') return sendProblem(reply, new Problem(verdict));
      if ('walkIn' in read || hasNote(taken)) {
        const kept = 'walkIn' in read ? await sealed(door, cell, { device, epoch }, { ...taken, body: read.walkIn.body }) : await noteSealed(door, cell, taken);
        if ('outcome' in kept) return kept.outcome === 'refused' ? sendProblem(reply, cellUnknown()) : sendProblem(reply, new Problem(kept.word as ProblemWord));
        taken = kept;
      } else if (step === 'carryRecords') {
        const kept = await carried(door, cell, taken);
        if ('malformed' in kept) return sendProblem(reply, kept.malformed);
        if ('outcome' in kept) return kept.outcome === 'refused' ? sendProblem(reply, cellUnknown()) : sendProblem(reply, new Problem(kept.word as ProblemWord));
        taken = kept;
      } else if (step === 'openRound') {
        const erased = await keysFor(door, cell, number);
        if (erased) return sendProblem(reply, new Problem('person_erased'));
      }
      return sendStep(reply, await take(cell, { device, epoch, now, assigned, requests: [taken] }));
    });
  }
}

function sendStep(reply: FastifyReply, receipt: Receipt): FastifyReply {
  const answer = receipt.answers[0] as Answer;
  if (answer.outcome === 'refused') {
    const body = refusalOnWire(receipt, answer);
    if (body.status === 503) reply.header('retry-after', refusedRetryAfter);
    return reply.code(body.status).header('content-type', problemType).send(JSON.stringify(body));
  }
  if (answer.outcome === 'fault') {
    const { body } = new Problem('step_failed');
    return reply.code(body.status).header('content-type', problemType).send(JSON.stringify({ ...body, ...receiptHead(receipt) }));
  }
  return reply.header('content-type', 'application/json; charset=utf-8').send(JSON.stringify({ ...receiptHead(receipt), answer: answerOnWire(answer) }));
}
