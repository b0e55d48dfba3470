// Who speaks: the one place where the sender of requests is established, for all three doors (a step alone, an outbox, a frame on a
// socket). It is asked for every outbox and every frame, so it must not wait for anything.

import type { FastifyRequest } from 'fastify';
import type { Badge } from './badge.js';
import { ProblemThrown } from './faults.js';
import { Problem } from './problems.js';

/** A device with the age of its storage, as the record knows it. */
export interface Sender {
  device: string;
  epoch: string;
  /** What its records are judged by. */
  badge?: Badge | undefined;
}

/**
 * `request` is the HTTP request, or the one a socket was opened with; `claimed` is what the envelope says. Nobody speaks in another
 * device's name. Throws ProblemThrown.
 */
export function senderOf(request: FastifyRequest, { device, epoch }: Sender): Sender {
  const badge = request.badges?.find((badge) => badge.device === device || (badge.kind === 'tool' && device !== 'service'));
  if (!badge && request.badges) throw new ProblemThrown(new Problem('device_differs'));
  return { device, epoch, badge };
}
