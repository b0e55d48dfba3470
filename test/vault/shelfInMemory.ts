// A shelf for tests of the vault alone; the real one is the record's.

import type { KeyShelf } from '../../src/vault/vault.js';

export function shelfInMemory(): KeyShelf {
  const held = new Map<string, string>();
  return {
    get: async (round) => held.get(round) ?? null,
    put: async (round, wrapped, instead) => {
      if ((held.get(round) ?? null) === instead) held.set(round, wrapped);
      return held.get(round) ?? wrapped;
    },
    rounds: async () => [...held.keys()],
  };
}
