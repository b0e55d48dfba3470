// Several people at once as a list shows them: masked, and only those whose entry is certainly their own.

import { setImmediate as turn } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import type { CellName } from '../domain/requests.js';
import { residentsByIndex, sealedOfMany } from '../ledger/sealed.js';
import { type MaskedPerson, masked } from '../vault/masked.js';
import { openPerson, type Person } from '../vault/people.js';
import { SealFault } from '../vault/sealing.js';
import type { RoundVault } from '../vault/vault.js';

/** Entries opened in one go. */
const openedAtOnce = 200;

/** The people behind these residents' numbers, opened; whose entry does not open, or was moved, is left out and told to `broken`. */
export async function peopleOf(redis: Redis, vault: RoundVault, cell: CellName, residents: readonly number[], broken: (resident: number) => void = () => {}): Promise<Map<number, Person>> {
  const sealed = await sealedOfMany(redis, cell, residents);
  const opened: { resident: number; index: string; person: Person }[] = [];
  for (const [i, entry] of sealed.entries()) {
    const resident = residents[i] as number;
    // A page of a roster takes tens of milliseconds: swabs are served in between.
    if (i % openedAtOnce === openedAtOnce - 1) await turn();
    if (entry === undefined) continue;
    try {
      opened.push({ resident, ...openPerson(vault, cell.area, entry) });
    } catch (fault) {
      if (!(fault instanceof SealFault)) throw fault;
      broken(resident);
    }
  }
  const owners = await residentsByIndex(redis, cell, opened.map(({ index }) => index));
  const people = new Map<number, Person>();
  for (const [i, { resident, person }] of opened.entries()) {
    // An entry moved together with its index would go unnoticed otherwise. Somebody without a document has no index.
    if (owners[i] === undefined || owners[i] === resident) people.set(resident, person);
    else broken(resident);
  }
  return people;
}

/** The same, masked. */
export async function maskedPeople(redis: Redis, vault: RoundVault, cell: CellName, residents: readonly number[], broken?: (resident: number) => void): Promise<Map<number, MaskedPerson>> {
  const people = await peopleOf(redis, vault, cell, residents, broken);
  return new Map([...people].map(([resident, person]) => [resident, masked(person)]));
}
