// Is the process alive, and may it be sent work? For whoever watches over it: a container's health check, a load balancer.

import type { FastifyInstance } from 'fastify';
import type { Ledger } from '../ledger/ledger.js';
import { judge, type RedisJudgement } from '../ledger/redis.js';
import { documented } from './documented.js';
import { faultOf } from './faults.js';
import { Problem, sendProblem } from './problems.js';

/** Asked more often than this, the last answer is given again: a health check must not become load. */
const keptMs = 1000;
/** A Redis that does not answer a look for this long is away as far as a load balancer is concerned. */
const patienceMs = 3000;

const answer = { type: 'object', properties: { ok: { type: 'boolean' } } };

export function healthRoutes(app: FastifyInstance, { ledger, log }: { ledger: Ledger; log: { warn(detail: object, message: string): void } }): void {
  let last: { at: number; look: Promise<RedisJudgement> } | undefined;

  /** Redis answers, can do what we need, and holds our functions. */
  async function look(): Promise<RedisJudgement> {
    const found = await judge(ledger.redis);
    await ledger.load();
    return found;
  }

  app.get('/healthz', documented({ name: 'healthz', tag: 'health', may: 'anybody', summary: '进程在运行 The process is alive.', replies: { 200: answer } }), async () => ({ ok: true }));

  app.get('/readyz', documented({ name: 'readyz', tag: 'health', may: 'anybody', summary: '可以接受请求 Redis answers, keeps what it is given, and holds the functions.', replies: { 200: answer } }), async (_request, reply) => {
    const now = Date.now();
    if (!last || now - last.at > keptMs) last = { at: now, look: within(patienceMs, look()) };
    try {
      const { version, problems, warnings } = await last.look;
      if (problems.length > 0) return sendProblem(reply, new Problem('not_ready', { problems }));
      return { ok: true, redis: version, warnings };
    } catch (fault) {
      log.warn(faultOf(fault), 'not ready');
      return sendProblem(reply, new Problem('not_ready'));
    }
  });
}

async function within<Value>(ms: number, work: Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => { timer = setTimeout(() => reject(new Error('Command timed out')), ms); });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
