// What a record says of a person does not lie in clear on this disk. A walk-in's name, document and telephone are sealed before they are
// written and opened when they are sent, shown at the table or packed for another tablet; every other record holds numbers only.
//
// The key is made here, for one journal, and no script can read it out of the browser again. It is not the key of the roster: that one is
// forgotten when the device is revoked, and what has not been sent by then must still go. When the last sealed record of a journal is gone,
// so is its key.

import { type Database, type Row, type SealedBody, writing } from './store.js';
import type { StepName } from './wire.js';

/** Steps whose bodies hold personal data. */
const personal: ReadonlySet<StepName> = new Set(['registerWalkIn']);
const keyName = (epoch: string): string => `rest:${epoch}`;

interface RestKey {
  rest: string;
  key: CryptoKey;
}

const subtleHere = (): SubtleCrypto | undefined => globalThis.crypto?.subtle as SubtleCrypto | undefined;

const keyOf = async (db: Database, epoch: string): Promise<CryptoKey | undefined> => ((await db.get('identity', keyName(epoch))) as RestKey | undefined)?.key;

/** Two pages may want the first key at once: the one that is written first is everybody's. */
async function keyFor(db: Database, epoch: string, subtle: SubtleCrypto): Promise<CryptoKey> {
  const there = await keyOf(db, epoch);
  if (there) return there;
  const made = await subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
  return writing(db, ['identity'], async (tx) => {
    const first = (await tx.objectStore('identity').get(keyName(epoch))) as RestKey | undefined;
    if (first) return first.key;
    await tx.objectStore('identity').put({ rest: epoch, key: made }, keyName(epoch));
    return made;
  });
}

/**
 * A body as it is written down; `key`: to be kept in the same writing (`keepKey`). On a page without TLS there is no way to seal anything,
 * and it stays as it is.
 */
export async function sealedBody(db: Database, epoch: string, step: StepName, body: Record<string, unknown>): Promise<{ written: Pick<Row, 'body' | 'sealed'>; key?: CryptoKey }> {
  const subtle = personal.has(step) ? subtleHere() : undefined;
  if (!subtle) return { written: { body } };
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const key = await keyFor(db, epoch, subtle);
  const bytes = new Uint8Array(await subtle.encrypt({ name: 'AES-GCM', iv }, key, new TextEncoder().encode(JSON.stringify(body))));
  return { written: { body: {}, sealed: { iv, bytes } }, key };
}

interface Identity {
  get(key: string): Promise<unknown>;
  put(value: RestKey, key: string): Promise<unknown>;
  getAllKeys(): Promise<string[]>;
  delete(key: string): Promise<void>;
}

/** Part of the writing of a sealed record: its key may have been destroyed with the last one before it, a moment ago. */
export async function keepKey(identity: Pick<Identity, 'get' | 'put'>, epoch: string, key: CryptoKey): Promise<void> {
  if (!(await identity.get(keyName(epoch)))) await identity.put({ rest: epoch, key }, keyName(epoch));
}

/** Rows with their bodies, for use; never written back. One that cannot be opened keeps its number and goes out empty, for a person to look at. */
export async function openedRows(db: Database, rows: readonly Row[]): Promise<Row[]> {
  if (!rows.some(({ sealed }) => sealed)) return [...rows];
  const keys = new Map<string, Promise<CryptoKey | undefined>>();
  return Promise.all(rows.map(async (row) => {
    const { sealed, ...rest } = row;
    if (!sealed) return row;
    const key = keys.get(row.epoch) ?? keyOf(db, row.epoch);
    keys.set(row.epoch, key);
    return { ...rest, body: await opened(await key, sealed) };
  }));
}

export const openedRow = async (db: Database, row: Row): Promise<Row> => (row.sealed ? ((await openedRows(db, [row]))[0] as Row) : row);

async function opened(key: CryptoKey | undefined, { iv, bytes }: SealedBody): Promise<Record<string, unknown>> {
  const subtle = subtleHere();
  if (!key || !subtle) return {};
  try {
    return JSON.parse(new TextDecoder().decode(await subtle.decrypt({ name: 'AES-GCM', iv }, key, bytes))) as Record<string, unknown>;
  } catch {
    return {};
  }
}

/** Destroys the keys of journals that have no sealed record left; `sealed`: those that have. Part of the writing that took the last one away. */
export async function forgetKeys(identity: Pick<Identity, 'getAllKeys' | 'delete'>, sealed: ReadonlySet<string>): Promise<void> {
  for (const name of await identity.getAllKeys()) if (name.startsWith('rest:') && !sealed.has(name.slice(5))) await identity.delete(name);
}
