// Who bears a name, without the name standing anywhere: a keyed hash of each name in memory, under a key derived from the round's, made by
// opening the cell's entries once and afterwards only those that were added.
//
// It is no part of the record: a hash of names kept there would show for ever how many share one, every step that enrols somebody would
// carry it, and rounds that are running would not have it. It is gone with the process, and with the keys of the round.

import { createHmac } from 'node:crypto';
import { setImmediate as breathe } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { comparedName } from '../domain/names.js';
import type { CellName } from '../domain/requests.js';
import { headsOf } from '../ledger/presence.js';
import { cellState } from '../ledger/reads.js';
import type { RoundVault } from '../vault/vault.js';
import { peopleOf } from './maskedPeople.js';

export interface NameIndex {
  /** Numbers of the residents whose name may be this one, in order; whoever shows them opens them, and compares. */
  find(vault: RoundVault, cell: CellName, name: string): Promise<number[]>;
  /** Lets go of a cell's hashes: its people are gone. */
  drop(cell: CellName): void;
}

interface Known {
  /** Of the record it was made from: another value, and it is made anew. */
  dataEpoch: string;
  key: Buffer;
  /** Residents up to this number are in it. */
  upTo: number;
  byHash: Map<number, number[]>;
  /** Fillings of one cell follow one another. */
  filling: Promise<void>;
}

/** Opened before others get their turn: a few milliseconds. */
const openedAtOnce = 200;
/** A township's hashes are some two megabytes. */
const cellsKept = 100;

export function makeNameIndex(redis: Redis, broken: (cell: CellName, resident: number) => void): NameIndex {
  const cells = new Map<string, Known>();
  const nameOf = ({ round, area }: CellName) => `${round}:${area}`;
  // Six bytes: among 28,000 people two names share a hash once in ten thousand townships, and then both are looked at.
  const hashOf = (key: Buffer, name: string) => createHmac('sha256', key).update(comparedName(name), 'utf8').digest().readUIntBE(0, 6);

  async function fill(known: Known, vault: RoundVault, cell: CellName): Promise<void> {
    const { residents = 0 } = (await cellState(redis, cell)) ?? {};
    while (known.upTo < residents) {
      const some = Array.from({ length: Math.min(openedAtOnce, residents - known.upTo) }, (_, i) => known.upTo + 1 + i);
      for (const [resident, { name }] of await peopleOf(redis, vault, cell, some, (one) => broken(cell, one))) {
        if (comparedName(name) === '') continue;
        const hash = hashOf(known.key, name);
        const there = known.byHash.get(hash);
        if (there) there.push(resident);
        else known.byHash.set(hash, [resident]);
      }
      known.upTo += some.length;
      await breathe();
    }
  }

  return {
    async find(vault, cell, name) {
      if (comparedName(name) === '') return [];
      const dataEpoch = (await headsOf(redis, [cell]))[0]?.dataEpoch ?? '';
      const at = nameOf(cell);
      let known = cells.get(at);
      if (!known || known.dataEpoch !== dataEpoch) known = { dataEpoch, key: vault.derive(['names', cell.area]), upTo: 0, byHash: new Map(), filling: Promise.resolve() };
      // The cell asked for longest ago goes first.
      cells.delete(at);
      cells.set(at, known);
      const [oldest] = cells.keys();
      if (cells.size > cellsKept && oldest !== undefined) cells.delete(oldest);
      const filled = known.filling.then(() => fill(known, vault, cell));
      // A filling that fails is the failure of whoever waits for it, and is tried again by the next.
      known.filling = filled.catch(() => undefined);
      await filled;
      return known.byHash.get(hashOf(known.key, name)) ?? [];
    },
    drop: (cell) => void cells.delete(nameOf(cell)),
  };
}
