// The vault: personal data as ciphertext, found by keyed hash only. Nothing else in the program sees a name or a document number in
// clear for longer than it takes to seal or show it.
//
// Each round has three keys of its own, drawn at random and wrapped together by the master key: one to seal, one to make the index a
// person is found by, one for nonces. Where the wrapped keys are kept is the shelf's business (the ledger's, in the record itself).
//
//   A round is forgotten by destroying its wrapped keys: every entry of every person in it is unreadable at once, and the counts stay.
//   Copies of the record made earlier still hold the wrapped keys, and so does an append-only file until it is rewritten. After
//   forgetting, replace the master key and destroy the old one: then those copies open nothing either.
//
// The index is an HMAC, since a plain hash of an identity number is undone in seconds by trying all numbers of a county. Its key is the
// round's: the same person cannot be followed from round to round by comparing indexes. Equality inside a round does show, on purpose.
//
// "Erased" is an answer. A seal that does not open, a missing key and a wrong master key are faults and are thrown.

import { createHmac, hkdfSync, randomBytes } from 'node:crypto';
import {
  installNextKey,
  makeMasterKey,
  readMasterKey,
  readOrMakeMasterKey,
  MasterKeyProblem,
  type MasterKey,
  type MasterKeyOptions,
} from './masterKey.js';
import { openWith, sealWith, SealFault, type SealingKey } from './sealing.js';

/** Where the wrapped keys of the rounds are kept. One writer wins: `put` writes only over what the caller has seen. */
export interface KeyShelf {
  /** The wrapped keys of a round as they were put, or null. */
  get(round: string): Promise<string | null>;
  /** Puts `wrapped` if the shelf still holds `instead` for this round (null: nothing). Gives back what the shelf holds afterwards. */
  put(round: string, wrapped: string, instead: string | null): Promise<string>;
  /** Every round that has an entry, forgotten ones included. */
  rounds(): Promise<string[]>;
}

/** Where a person's entry belongs. The owner is the person's index; for a person without one, what else tells them apart. */
export interface Place {
  area: string;
  owner: Buffer | string;
}

export type Opened<Plain> = { ok: true; value: Plain } | { ok: false; reason: 'erased' };

/** The vault of one round, its keys at hand: every call is at once, for work on many people. Do not keep it for longer than a task. */
export interface RoundVault {
  readonly round: string;
  /** The same content in the same place gives the same bytes. */
  seal(place: Place, plain: object): Buffer;
  open<Plain>(place: Place, sealed: Buffer): Plain;
  /** 16 bytes by which this identity is found in this round. */
  indexOf(identity: string): Buffer;
  /** Raw bytes for a purpose: `quarantine`, `upload`. What was sealed for one purpose does not open for another. */
  sealBytes(purpose: string, place: Place, bytes: Buffer): Buffer;
  openBytes(purpose: string, place: Place, sealed: Buffer): Buffer;
  /** 32 bytes that belong to these words in this round, always the same. They say nothing of the round's keys, nor of those of other words. */
  derive(words: readonly string[]): Buffer;
}

export interface VaultOptions extends MasterKeyOptions {
  shelf: KeyShelf;
  /** Keys are asked for again after this long, so that a round forgotten by another process is forgotten here too. */
  keepKeysMs?: number;
  now?: () => number;
}

/**
 * Opens the vault: reads the master key (or makes it, where `mayCreate` says that nothing is sealed yet) and tries it on what the shelf
 * holds, so that a wrong key stops the start and not the first look-up of the day. Throws MasterKeyProblem.
 */
export async function openVault(options: VaultOptions): Promise<Vault> {
  const { file, shelf } = options;
  await readOrMakeMasterKey(options);
  const masters = await mastersIn(file);
  for (const round of await shelf.rounds()) {
    const wrapped = await shelf.get(round);
    if (wrapped !== null && !isErased(wrapped)) unwrap(masters, round, wrapped);
  }
  return new Vault(file, masters, shelf, options.keepKeysMs ?? 60_000, options.now ?? Date.now);
}

/**
 * Replaces the master key: makes a new one, wraps every round's keys with it, installs it. Nothing of a person is touched. It may run
 * while the service runs: a vault that meets keys wrapped by one it does not know reads the key files again. Cut short, it continues where
 * it was. The old key stays as `<file>.old` for a person to destroy.
 */
export async function replaceMasterKey({ file, shelf }: { file: string; shelf: KeyShelf }): Promise<{ rounds: number }> {
  const old = await readMasterKey(file);
  if (!old) throw new MasterKeyProblem(`The master key ${file} is missing: there is nothing to replace.`);
  const next = (await readMasterKey(nextFile(file))) ?? (await makeMasterKey(nextFile(file)));
  const rewrap = async (): Promise<number> => {
    let rounds = 0;
    for (const round of await shelf.rounds()) {
      for (let wrapped = await shelf.get(round); wrapped !== null && !isErased(wrapped) && masterOf(wrapped) !== next.id; ) {
        const again = wrap(next, round, unwrap([old, next], round, wrapped));
        const holds = await shelf.put(round, again, wrapped);
        if (holds === again) rounds++;
        wrapped = holds;
      }
    }
    return rounds;
  };
  const rounds = await rewrap();
  await installNextKey(file, nextFile(file));
  // A round that was prepared meanwhile by somebody who had not seen the next key.
  return { rounds: rounds + (await rewrap()) };
}

/**
 * The keys that may have wrapped a round: one, or two while a replacement is under way (or was cut short). The first is the one to wrap
 * with: the next, once there is one, or a round prepared now would be left behind.
 */
async function mastersIn(file: string): Promise<MasterKey[]> {
  // In this order: were it the other way round, a replacement that is installed between the two would hide the next key.
  const next = await readMasterKey(nextFile(file));
  const master = await readMasterKey(file);
  return [next, master].filter((key) => key !== null);
}

export class Vault {
  readonly #file: string;
  #masters: readonly MasterKey[];
  readonly #shelf: KeyShelf;
  readonly #keepKeysMs: number;
  readonly #now: () => number;
  readonly #held = new Map<string, { vault: RoundVault; wrapped: string; until: number }>();

  constructor(file: string, masters: readonly MasterKey[], shelf: KeyShelf, keepKeysMs: number, now: () => number) {
    this.#file = file;
    this.#masters = masters;
    this.#shelf = shelf;
    this.#keepKeysMs = keepKeysMs;
    this.#now = now;
  }

  /** Makes the keys of a round, once; taken when a round is opened. The same again changes nothing. */
  async prepare(round: string): Promise<'ready' | 'erased'> {
    const present = await this.#shelf.get(round);
    if (present !== null) return isErased(present) ? 'erased' : 'ready';
    const keys = drawKeys();
    let [holds, instead]: [string, string | null] = ['', null];
    for (;;) {
      this.#masters = await mastersIn(this.#file);
      const wrapped = wrap(this.#master, round, keys);
      holds = await this.#shelf.put(round, wrapped, instead);
      // Somebody else was first, or the master key was not replaced meanwhile: either way it stands.
      if (holds !== wrapped || (await mastersIn(this.#file))[0]?.id === this.#master.id) break;
      instead = wrapped;
    }
    return isErased(holds) ? 'erased' : 'ready';
  }

  /**
   * The vault of a round. Never makes keys: were they lost with part of the record, new ones would find nobody and enrol everybody twice.
   */
  async round(round: string): Promise<RoundVault | 'erased'> {
    const held = this.#held.get(round);
    if (held && held.until > this.#now()) return held.vault;
    const wrapped = await this.#shelf.get(round);
    if (wrapped === null) throw new MasterKeyProblem(`The record holds no keys for the personal data of round ${round}.`);
    if (isErased(wrapped)) {
      this.drop(round);
      return 'erased';
    }
    if (!this.#masters.some(({ id }) => id === masterOf(wrapped))) this.#masters = await mastersIn(this.#file);
    const vault = held?.wrapped === wrapped ? held.vault : roundVault(round, unwrap(this.#masters, round, wrapped));
    this.#held.set(round, { vault, wrapped, until: this.#now() + this.#keepKeysMs });
    return vault;
  }

  async seal(round: string, place: Place, plain: object): Promise<Opened<Buffer>> {
    return this.#within(round, (vault) => vault.seal(place, plain));
  }

  async open<Plain>(round: string, place: Place, sealed: Buffer): Promise<Opened<Plain>> {
    return this.#within(round, (vault) => vault.open<Plain>(place, sealed));
  }

  async indexOf(round: string, identity: string): Promise<Opened<Buffer>> {
    return this.#within(round, (vault) => vault.indexOf(identity));
  }

  async sealBytes(round: string, purpose: string, place: Place, bytes: Buffer): Promise<Opened<Buffer>> {
    return this.#within(round, (vault) => vault.sealBytes(purpose, place, bytes));
  }

  async openBytes(round: string, purpose: string, place: Place, sealed: Buffer): Promise<Opened<Buffer>> {
    return this.#within(round, (vault) => vault.openBytes(purpose, place, sealed));
  }

  /** Destroys the keys of a round: its people can no longer be read or found by anybody. There is no way back. */
  async forget(round: string): Promise<void> {
    for (let wrapped = await this.#shelf.get(round); wrapped === null || !isErased(wrapped); ) {
      wrapped = await this.#shelf.put(round, `erased.${this.#now()}`, wrapped);
    }
    this.drop(round);
  }

  /** Lets go of a round's keys in this process; the next use asks the shelf. */
  drop(round: string): void {
    // The keys are not overwritten: a task at work may still hold them, and sealing with zeros would be worse than any copy in memory.
    this.#held.delete(round);
  }

  get #master(): MasterKey {
    const [master] = this.#masters;
    if (!master) throw new MasterKeyProblem('The vault was opened without a master key.');
    return master;
  }

  async #within<Value>(round: string, work: (vault: RoundVault) => Value): Promise<Opened<Value>> {
    const vault = await this.round(round);
    return vault === 'erased' ? { ok: false, reason: 'erased' } : { ok: true, value: work(vault) };
  }
}

interface RoundKeys extends SealingKey {
  index: Buffer;
}

function roundVault(round: string, keys: RoundKeys): RoundVault {
  return {
    round,
    seal: (place, plain) => sealWith(keys, ['person', round, place.area, place.owner], Buffer.from(JSON.stringify(plain), 'utf8'), 'content'),
    open: (place, sealed) => JSON.parse(openWith(keys, ['person', round, place.area, place.owner], sealed).toString('utf8')),
    indexOf: (identity) => createHmac('sha256', keys.index).update(identity, 'utf8').digest().subarray(0, 16),
    sealBytes: (purpose, place, bytes) => sealWith(keys, [`bytes:${purpose}`, round, place.area, place.owner], bytes, 'random'),
    openBytes: (purpose, place, sealed) => openWith(keys, [`bytes:${purpose}`, round, place.area, place.owner], sealed),
    // Never from the index key: what is derived may leave the service, and an index must stay out of reach.
    derive: (words) => Buffer.from(hkdfSync('sha256', keys.data, 'swabline derived', ['derived', round, ...words].join('\u001f'), 32)),
  };
}

// ---------------------------------------------------------------------------------------------------------
// Wrapped keys, as the shelf holds them: `keys1.<id of the master key>.<sealed, base64>`, or `erased.<when, ms>`.

function drawKeys(): RoundKeys {
  return { id: randomBytes(4), data: randomBytes(32), index: randomBytes(32), nonce: randomBytes(32) };
}

function wrap(master: MasterKey, round: string, keys: RoundKeys): string {
  const sealed = sealWith(wrappingKey(master), ['keys', round], Buffer.concat([keys.id, keys.data, keys.index, keys.nonce]), 'random');
  return `keys1.${master.id}.${sealed.toString('base64')}`;
}

function unwrap(masters: readonly MasterKey[], round: string, wrapped: string): RoundKeys {
  const master = masters.find(({ id }) => id === masterOf(wrapped));
  if (!master) {
    throw new MasterKeyProblem(
      `The keys of round ${round} were wrapped by master key ${masterOf(wrapped)}, but the key file holds ${masters.map(({ id }) => id).join(' and ')}. ` +
        'Put the right key file in its place.',
    );
  }
  const plain = openWith(wrappingKey(master), ['keys', round], Buffer.from(wrapped.split('.')[2] ?? '', 'base64'));
  if (plain.length !== 100) throw new SealFault('seal_broken', `The wrapped keys of round ${round} have the wrong length.`);
  return { id: plain.subarray(0, 4), data: plain.subarray(4, 36), index: plain.subarray(36, 68), nonce: plain.subarray(68) };
}

function wrappingKey({ id, key }: MasterKey): SealingKey {
  return { id: Buffer.from(id, 'hex'), data: key, nonce: key };
}

function masterOf(wrapped: string): string {
  const [form, id] = wrapped.split('.');
  if (form !== 'keys1' || id === undefined) throw new SealFault('seal_version', 'Wrapped keys have a form that this version does not know.');
  return id;
}

function isErased(wrapped: string): boolean {
  return wrapped.startsWith('erased.');
}

function nextFile(file: string): string {
  return `${file}.next`;
}
