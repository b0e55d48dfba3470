// How much one device, account or address may ask for: counted here at every request and agreed with the other processes through Redis
// twice a second, so that a request waits for nothing. A limit may so be overrun by half a second's worth, which is no matter: it is
// there against a tablet gone mad and a flood, and what must not be guessed is counted strictly (ledger/passes.ts, attempts).
//
// Whoever shows a badge is counted by it and not by its address: a school's tablets share one router.

import type { Redis } from 'ioredis';
import { addToRates, hidden } from '../ledger/passes.js';

export interface Rate {
  /** Requests in a window. */
  max: number;
  seconds: number;
}

export interface Rates {
  /** Counts one; gives 0, or the seconds after which it is worth asking again. */
  count(what: 'device' | 'account' | 'address', who: string): number;
  close(): void;
}

/** A station takes a swab every 37 seconds; a tablet back from an hour offline sends some hundred records in ten requests. */
export const usualRates: Readonly<Record<'device' | 'account' | 'address', Rate>> = {
  device: { max: 3000, seconds: 60 },
  account: { max: 1200, seconds: 60 },
  address: { max: 300, seconds: 60 },
};

interface Count {
  window: number;
  /** Not yet told to Redis. */
  pending: number;
  /** What all processes together have counted, as last heard. */
  total: number;
}

const agreeMs = 500;
/** Things counted at once; beyond it a flood of addresses would fill the memory, so the oldest are forgotten. */
const countsMax = 50_000;

export function makeRates(redis: Redis, rates: Readonly<Record<'device' | 'account' | 'address', Rate>> = usualRates, now: () => number = Date.now): Rates {
  const counts = new Map<string, Count & { kind: 'device' | 'account' | 'address' }>();
  let agreeing = false;

  async function agree(): Promise<void> {
    if (agreeing) return;
    const told = [...counts].filter(([, { pending }]) => pending > 0).map(([name, count]) => ({ name, count, window: count.window, added: count.pending }));
    if (told.length === 0) {
      forgetOld();
      return;
    }
    agreeing = true;
    for (const { count, added } of told) count.pending -= added;
    try {
      const totals = await addToRates(redis, told.map(({ name, window, added, count }) => ({ what: `${name}:${window}`, added, seconds: rates[count.kind].seconds * 2 })));
      told.forEach(({ count, window }, i) => { if (count.window === window) count.total = totals[i] ?? 0; });
    } catch {
      // Without Redis nothing can be recorded either, so nothing is gained by holding anybody back.
    } finally {
      agreeing = false;
      forgetOld();
    }
  }

  function forgetOld(): void {
    for (const [name, { kind, window }] of counts) if (window < Math.floor(now() / 1000 / rates[kind].seconds)) counts.delete(name);
  }

  const timer = setInterval(() => void agree(), agreeMs);
  timer.unref();

  return {
    count(kind, who) {
      const { max, seconds } = rates[kind];
      const at = now() / 1000;
      const window = Math.floor(at / seconds);
      const name = `${kind}:${kind === 'address' ? hidden(who) : who}`;
      let count = counts.get(name);
      if (!count || count.window !== window) {
        if (counts.size >= countsMax) counts.delete(counts.keys().next().value as string);
        count = { kind, window, pending: 0, total: 0 };
        counts.set(name, count);
      }
      count.pending++;
      return count.total + count.pending <= max ? 0 : Math.max(1, Math.ceil((window + 1) * seconds - at));
    },
    close: () => clearInterval(timer),
  };
}
