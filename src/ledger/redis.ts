// Connections to Redis, and what must be true of the Redis on the other side.

import { Redis } from 'ioredis';

/** What we found on the other side; `problems` stop the start, `warnings` are said once. */
export interface RedisJudgement {
  version: string;
  problems: string[];
  warnings: string[];
}

/**
 * One connection for steps. Autopipelining is off, as a plain FCALL serves a single post best (measured: it cost a third of the
 * throughput). Commands wait for no connection: a tablet keeps its record and tries again, which is better than a queue in memory.
 * ioredis may send a command twice after a broken connection; every step answers a repeat, so this is harmless.
 */
export function connect(url: string, { patient = false } = {}): Redis {
  const options = patient
    ? { maxRetriesPerRequest: null }
    : { maxRetriesPerRequest: 1, enableOfflineQueue: true, commandTimeout: 10_000 };
  const redis = url.startsWith('/') ? new Redis(url, { ...options, lazyConnect: true }) : new Redis(url, { ...options, lazyConnect: true });
  // Without a listener ioredis prints every lost connection to the console; the callers see their own commands fail.
  redis.on('error', () => undefined);
  return redis;
}

/** Reads version, eviction and persistence. Refuses a Redis that evicts; says plainly when one does not keep what it acknowledges. */
export async function judge(redis: Redis): Promise<RedisJudgement> {
  const info = await redis.info();
  const field = (name: string) => new RegExp(`^${name}:(.*)$`, 'm').exec(info)?.[1]?.trim() ?? '';
  const version = field('valkey_version') || field('redis_version');
  const problems: string[] = [];
  const warnings: string[] = [];
  if (Number.parseInt(field('redis_version')) < 7) {
    problems.push(`Redis ${version} has no functions; Swabline needs Redis 7.0 or newer, or Valkey.`);
  }
  const eviction = field('maxmemory_policy');
  if (eviction && eviction !== 'noeviction') {
    problems.push(`This Redis throws records away when memory is short (maxmemory-policy ${eviction}). Set maxmemory-policy noeviction.`);
  }
  if (field('aof_enabled') !== '1') {
    warnings.push('This Redis keeps no append-only file: what it acknowledges is lost when it stops. Set appendonly yes.');
  } else {
    const fsync = await redis.config('GET', 'appendfsync').then((reply) => (reply as string[])[1], () => undefined);
    if (fsync && fsync !== 'always') {
      warnings.push(`This Redis syncs its file ${fsync === 'everysec' ? 'once a second' : 'when the system likes'}: up to seconds of acknowledged records can be lost. Set appendfsync always.`);
    }
  }
  return { version, problems, warnings };
}

/** Which run of the server this is: another one may hold another history (design: dataEpoch). */
export async function runOf(redis: Redis): Promise<string> {
  return /^run_id:(\w+)/m.exec(await redis.info('server'))?.[1]?.slice(0, 8) ?? 'unknown';
}
