// Everybody of the cell on this tablet, so that it goes on without a network: masked names by number, hashes only this tablet can compute
// from a document, and who has been sampled, told again every second while there is a way. No document number is kept here.
//
//   const roster = await openRoster(outbox);
//   await roster.fetch();                     // resumes where it stopped; progress.value says how far it is
//   roster.residentOf(serial), await roster.person(n), await roster.byDocument(identity), roster.sampled(n), roster.marks(n)

import { type Signal, signal } from '@preact/signals';
import { type ForeignTubeRule, ordinalOf, type SerialKey, serialKey } from '../../domain/codes.js';
import { cellPath, get, type Problem } from '../door/http.js';
import type { Outbox } from '../outbox/outbox.js';
import { type RosterRow, writing } from '../outbox/store.js';
import { followSampled, type Live, type SampledMap } from './sampled.js';

/** Marks of a resident: must have a tube alone, deceased, excused, called back and still to come. */
export const SINGLE = 1;
export const DECEASED = 2;
export const EXCUSED = 4;
export const RECALLED = 8;

/** The round as a tablet must know it. */
export interface CellFacts {
  name: string;
  rehearsal: boolean;
  rules: { poolSizes: Record<string, number>; household: string; tubeWarnMinutes: number; tubeSealMinutes: number; knownStaff: boolean; absencesMax?: number; foreignTubes?: readonly ForeignTubeRule[]; [rule: string]: unknown };
}

/** Where the download stands. */
interface Head {
  /** Whose roster this is: another device, storage or cell has another key. */
  owner: string;
  keyId: string;
  /** The next resident to fetch; 0: all are here. */
  next: number;
  /** The highest number that is here. */
  have: number;
  total: number;
  villages: [number, string][];
  sites: [number, string, string][];
  homes: [number, number][];
}

interface Page extends Pick<Head, 'villages' | 'sites' | 'total' | 'next'> {
  homes?: [number, number][];
  key: { id: string };
  people: [number, string, number, number, number, number, number, string][];
}

export interface Roster {
  readonly progress: Signal<{ have: number; total: number; done: boolean; problem?: Problem | undefined }>;
  readonly cell: Signal<CellFacts | undefined>;
  /** Counts and queues of the cell, as last told. */
  readonly live: Signal<Live | undefined>;
  /** Fetches what is not here yet. False: it stopped, and goes on when it is called again. */
  fetch(): Promise<boolean>;
  /** The resident whose printed code has this serial; undefined: not one of this cell, or the key is not here. */
  residentOf(serial: number): number | undefined;
  person(resident: number): Promise<RosterRow | undefined>;
  byDocument(identity: string): Promise<RosterRow | undefined>;
  /** Everybody, for looking through names. */
  everybody(): Promise<readonly RosterRow[]>;
  sampled(resident: number): boolean;
  marks(resident: number): number | undefined;
  /** Says at once what the service has said of one person. */
  noteSampled(resident: number, is: boolean): void;
  villageName(village: number): string;
  villages(): string[];
  siteName(site: string | undefined): string;
  /** The site a village is told to go to, by its code; undefined where the round does not say. */
  siteOf(village: number): string | undefined;
  stop(): void;
}

const pageSize = 2000;

export async function openRoster(outbox: Outbox): Promise<Roster> {
  const { db } = outbox;
  const place = outbox.place;
  if (!place) throw new Error('a roster belongs to a device with a place');
  const owner = [place.round, place.area, place.device, place.epoch].join(' ');
  const epoch = `epoch=${encodeURIComponent(place.epoch)}`;
  let [head, kept] = await Promise.all([db.get('roster', 'head') as Promise<Head | undefined>, db.get('roster', 'key') as Promise<{ id: string; key: CryptoKey | undefined; seed: string } | undefined>]);
  if (head?.owner !== owner) [head, kept] = [undefined, undefined];
  const cell = signal<CellFacts | undefined>((await db.get('roster', 'cell')) as CellFacts | undefined);
  const live = signal<Live | undefined>(undefined);
  const progress = signal<Roster['progress']['value']>({ have: head?.have ?? 0, total: head?.total ?? 0, done: head?.next === 0 });
  let codes: SerialKey | undefined = kept && serialKey(kept.seed);
  let all: Promise<readonly RosterRow[]> | undefined;
  let fetching: Promise<boolean> | undefined;

  async function facts(): Promise<void> {
    const reply = await get<CellFacts>(cellPath(place as { round: string; area: string }));
    if (!reply.ok) return;
    const { name, rehearsal, rules } = reply.value;
    cell.value = { name, rehearsal, rules };
    await db.put('roster', cell.value, 'cell');
  }

  async function fetchKey(): Promise<Problem | undefined> {
    const reply = await get<{ id: string; key: string; seed: string }>(`${cellPath(place as { round: string; area: string })}/tablet/key?${epoch}`);
    if (!reply.ok) return reply.problem;
    const { id, key, seed } = reply.value;
    // A key that no script can read out again; pages without TLS have none, and find people by their printed code and their name.
    const subtle = globalThis.crypto?.subtle as SubtleCrypto | undefined;
    const bytes = Uint8Array.from(atob(key), (character) => character.charCodeAt(0));
    kept = { id, key: await subtle?.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']), seed };
    codes = serialKey(seed);
    await db.put('roster', kept, 'key');
    return undefined;
  }

  async function fetchPages(): Promise<boolean> {
    const stopped = (problem: Problem): false => {
      progress.value = { ...progress.value, problem };
      return false;
    };
    await facts();
    if (!kept) {
      const problem = await fetchKey();
      if (problem) return stopped(problem);
    }
    if (!head) await writing(db, ['people', 'roster'], async (tx) => { await Promise.all([tx.objectStore('people').clear(), tx.objectStore('roster').delete('sampled')]); });
    let next = head?.next === 0 ? (head.have < Math.max(head.total, sampled.total) ? head.have + 1 : 0) : head?.next ?? 1;
    while (next > 0) {
      const reply = await get<Page>(`${cellPath(place as { round: string; area: string })}/tablet/roster?from=${next}&count=${pageSize}&${epoch}`);
      if (!reply.ok) return stopped(reply.problem);
      const { total, villages, sites, homes = [], people, key } = reply.value;
      if (kept && key.id !== kept.id) {
        // The service has another key for this tablet now: all hashes change with it.
        kept = head = undefined;
        return fetchPages();
      }
      next = reply.value.next;
      const have = people.at(-1)?.[0] ?? Math.max(head?.have ?? 0, next > 0 ? next - 1 : total);
      head = { owner, keyId: key.id, next, have, total, villages, sites, homes };
      await writing(db, ['people', 'roster'], async (tx) => {
        const store = tx.objectStore('people');
        for (const [ordinal, name, village, household, risk, priority, marks, hash] of people) void store.put({ ordinal, name, village, household, risk, priority, marks, hash });
        await tx.objectStore('roster').put(head, 'head');
      });
      all = undefined;
      progress.value = { have, total, done: next === 0 };
    }
    return true;
  }

  const sampled: SampledMap = await followSampled(outbox, place, {
    live,
    // Somebody was registered after the roster was fetched: fetched too, with their name.
    grown: () => { if (head?.next === 0) void roster.fetch(); },
  });
  if (!head) sampled.forget();

  const roster: Roster = {
    progress, cell, live,
    fetch: () => {
      fetching ??= fetchPages().finally(() => { fetching = undefined; });
      return fetching;
    },
    residentOf(serial) {
      if (!codes) return undefined;
      try {
        return ordinalOf(codes, serial) + 1;
      } catch {
        return undefined;
      }
    },
    person: (resident) => db.get('people', resident),
    async byDocument(identity) {
      const subtle = globalThis.crypto?.subtle as SubtleCrypto | undefined;
      if (!kept?.key || !subtle) return undefined;
      const bytes = new Uint8Array(await subtle.sign('HMAC', kept.key, new TextEncoder().encode(identity))).subarray(0, 12);
      const hash = btoa(String.fromCharCode(...bytes)).replace(/\+/g, '-').replace(/\//g, '_').replace(/=/g, '');
      return db.getFromIndex('people', 'hash', hash);
    },
    everybody() {
      all ??= db.getAll('people');
      return all;
    },
    sampled: (resident) => sampled.sampled(resident),
    marks: (resident) => sampled.marks(resident),
    noteSampled: (resident, is) => sampled.note(resident, is),
    villageName: (village) => head?.villages.find(([ordinal]) => ordinal === village)?.[1] ?? '',
    villages: () => (head?.villages ?? []).map(([, name]) => name),
    siteName: (site) => head?.sites.find(([, code]) => code === site)?.[2] ?? site ?? '',
    siteOf(village) {
      const ordinal = head?.homes.find(([of]) => of === village)?.[1];
      return head?.sites.find(([site]) => site === ordinal)?.[1];
    },
    stop: () => sampled.stop(),
  };
  return roster;
}
