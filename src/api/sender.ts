// Who speaks: the one place where the sender of requests is established, for all three doors (a step alone, an outbox, a frame on a
// socket). It is asked for every outbox and every frame, so it must not wait for anything.

import type { FastifyRequest } from 'fastify';

/** A device with the age of its storage, as the record knows it. */
export interface Sender {
  device: string;
  epoch: string;
}

/** `request` is the HTTP request, or the one a socket was opened with; `claimed` is what the envelope says. */
export function senderOf(_request: FastifyRequest, claimed: Sender): Sender {
  return claimed;
}
