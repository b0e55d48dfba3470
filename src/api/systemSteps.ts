// Steps of the system's own cell, asked for by a person at the door: may they, and what does the record say.

import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { BodyInput } from '../domain/requests.js';
import { type Held, mayTake, type Placed } from '../domain/roles.js';
import { refusals } from '../domain/refusals.js';
import type { Answer } from '../ledger/ledger.js';
import type { System, SystemStep } from '../ledger/system.js';
import { type Badge, heldAt } from './badge.js';
import { compileCheck, sentenceOf } from './checks.js';
import { Problem, problemType, sendProblem, typeOf } from './problems.js';
import { refusalStatus, sentencesOf } from './replies.js';

/** Who of those asking may take this step there; undefined: nobody. */
export const whoMay = (request: FastifyRequest, step: SystemStep, thing: Placed): Badge | undefined =>
  request.badges.find((badge) => badge.kind === 'tool' || heldAt(badge, Date.now()).some((held: Held) => mayTake(held, step, thing)));

/** The name that stands in the record. */
export const nameOf = ({ kind, account, device }: Badge): string => (kind === 'tool' ? 'tool' : account || device);

/** Takes the step; gives the applied answer, or undefined after the refusal was sent. */
export async function takeForPerson<S extends SystemStep>(
  reply: FastifyReply, system: System, step: S, body: BodyInput<S>, by: string,
): Promise<Extract<Answer, { outcome: 'applied' }> | undefined> {
  const answer = await system.take(step, body, by);
  if (answer.outcome === 'applied') return answer;
  if (answer.outcome !== 'refused') sendProblem(reply, new Problem('step_failed'));
  else {
    const { word, detail } = answer;
    const status = refusalStatus[word];
    void reply.code(status).header('content-type', problemType).send(JSON.stringify({ type: typeOf(word), title: refusals[word].en, status, word, ...sentencesOf(word), detail }));
  }
  return undefined;
}

/** Reads a body or a query; gives undefined after the problem was sent. */
export function reader<Schema extends z.ZodType>(schema: Schema): (reply: FastifyReply, sent: unknown) => z.output<Schema> | undefined {
  const check = compileCheck(schema);
  return (reply, sent) => {
    if (sent === undefined || sent === null) {
      sendProblem(reply, new Problem('no_content'));
      return undefined;
    }
    const checked = check(sent);
    if (checked.ok) return checked.value;
    sendProblem(reply, new Problem('content_invalid', { faults: checked.faults }, sentenceOf(checked.faults)));
    return undefined;
  };
}

export const sendJson = (reply: FastifyReply, body: object, status = 200): FastifyReply =>
  reply.code(status).header('content-type', 'application/json; charset=utf-8').header('cache-control', 'no-store').send(JSON.stringify(body));
