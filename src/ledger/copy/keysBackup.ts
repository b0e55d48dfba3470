// What opens things, backed up apart from the archive: the wrapped keys of the rounds, and the hashes of passwords and PINs. Whoever has
// the archive alone can read nobody and guess nothing; whoever has this file alone has nobody to read. It is of no use without the master
// key, which is copied by hand.

import type { Redis } from 'ioredis';
import { systemCell } from '../../domain/requests.js';
import { hiddenArgument } from '../arguments.js';
import { decode, encode, type Fields, type Value } from '../codec.js';
import { keyOf, systemKeys } from '../keys.js';
import * as records from '../records.js';

export interface KeysBackup {
  is: 'keys of Swabline';
  version: 1;
  /** Round > its wrapped keys, as they stand on the shelf. */
  rounds: Record<string, string>;
  accounts: Record<string, { password: string; pin: string }>;
  /** Counters of printed codes, so that none is given twice. */
  serials: Record<string, string>;
}

/** The file is no backup of keys. */
export class NotABackup extends Error {
  override name = 'NotABackup';
}

const isAccount = (field: string): boolean => !/^card:|^#/.test(field);
const sorted = <Value>(entries: [string, Value][]): Record<string, Value> => Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));

/** Everything of the kind, as it stands now. */
export async function readKeys(redis: Redis): Promise<KeysBackup> {
  const [rounds, accounts, serials] = await Promise.all([redis.hgetall(systemKeys.roundKeys), redis.hgetallBuffer(keyOf(systemCell, 'accounts')), redis.hgetall(systemKeys.serials)]);
  return {
    is: 'keys of Swabline', version: 1, rounds: sorted(Object.entries(rounds)), serials: sorted(Object.entries(serials)),
    accounts: sorted(Object.entries(accounts).filter(([field]) => isAccount(field)).map(([name, bytes]) => {
      const { password, pin } = decode(records.account as Fields, bytes as Buffer).values as Record<string, string>;
      return [name, { password: password ?? '', pin: pin ?? '' }];
    })),
  };
}

/** @throws NotABackup */
export function parseKeys(text: string): KeysBackup {
  let read: Partial<KeysBackup> | undefined;
  try {
    read = JSON.parse(text) as Partial<KeysBackup>;
  } catch {
    // Said below.
  }
  if (read?.is !== 'keys of Swabline' || read.version !== 1 || !read.rounds || !read.accounts || !read.serials) throw new NotABackup('This file is no backup of the keys of Swabline.');
  return read as KeysBackup;
}

/**
 * Puts keys back into a record that was rebuilt and serves nobody yet. Nothing that is there is replaced. The keys of a round that was
 * erased stay away: a backup made before that still holds them. Gives how many rounds and accounts were given back what they had.
 */
export async function restoreKeys(redis: Redis, backup: KeysBackup, erased: ReadonlySet<string>): Promise<{ rounds: number; accounts: number }> {
  let rounds = 0;
  for (const [round, wrapped] of Object.entries(backup.rounds)) {
    if (erased.has(round)) await redis.hset(systemKeys.roundKeys, round, wrapped.startsWith('erased.') ? wrapped : `erased.${Date.now()}`);
    else rounds += await redis.hsetnx(systemKeys.roundKeys, round, wrapped);
  }
  for (const [field, serial] of Object.entries(backup.serials)) {
    const there = Number((await redis.hget(systemKeys.serials, field)) ?? 0);
    if (Number(serial) > there) await redis.hset(systemKeys.serials, field, serial);
  }
  let accounts = 0;
  const key = keyOf(systemCell, 'accounts');
  for (const [name, { password, pin }] of Object.entries(backup.accounts)) {
    const bytes = await redis.hgetBuffer(key, name);
    if (!bytes || !isAccount(name)) continue;
    const values = decode(records.account as Fields, bytes).values as Record<string, Value>;
    const missing = values['password'] === hiddenArgument || values['pin'] === hiddenArgument;
    if (values['password'] === hiddenArgument) values['password'] = password;
    if (values['pin'] === hiddenArgument) values['pin'] = pin;
    if (missing) {
      await redis.hset(key, name, encode(records.account as Fields, values));
      accounts++;
    }
  }
  return { rounds, accounts };
}
