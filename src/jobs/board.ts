// The state of the queues, for administrators: how many jobs wait, run, have failed, and why the last failed ones did. Job data carries ids
// only and is not shown all the same.

import type { Job, Queue } from 'bullmq';
import type { FastifyInstance } from 'fastify';

export interface QueueState {
  queue: string;
  counts: Record<string, number>;
  failed: { job: string; name: string; attempts: number; reason: string; at: number | undefined }[];
}

const failedMax = 20;

export async function queueState(queue: Queue): Promise<QueueState> {
  const [counts, failed] = await Promise.all([queue.getJobCounts('waiting', 'active', 'delayed', 'failed', 'completed'), queue.getFailed(0, failedMax - 1)]);
  return { queue: queue.name, counts, failed: failed.filter(Boolean).map(toFailed) };
}

/** The reason's first line: a stack trace is for the log. */
const toFailed = ({ id = '', name, attemptsMade, failedReason = '', finishedOn }: Job): QueueState['failed'][number] => ({
  job: id, name, attempts: attemptsMade, reason: failedReason.split('\n')[0]?.slice(0, 200) ?? '', at: finishedOn,
});

/** GET /api/queues. */
export function queueBoard(app: FastifyInstance, queues: readonly Queue[]): void {
  app.get('/api/queues', { schema: { hide: true }, config: { may: { read: 'queues' } } }, async (_request, reply) =>
    reply.header('cache-control', 'no-store').send({ queues: await Promise.all(queues.map(queueState)) }));
}
