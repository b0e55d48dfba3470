// The queue's data goes away, as it may: it is not the record.

import type { Redis } from 'ioredis';
import { queuePrefix } from '../../src/ledger/keys.js';

/** Keys of BullMQ and of the dispatcher are deleted as an operator would who has had enough of them. */
export async function loseQueue(redis: Redis): Promise<void> {
  for (let cursor = '0', first = true; first || cursor !== '0'; first = false) {
    const [next, keys] = await redis.scan(cursor, 'MATCH', `${queuePrefix}:*`, 'COUNT', 1000);
    if (keys.length > 0) await redis.del(...keys);
    cursor = next;
  }
}
