// What people would build instead: the same swab job behind the same Fastify route, each as a competent engineer would write it.
//
// The job: a repeated request id hears the first answer; the resident is on the roster and not yet sampled; the tube is open and has
// room; the resident, the tube's member, the counts of tube, village and round, and an event are written; the tenth member seals.

import { Queue, QueueEvents, Worker } from 'bullmq';
import { Redis } from 'ioredis';

/** A swab as the route gives it. */
export interface Swab {
  device: string;
  number: number;
  claimedAt: number;
  resident: string;
  tube: string;
}

export interface SwabAnswer {
  outcome: 'applied' | 'refused';
  count: number;
  sealed: boolean;
}

export interface Peer {
  /** Puts `residents` people on the roster and opens the tubes, away from the clock. */
  prepare(residents: number, tubes: readonly string[]): Promise<void>;
  take(swab: Swab): Promise<SwabAnswer>;
  /** Waits until everything accepted is done (queues). */
  settled(): Promise<void>;
  /** Swabs recorded, people sampled, the fullest tube. */
  check(): Promise<{ swabs: number; sampled: number; fullest: number }>;
  close(): Promise<void>;
}

const size = 10;
const connect = (url: string) => new Redis(url, { maxRetriesPerRequest: null });
const refused: SwabAnswer = { outcome: 'refused', count: 0, sealed: false };

async function prepareHashes(redis: Redis, residents: number, tubes: readonly string[]): Promise<void> {
  for (let at = 0; at < Math.max(residents, tubes.length); at += 1000) {
    const pipe = redis.pipeline();
    for (let i = at; i < at + 1000; i++) {
      if (i < residents) pipe.hset(`resident:${i + 1}`, 'state', 'expected', 'village', i % 35);
      if (i < tubes.length) pipe.hset(`tube:${tubes[i]}`, 'state', 'open', 'count', 0);
    }
    await pipe.exec();
  }
}

async function checkHashes(redis: Redis): Promise<{ swabs: number; sampled: number; fullest: number }> {
  let fullest = 0;
  for (let cursor = '0'; ; ) {
    const [next, keys] = await redis.scan(cursor, 'MATCH', 'tube:*:members', 'COUNT', 1000);
    const pipe = redis.pipeline();
    for (const key of keys) pipe.scard(key);
    for (const [, members] of (await pipe.exec()) ?? []) fullest = Math.max(fullest, members as number);
    cursor = next;
    if (cursor === '0') break;
  }
  return { swabs: await redis.xlen('events'), sampled: Number(await redis.hget('counts', 'round')), fullest };
}

/** Separate round trips: claim the resident with HSETNX, take a place with HINCRBY, undo on overflow, then write what follows in one pipeline. */
export function roundTrips(url: string): Peer {
  const redis = connect(url);
  return {
    prepare: (residents, tubes) => prepareHashes(redis, residents, tubes),
    async take({ device, number, claimedAt, resident, tube }) {
      const id = `answer:${device}:${number}`;
      const before = await redis.get(id);
      if (before) return JSON.parse(before) as SwabAnswer;
      const [person, state] = await Promise.all([redis.hgetall(`resident:${resident}`), redis.hget(`tube:${tube}`, 'state')]);
      if (person['state'] === undefined || state !== 'open') return refused;
      if ((await redis.hsetnx(`resident:${resident}`, 'tube', tube)) === 0) return refused;
      const count = await redis.hincrby(`tube:${tube}`, 'count', 1);
      if (count > size) {
        await Promise.all([redis.hincrby(`tube:${tube}`, 'count', -1), redis.hdel(`resident:${resident}`, 'tube')]);
        return refused;
      }
      const answer: SwabAnswer = { outcome: 'applied', count, sealed: count === size };
      const pipe = redis.pipeline().sadd(`tube:${tube}:members`, resident).hset(`resident:${resident}`, 'state', 'sampled', 'at', claimedAt);
      pipe.hincrby('counts', 'round', 1).hincrby('counts', `village:${person['village']}`, 1);
      pipe.xadd('events', '*', 'kind', 'swab', 'resident', resident, 'tube', tube, 'count', count, 'device', device, 'number', number);
      if (answer.sealed) pipe.hset(`tube:${tube}`, 'state', 'sealed');
      await pipe.set(id, JSON.stringify(answer)).exec();
      return answer;
    },
    settled: async () => undefined,
    check: () => checkHashes(redis),
    close: async () => redis.disconnect(),
  };
}

/** Optimistic locking: WATCH the resident and the tube, read, MULTI; a lost race tries again. Fifty connections, as WATCH needs one each. */
export function watchMulti(url: string): Peer {
  const pool = Array.from({ length: 50 }, () => connect(url));
  const free = [...pool];
  const waiting: ((redis: Redis) => void)[] = [];
  const borrow = () => {
    const redis = free.pop();
    return redis ? Promise.resolve(redis) : new Promise<Redis>((resolve) => waiting.push(resolve));
  };
  const giveBack = (redis: Redis) => {
    const next = waiting.shift();
    if (next) next(redis);
    else free.push(redis);
  };
  const first = pool[0] as Redis;
  return {
    prepare: (residents, tubes) => prepareHashes(first, residents, tubes),
    async take({ device, number, claimedAt, resident, tube }) {
      const redis = await borrow();
      const id = `answer:${device}:${number}`;
      try {
        for (;;) {
          await redis.watch(`resident:${resident}`, `tube:${tube}`, id);
          const [before, person, vial] = await Promise.all([redis.get(id), redis.hgetall(`resident:${resident}`), redis.hgetall(`tube:${tube}`)]);
          if (before || person['state'] !== 'expected' || vial['state'] !== 'open') {
            await redis.unwatch();
            return before ? (JSON.parse(before) as SwabAnswer) : refused;
          }
          const count = Number(vial['count']) + 1;
          const answer: SwabAnswer = { outcome: 'applied', count, sealed: count === size };
          const multi = redis.multi().hset(`resident:${resident}`, 'state', 'sampled', 'tube', tube, 'at', claimedAt);
          multi.hset(`tube:${tube}`, 'count', count, 'state', answer.sealed ? 'sealed' : 'open').sadd(`tube:${tube}:members`, resident);
          multi.hincrby('counts', 'round', 1).hincrby('counts', `village:${person['village']}`, 1);
          multi.xadd('events', '*', 'kind', 'swab', 'resident', resident, 'tube', tube, 'count', count, 'device', device, 'number', number);
          if (await multi.set(id, JSON.stringify(answer)).exec()) return answer;
        }
      } finally {
        giveBack(redis);
      }
    },
    settled: async () => undefined,
    check: () => checkHashes(first),
    close: async () => pool.forEach((redis) => redis.disconnect()),
  };
}

/** A BullMQ job per swab: the route adds it, a worker does the separate round trips. The route's answer only says "queued". */
export function bullmq(url: string): Peer {
  const connection = connect(url);
  const inner = roundTrips(url);
  const queue = new Queue<Swab>('swabs', { connection });
  const workerConnection = connect(url);
  const eventsConnection = connect(url);
  const worker = new Worker<Swab>('swabs', async ({ data }) => inner.take(data), { connection: workerConnection, concurrency: 64, removeOnComplete: { count: 1000 } });
  const events = new QueueEvents('swabs', { connection: eventsConnection });
  return {
    prepare: inner.prepare,
    async take(swab) {
      await queue.add('swab', swab, { jobId: `${swab.device}-${swab.number}` });
      return { outcome: 'applied', count: 0, sealed: false };
    },
    async settled() {
      for (;;) {
        const { waiting = 0, active = 0 } = await queue.getJobCounts('waiting', 'active');
        if (waiting + active === 0) return;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    check: inner.check,
    async close() {
      await worker.close(true);
      await events.close();
      await queue.close();
      for (const redis of [connection, workerConnection, eventsConnection]) redis.disconnect();
      await inner.close();
    },
  };
}
