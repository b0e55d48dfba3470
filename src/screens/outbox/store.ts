// The one database of an installation. It holds what must not be lost (who this device is, the numbers it has given out, its records) and
// what may be fetched again (the roster, who has been sampled).
//
// Everything that must not be lost is written with strict durability: the promise resolves when the disk has it, not when the browser has
// it in memory. Whatever fails while writing becomes one fault, SaveFailed, because it means one thing to the person at the table: stop.

import { type DBSchema, type IDBPDatabase, type IDBPTransaction, openDB, type StoreNames } from 'idb';
import type { Heard, Stamp } from './clock.js';
import type { Answer, CellName, Mode, StepName } from './wire.js';

/** Who this device is, and where it stands; from pairing. */
export interface Place extends CellName {
  device: string;
  role: string;
  site?: string | undefined;
  station?: string | undefined;
}

/** One run of numbers: a device in a cell, from the first number on. A new database or another cell begins a new one. */
export interface Journal extends Place {
  epoch: string;
  /** Order in which journals began. */
  began: number;
  /** The highest number given out. */
  given: number;
  /** What the last receipt said. */
  dataEpoch: string;
  mark: number;
  safeUpTo: number;
  copies: 1 | 2;
  answeredAt: number;
}

/**
 * `asked`: somebody waits for the answer. `waiting`: it is on its way. `applied`, `refused` and `quarantined` are the service's words; a
 * refused one was asked and not done. `toFix`: a person must decide. `settled`: a person has decided, or the number was given back.
 */
export type RowState = 'asked' | 'waiting' | 'applied' | 'refused' | 'quarantined' | 'toFix' | 'settled';

/** Why a person must decide. */
export type FixReason =
  /** It was done, and the service does not take it. */
  | 'refused'
  /** It was done and is on record, and contradicts it. */
  | 'contradicted'
  /** It was refused and not done; the service lost that, heard it again, and took it. */
  | 'takenAfterAll'
  /** The service cannot even take it apart. */
  | 'unreadable';

/** A body that holds personal data, as it lies on the disk (rest.ts). */
export interface SealedBody {
  iv: Uint8Array<ArrayBuffer>;
  bytes: Uint8Array<ArrayBuffer>;
}

export interface Row {
  epoch: string;
  number: number;
  step: StepName;
  mode: Mode;
  by?: string;
  body: Record<string, unknown>;
  /** In place of what `body` holds. */
  sealed?: SealedBody;
  made: Stamp;
  state: RowState;
  /** Tubes it speaks of. */
  tubes: string[];
  /** The screen shows it as done while its answer is waited for; nobody waits for it after the page is gone, and then it is a fact. */
  shown?: true;
  /** 1 while it is to be sent, whatever its state; left out otherwise. */
  pending?: 1;
  answer?: Answer;
  answeredAt?: number;
  why?: FixReason;
  settled?: { how: 'dropped' | 'seen' | 'reported' | 'lapsed' | 'carried'; at: number; by?: string; as?: number };
  /** Its tube was counted at the laboratory. */
  reconciled?: true;
}

/** What was in a parcel that this device carries for another one. */
export interface CarriedNote {
  /** Whose, and of which of its journals. */
  carried: string;
  of: string;
  /** Its table. */
  at: string;
  numbers: string;
}

/** A resident as the roster on the device holds them. `hash` is '' for a person without a document. */
export interface RosterRow {
  ordinal: number;
  name: string;
  village: number;
  household: number;
  risk: number;
  priority: number;
  marks: number;
  hash: string;
}

export interface Schema extends DBSchema {
  /** `current`: epoch of the journal in use. `heard`: of the clock. `carry:` and an epoch: the key of the second copy. `carried:` and a record's name: what was in it. `rest:` and an epoch: the key of what is personal. */
  identity: { key: string; value: string | Heard | { carry: string; key: CryptoKey } | { rest: string; key: CryptoKey } | CarriedNote };
  journals: { key: string; value: Journal };
  records: {
    key: [string, number];
    value: Row;
    indexes: { pending: [number, string, number]; state: string; tubes: string };
  };
  people: { key: number; value: RosterRow; indexes: { hash: string; household: number } };
  /** Parts of the roster beside its people, the download's position, the map of who has been sampled. */
  roster: { key: string; value: unknown };
}

export type Database = IDBPDatabase<Schema>;

/** The disk does not take what is written. Nothing that waits for it may be shown as done. */
export class SaveFailed extends Error {
  override readonly name = 'SaveFailed';
  /** No room is left; otherwise something else is wrong with the disk. */
  readonly full: boolean;

  constructor(cause: unknown) {
    super(`this device cannot save: ${cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause)}`, { cause });
    this.full = cause instanceof Error && cause.name === 'QuotaExceededError';
  }
}

/** `onLost` is called when the browser takes the database away under the open page (somebody cleared its data). */
export async function openStore(name: string, onLost: () => void): Promise<Database> {
  try {
    return await openDB<Schema>(name, 1, {
      upgrade(db) {
        db.createObjectStore('identity');
        db.createObjectStore('journals', { keyPath: 'epoch' });
        const records = db.createObjectStore('records', { keyPath: ['epoch', 'number'] });
        records.createIndex('pending', ['pending', 'epoch', 'number']);
        records.createIndex('state', 'state');
        records.createIndex('tubes', 'tubes', { multiEntry: true });
        const people = db.createObjectStore('people', { keyPath: 'ordinal' });
        people.createIndex('hash', 'hash');
        people.createIndex('household', 'household');
        db.createObjectStore('roster');
      },
      blocking: (_current, _blocked, event) => (event.target as IDBDatabase).close(),
      terminated: onLost,
    });
  } catch (fault) {
    throw new SaveFailed(fault);
  }
}

type Names = readonly StoreNames<Schema>[];

/** Writes all or nothing, on the disk when it resolves. Throws SaveFailed. */
export async function writing<Stores extends Names, Result>(
  db: Database, stores: Stores, work: (tx: IDBPTransaction<Schema, StoreNames<Schema>[], 'readwrite'>) => Promise<Result>,
): Promise<Result> {
  let tx: IDBPTransaction<Schema, StoreNames<Schema>[], 'readwrite'> | undefined;
  try {
    tx = db.transaction([...stores], 'readwrite', { durability: 'strict' });
    const result = await work(tx);
    await tx.done;
    return result;
  } catch (fault) {
    // What had been done before the fault must not be committed; a transaction that has ended by itself cannot be aborted.
    tx?.done.catch(() => undefined);
    try { tx?.abort(); } catch { /* it has ended */ }
    throw fault instanceof SaveFailed ? fault : new SaveFailed(fault);
  }
}

/** Random letters and digits; `crypto.randomUUID` is not there on pages without TLS. */
export function randomName(length: number): string {
  const letters = '0123456789abcdefghijklmnopqrstuvwxyz';
  let name = '';
  while (name.length < length) {
    for (const byte of crypto.getRandomValues(new Uint8Array(length))) if (byte < 252 && name.length < length) name += letters.charAt(byte % 36);
  }
  return name;
}
