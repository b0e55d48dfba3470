// The second copy: what a tablet cannot send leaves it sealed, as a file or as a row of pictures (frames.ts), and another tablet of the cell
// hands it in. Nothing is doubled: the records stay the first tablet's own, under its numbers, whoever sends them and however often.
//
//   const copy = openSecondCopy({ outbox });
//   const packed = await copy.pack();                  { ok, bytes, records }: a file `copy.fileName()`, or framesOf(bytes) as QR codes
//   const taken = await copy.takeIn(bytes, { live });   on the other tablet: from the file, or collectFrames() over the pictures
//
// The key for the seal is fetched while there is a network and cannot be read out of the browser again. What was taken in is a record of
// the second tablet (`carryRecords`): on its disk at once, and sent when it has a network itself.

import type { Outbox } from './outbox.js';
import { sendable } from './sending.js';
import { countIn, inBoth, isSpans, joinedSpans, spansOf } from './spans.js';
import { type CarriedNote, type Database, type Journal, type Row, writing } from './store.js';
import type { BodyInput, WireRecord } from './wire.js';

export type Packed =
  | { ok: true; bytes: Uint8Array<ArrayBuffer>; records: number; parcels: number }
  /** Everything is at the service. */
  | { ok: false; why: 'nothing' }
  /** It was never online in this place, or the page has no TLS: nothing here to seal with. */
  | { ok: false; why: 'noKey'; records: number };

export interface TakenIn {
  /** Records that were in what was taken. */
  records: number;
  /** Of these, what this tablet had taken in before. */
  known: number;
  /** Whose they are: the tablet and, where it has said, its table. */
  devices: { device: string; at: string }[];
  refused: { device: string; why: 'otherCell' | 'own' | 'unreadable' }[];
}

/** What this tablet carries for another one, or has carried. */
export interface Carried {
  device: string;
  /** Its table, as far as it has said. */
  at: string;
  records: number;
  /** When it was taken in, by the service's time. */
  takenAt: number;
  /** `waiting`: here. `received`: at the service. `aside`: the service could not take it apart, and the command post looks at it. */
  state: 'waiting' | 'received' | 'aside';
}

export interface SecondCopy {
  /** May this device make a copy now? */
  able(): Promise<boolean>;
  /** Fetches the key if it is not here; done by itself when the device comes online. */
  provide(): Promise<boolean>;
  pack(): Promise<Packed>;
  /** `live`: it was read from the other tablet's screen a moment ago, so its clock can be compared with this one's. */
  takeIn(bytes: Uint8Array, options?: { live?: boolean }): Promise<TakenIn>;
  /** In the order in which it was taken in. */
  carried(): Promise<Carried[]>;
  fileName(): string;
  stop(): void;
}

export interface CopyOptions {
  outbox: Outbox;
  /** Asks the service; undefined where it does not answer or says no. */
  get?: (path: string) => Promise<unknown>;
}

interface Key {
  carry: string;
  key: CryptoKey;
}

/** What can be read of a parcel without opening it: no more than where it belongs. */
interface Head {
  round: string;
  area: string;
  device: string;
  epoch: string;
  /** Its table, for people. */
  at: string;
  records: number;
  /** Their numbers (spans.ts), so that whoever takes them in can say which it has already. */
  numbers: string;
  /** The device's time when it was packed, and whether it had heard the service's. */
  now: number;
  sure: boolean;
}

const magic = 'SWC1';
/** Records and bytes of one parcel: it goes into one record of whoever carries it. */
const parcelRecords = 100;
const parcelBytes = 60_000;
const keyName = (epoch: string): string => `carry:${epoch}`;
const noteName = ({ epoch, number }: Pick<Row, 'epoch' | 'number'>): string => `carried:${epoch} ${number}`;
/** The same text as in the service (vault/offline.ts). */
const bindingOf = ({ round, area, device, epoch }: Pick<Head, 'round' | 'area' | 'device' | 'epoch'>): Uint8Array<ArrayBuffer> =>
  new TextEncoder().encode(['swabline carried 1', round, area, device, epoch].join('\u001f'));

async function ask(path: string): Promise<unknown> {
  const reply = await fetch(path, { headers: { 'x-swabline': '1' }, credentials: 'same-origin', cache: 'no-store' });
  return reply.ok ? reply.json() : undefined;
}

export function openSecondCopy({ outbox, get = ask }: CopyOptions): SecondCopy {
  const { db } = outbox;
  const subtle = globalThis.crypto?.subtle as SubtleCrypto | undefined;
  let providing: Promise<boolean> | undefined;
  let lastEpoch = outbox.place?.epoch;
  let wasOnline = false;

  const keyOf = async (epoch: string): Promise<CryptoKey | undefined> => ((await db.get('identity', keyName(epoch))) as Key | undefined)?.key;

  async function fetchKey(): Promise<boolean> {
    const { place } = outbox;
    if (!place || !subtle) return false;
    if (await keyOf(place.epoch)) return true;
    const path = `/api/cells/${encodeURIComponent(place.round)}/${encodeURIComponent(place.area)}/tablet/carryKey?epoch=${encodeURIComponent(place.epoch)}&device=${encodeURIComponent(place.device)}`;
    const told = (await get(path).catch(() => undefined)) as { key?: unknown } | undefined;
    if (typeof told?.key !== 'string') return false;
    const key = await subtle.importKey('raw', bytesOf(told.key), 'AES-GCM', false, ['encrypt']);
    await writing(db, ['identity'], (tx) => tx.objectStore('identity').put({ carry: place.epoch, key }, keyName(place.epoch)));
    return true;
  }

  function provide(): Promise<boolean> {
    providing ??= fetchKey().catch(() => false).finally(() => { providing = undefined; });
    return providing;
  }

  async function sealed(journal: Journal, requests: WireRecord[], key: CryptoKey): Promise<Uint8Array<ArrayBuffer>> {
    const { device, epoch, given } = journal;
    const content = new TextEncoder().encode(JSON.stringify({ device, epoch, assigned: given, requests }));
    const small = await gzipped(content);
    const plain = joined([Uint8Array.of(small ? 1 : 0), small ?? content]);
    const iv = crypto.getRandomValues(new Uint8Array(12));
    return joined([iv, new Uint8Array(await (subtle as SubtleCrypto).encrypt({ name: 'AES-GCM', iv, additionalData: bindingOf(journal) }, key, plain))]);
  }

  async function parcelsOf(journal: Journal, key: CryptoKey): Promise<{ head: Head; sealed: Uint8Array<ArrayBuffer>; numbers: number[] }[]> {
    const records = await sendable(db, journal, outbox.time);
    const made: { head: Head; sealed: Uint8Array<ArrayBuffer>; numbers: number[] }[] = [];
    while (records.length > 0) {
      let [count, bytes] = [0, 0];
      while (count < records.length && count < parcelRecords) {
        bytes += JSON.stringify(records[count]).length + 1;
        if (count > 0 && bytes > parcelBytes) break;
        count++;
      }
      const requests = records.splice(0, count);
      const { round, area, device, epoch, station, site } = journal;
      const numbers = requests.map(({ number }) => number);
      const head = { round, area, device, epoch, at: station ?? site ?? '', records: count, numbers: spansOf(numbers), now: Math.round(outbox.now()), sure: outbox.time.known !== undefined };
      made.push({ head, sealed: await sealed(journal, requests, key), numbers });
    }
    return made;
  }

  async function pack(): Promise<Packed> {
    const parts: Uint8Array[] = [new TextEncoder().encode(magic)];
    let [records, parcels, locked] = [0, 0, 0];
    for (const journal of await waitingJournals(db)) {
      const key = subtle && (await keyOf(journal.epoch));
      if (!key) {
        locked += (await sendable(db, journal, outbox.time)).length;
        continue;
      }
      for (const { head, sealed } of await parcelsOf(journal, key)) {
        parts.push(prefixed(new TextEncoder().encode(JSON.stringify(head))), prefixed(sealed));
        records += head.records;
        parcels++;
      }
    }
    if (parcels > 0) return { ok: true, bytes: joined(parts), records, parcels };
    return locked > 0 ? { ok: false, why: 'noKey', records: locked } : { ok: false, why: 'nothing' };
  }

  async function carry({ device, epoch, at, numbers }: Head, sealed: Uint8Array, shift: number): Promise<number> {
    const body = { device, epoch, sealed: textOf(sealed), ...(shift === 0 ? {} : { shift }) };
    // What goes out is what the door takes; what stands on record of it is the door's to write.
    const made = await outbox.report('carryRecords', body as unknown as BodyInput<'carryRecords'>);
    // Only for saying what was in it; without this note it is carried all the same.
    await writing(db, ['identity'], (tx) => tx.objectStore('identity').put({ carried: device, of: epoch, at, numbers }, noteName(made))).catch(() => undefined);
    return made.number;
  }

  const carriedRows = async (): Promise<Row[]> => (await outbox.rows()).filter(({ step }) => step === 'carryRecords');

  async function notes(rows: readonly Row[]): Promise<(CarriedNote | undefined)[]> {
    const tx = db.transaction('identity');
    return Promise.all(rows.map(async (row) => (await tx.store.get(noteName(row))) as CarriedNote | undefined));
  }

  /**
   * This tablet was paired anew under another name and still holds records of its old one, which the service would not take from it: it
   * carries them itself.
   */
  async function carryOwnPast(): Promise<void> {
    const { place } = outbox;
    if (!place) return;
    for (const journal of await waitingJournals(db)) {
      if (journal.device === place.device || journal.round !== place.round || journal.area !== place.area) continue;
      const key = await keyOf(journal.epoch);
      if (!key) continue;
      for (const { head, sealed, numbers } of await parcelsOf(journal, key)) {
        const as = await carry(head, sealed, 0);
        await writing(db, ['records'], async (tx) => {
          const records = tx.objectStore('records');
          for (const number of numbers) {
            const row = await records.get([journal.epoch, number]);
            if (!row) continue;
            const { pending: _pending, ...rest } = row;
            await records.put({ ...rest, state: 'settled', settled: { how: 'carried', at: Math.round(outbox.now()), as } });
          }
        });
      }
    }
  }

  const stop = outbox.subscribe(({ state }) => {
    const [online, epoch] = [state === 'online', outbox.place?.epoch];
    if (online && (!wasOnline || epoch !== lastEpoch)) void provide().then(carryOwnPast).catch(() => undefined);
    [wasOnline, lastEpoch] = [online, epoch];
  });

  return {
    provide, pack, stop,
    async able() {
      const epoch = outbox.place?.epoch;
      return subtle !== undefined && epoch !== undefined && (await keyOf(epoch)) !== undefined;
    },
    async takeIn(bytes, { live = false } = {}) {
      const taken: TakenIn = { records: 0, known: 0, devices: [], refused: [] };
      const parcels = parcelsIn(bytes);
      const { place } = outbox;
      if (!parcels || !place) return { ...taken, refused: [{ device: '', why: 'unreadable' }] };
      const rows = await carriedRows();
      const [before, noted] = [rows.map(({ body }) => body['sealed']), await notes(rows)];
      for (const { head, sealed } of parcels) {
        if (head.round !== place.round || head.area !== place.area) taken.refused.push({ device: head.device, why: 'otherCell' });
        else if (head.device === place.device && head.epoch === place.epoch) taken.refused.push({ device: head.device, why: 'own' });
        else {
          // The picture was made a moment ago, so the difference of the two clocks is the first one's fault.
          const shift = live && !head.sure && outbox.time.known ? Math.round(outbox.now() - head.now) : 0;
          const had = joinedSpans(noted.flatMap((note) => (note?.carried === head.device && note.of === head.epoch ? [note.numbers] : [])));
          if (!before.includes(textOf(sealed))) await carry(head, sealed, shift);
          taken.records += head.records;
          taken.known += inBoth(head.numbers, had);
          if (!taken.devices.some(({ device }) => device === head.device)) taken.devices.push({ device: head.device, at: head.at });
        }
      }
      return taken;
    },
    async carried() {
      const rows = await carriedRows();
      const noted = await notes(rows);
      return rows.map(({ body, made, pending, answer }, i): Carried => ({
        device: String(body['device']), at: noted[i]?.at ?? '', records: countIn(noted[i]?.numbers ?? ''), takenAt: outbox.time.claimed(made),
        state: pending || !answer ? 'waiting' : answer.outcome === 'applied' ? 'received' : 'aside',
      }));
    },
    fileName: () => `swabline-${outbox.place?.device ?? 'tablet'}-${new Date(outbox.now()).toISOString().slice(0, 16).replace(/[-:]/g, '').replace('T', '-')}.swc`,
  };
}

/** Journals with records on their way, the oldest first. */
async function waitingJournals(db: Database): Promise<Journal[]> {
  const journals = await db.getAll('journals');
  const waiting: Journal[] = [];
  for (const journal of journals.sort((a, b) => a.began - b.began)) {
    const range = IDBKeyRange.bound([1, journal.epoch, 0], [1, journal.epoch, Number.MAX_SAFE_INTEGER]);
    if ((await db.countFromIndex('records', 'pending', range)) > 0) waiting.push(journal);
  }
  return waiting;
}

/** The parcels of a copy; undefined: it is none. */
function parcelsIn(bytes: Uint8Array): { head: Head; sealed: Uint8Array }[] | undefined {
  if (new TextDecoder().decode(bytes.subarray(0, 4)) !== magic) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const parts: Uint8Array[] = [];
  for (let at = 4; at < bytes.length; ) {
    if (at + 4 > bytes.length) return undefined;
    const length = view.getUint32(at);
    if (at + 4 + length > bytes.length) return undefined;
    parts.push(bytes.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  const parcels: { head: Head; sealed: Uint8Array }[] = [];
  for (let i = 0; i + 1 < parts.length; i += 2) {
    try {
      const head = JSON.parse(new TextDecoder().decode(parts[i])) as Head;
      if ([head.round, head.area, head.device, head.epoch, head.at].some((word) => typeof word !== 'string') || !isSpans(head.numbers)) return undefined;
      parcels.push({ head, sealed: parts[i + 1] as Uint8Array });
    } catch {
      return undefined;
    }
  }
  return parcels.length > 0 ? parcels : undefined;
}

async function gzipped(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer> | undefined> {
  if (typeof CompressionStream === 'undefined') return undefined;
  const small = new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(new CompressionStream('gzip'))).arrayBuffer());
  return small.length < bytes.length ? small : undefined;
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** With its length before it. */
function prefixed(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, bytes.length);
  return joined([length, bytes]);
}

const bytesOf = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

function textOf(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 4096) text += String.fromCharCode(...bytes.subarray(at, at + 4096));
  return btoa(text);
}
