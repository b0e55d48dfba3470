// Where the vault's wrapped keys are kept: in the system's own cell, apart from the rounds they belong to, so that an archive of a
// round never holds them. The vault says what a shelf must do; this is that, in Redis.

import type { Ledger } from './ledger.js';
import { systemKeys } from './keys.js';

/** A shelf of wrapped round keys, as the vault asks for it. */
export function keyShelf({ redis, library, load }: Ledger) {
  const swap = (round: string, wrapped: string, instead: string) =>
    redis.call('FCALL', library.swap, 1, systemKeys.roundKeys, round, wrapped, instead) as Promise<string>;
  return {
    get: (round: string): Promise<string | null> => redis.hget(systemKeys.roundKeys, round),
    async put(round: string, wrapped: string, instead: string | null): Promise<string> {
      try {
        return await swap(round, wrapped, instead ?? '');
      } catch (fault) {
        if (!/Function not found/.test((fault as Error).message)) throw fault;
        await load();
        return swap(round, wrapped, instead ?? '');
      }
    },
    rounds: (): Promise<string[]> => redis.hkeys(systemKeys.roundKeys),
  };
}
