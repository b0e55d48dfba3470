// Who answers for results that come many at a time, in a file or from an instrument: judged like anybody who records a single one, before
// anything of them is read.

import type { FastifyRequest } from 'fastify';
import type { CellName, StepRequest } from '../domain/requests.js';
import { badgeMayRead } from './badge.js';
import { surelyJudged, signed, type Vaulted } from './incoming.js';
import { Problem } from './problems.js';

export interface ResultSender {
  /** Under whose name the record is spoken to. */
  device: string;
  by?: string | undefined;
}

/** `by` and `secondBy` are what was sent: a staff card, where a device sends; a person's own name stands for itself. */
export async function resultSender(
  parts: Pick<Vaulted, 'surroundings'>, request: FastifyRequest, cell: CellName, { by, secondBy }: { by?: string | undefined; secondBy?: string | undefined },
): Promise<ResultSender | Problem> {
  const may = request.badges?.filter((badge) => badgeMayRead(badge, 'results', cell)) ?? [];
  // On a paired screen somebody may be signed in: then it is they who send.
  const badge = may.find(({ kind }) => kind === 'person') ?? may[0];
  if (request.badges && !badge) return new Problem('not_allowed');
  const like = signed({ number: 1, step: 'recordResult', mode: 'ask', claimedAt: Date.now(), by, body: { secondBy } } as StepRequest, badge);
  const verdict = await surelyJudged(parts, cell, badge, like, 0);
  if (verdict !== 'yes') return new Problem(verdict);
  return { device: badge?.device || 'import', by: like.by };
}
