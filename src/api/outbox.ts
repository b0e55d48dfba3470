// A device's outbox: up to 200 records in order, one answer each. The envelope is good or bad as a whole; a bad record spoils no other.

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { cellAddress, cellOf, cellParams, cellUnknown } from './cells.js';
import { sentenceOf } from './checks.js';
import { documented, receiptSchema } from './documented.js';
import type { Door } from './door.js';
import { doorSteps, outboxCheck, outboxEnvelope, outboxMax, prepare, recordSchemas } from './incoming.js';
import { Problem, sendProblem } from './problems.js';
import { receiptOnWire } from './replies.js';
import { senderOf } from './sender.js';

/** As it is documented: each record one of the steps. */
const described = outboxEnvelope.extend({
  requests: z.array(z.discriminatedUnion('step', doorSteps.map((step) => recordSchemas[step]) as unknown as [z.ZodObject, ...z.ZodObject[]])).max(outboxMax),
});

export function outboxRoute(app: FastifyInstance, door: Door): void {
  const options = documented({
    name: 'outbox', tag: 'devices', summary: '提交本机记录 A device hands in its records, in order; each gets its answer.',
    description: `0 to ${outboxMax} records, at most 256 kB. None is a sign of life. A record that cannot be read is quarantined under its number and does not hold up those behind it.`,
    params: cellParams, body: described, may: { read: 'outbox' }, replies: { 200: receiptSchema },
  });
  app.post(`${cellAddress}/outbox`, options, async (request, reply) => {
    const cell = cellOf(request);
    if (!cell) return sendProblem(reply, cellUnknown());
    if (request.body === undefined) return sendProblem(reply, new Problem('no_content'));
    const checked = outboxCheck(request.body);
    if (!checked.ok) return sendProblem(reply, new Problem('content_invalid', { faults: checked.faults }, sentenceOf(checked.faults)));
    if (checked.value.requests.length > outboxMax) return sendProblem(reply, new Problem('outbox_too_long', { max: outboxMax }));

    const { parcel, local } = await prepare(door, cell, { ...checked.value, ...senderOf(request, checked.value) });
    const receipt = await door.take(cell, parcel);
    return reply.header('content-type', 'application/json; charset=utf-8').send(JSON.stringify(receiptOnWire(receipt, local)));
  });
}
