// What a scan means at the packer's bench and in the courier's hands. Pure: the scan, what lies there and what the service has told; the
// answer and the records to write out.

import type { Wish } from '../tablet/acts.js';
import { type Decision as BenchDecision, type Said as BenchSaid, shown, tailOf } from '../tablet/said.js';
import type { Bench } from './bench.js';
import type { PackAnswer } from './words.js';

export type Seen =
  | { kind: 'box'; code: string; rehearsal: boolean | undefined }
  | { kind: 'tube'; code: string; rehearsal: boolean | undefined }
  | { kind: 'manifest'; box: string; hash: string }
  | { kind: 'staff'; card: string }
  | { kind: 'wrong'; what: 'resident' | 'station' | 'device' | 'document' | 'shopBarcode' }
  | { kind: 'unreadable' };

export type Pending =
  /** The box may be sealed at its next scan. `report`: the count differs, and that is how it is. */
  | { for: 'seal'; box: string; how: 'ask' | 'report'; until: number }
  | { for: 'leak'; until: number }
  /** Scanned once more, the tube comes here out of the other box. */
  | { for: 'move'; tube: string; from: string; until: number }
  /** A card says who takes or gave the box. */
  | { for: 'receiver'; box: string; hash?: string | undefined; until: number }
  | { for: 'giver'; box: string; hash?: string | undefined; until: number };

/** What the service says of a box, where it was asked. */
export interface BoxTold {
  state: string;
  holder: string;
  offered?: { from: string; to: string; by: string } | undefined;
}

export interface Situation {
  bench: Bench;
  /** A courier carries; a packer packs, and gives away. */
  courier: boolean;
  staff: string | undefined;
  site: string | undefined;
  rehearsal: boolean;
  pending: Pending | undefined;
  /** Sealed tubes of this site that no box has, as the service told last; undefined: not known. */
  toPack: number | undefined;
  /** Of the box that was scanned; undefined: no network. */
  told?: BoxTold | undefined;
}

export type Said = BenchSaid<PackAnswer>;
export type Decision = BenchDecision<PackAnswer, Pending>;

const minute = 60_000;

const only = (row: PackAnswer, values?: Said['values'], pending?: Pending): Decision => ({ say: values ? { row, values } : { row }, wishes: [], pending });

export function decide(seen: Seen, at: Situation, now: number): Decision {
  const pending = at.pending && at.pending.until > now ? at.pending : undefined;
  const there = { ...at, pending };
  if ((seen.kind === 'box' || seen.kind === 'tube') && seen.rehearsal !== undefined && seen.rehearsal !== at.rehearsal) return only('wrongFence');
  switch (seen.kind) {
    case 'staff': return card(seen.card, there, now);
    case 'box': return at.courier ? carried(seen.code, undefined, there, now) : packed(seen.code, there, now);
    case 'manifest': return carried(seen.box, seen.hash, there, now);
    case 'tube': return at.courier ? only('wrongKind', { what: 'tube' }, pending) : tube(seen.code, there);
    case 'wrong': return only('wrongKind', { what: seen.what }, pending);
    case 'unreadable': return only('unreadable', undefined, pending);
  }
}

// Packing ---------------------------------------------------------------------------------------------------------------------------

function packed(code: string, { bench, staff, site, pending, toPack }: Situation, now: number): Decision {
  const { box } = bench;
  if (staff === undefined) return only('staffFirst');
  if (!box) return { say: { row: 'boxOpened', values: { tail: tailOf(code) }, about: shown(code) }, wishes: [{ step: 'openBox', how: 'ask', body: site === undefined ? { box: code } : { box: code, site } }] };
  if (box.code !== code) return only('closeFirst', { tail: tailOf(box.code) });
  const n = box.tubes.length;
  if (n === 0) return only('boxEmpty');
  const sure = pending?.for === 'seal' && pending.box === code;
  // What the system knows of and nobody has put into a box is looked for on the bench before the lid is on.
  if (!sure && toPack !== undefined && toPack > 0) return only('countBench', { n, all: n + toPack }, { for: 'seal', box: code, how: 'ask', until: now + 2 * minute });
  return {
    say: { row: 'sealed', values: { n }, about: shown(code) },
    wishes: [{ step: 'sealBox', how: sure ? pending.how : 'ask', body: { box: code, counted: n } }],
    pending: { for: 'receiver', box: code, until: now + 15 * minute },
  };
}

function tube(code: string, { bench, pending }: Situation): Decision {
  if (pending?.for === 'leak') {
    const out: Wish[] = bench.box?.tubes.includes(code) ? [{ step: 'unpackTube', how: 'report', body: { tube: code, box: bench.box.code, reason: 'leaked' } }] : [];
    return { say: { row: 'leakReported', values: { tail: tailOf(code) }, about: shown(code) }, wishes: [...out, { step: 'reportTube', how: 'report', body: { tube: code, what: 'leaked' } }] };
  }
  const { box } = bench;
  if (!box) return only('noBox');
  if (box.tubes.includes(code)) return { say: { row: 'already', about: shown(code) }, wishes: [], tick: true };
  const n = box.tubes.length + 1;
  const into: Wish = { step: 'packTube', how: 'ask', body: { tube: code, box: box.code } };
  if (pending?.for === 'move' && pending.tube === code) {
    return { say: { row: 'moved', values: { tail: tailOf(pending.from) }, about: shown(code) }, wishes: [{ step: 'unpackTube', how: 'report', body: { tube: code, box: pending.from, reason: 'wrong_box' } }, { ...into, how: 'report' }] };
  }
  return { say: { row: 'packed', values: { n }, about: shown(code) }, wishes: [into] };
}

/** Takes the last tube out of the open box again. */
export function undo({ bench: { box, last } }: Situation): Decision {
  if (!box || last === undefined || !box.tubes.includes(last)) return only('nothingToUndo');
  return { say: { row: 'takenOut', values: { tail: tailOf(last) }, about: shown(last) }, wishes: [{ step: 'unpackTube', how: 'report', body: { tube: last, box: box.code, reason: 'wrong_box' } }] };
}

/** The box is closed by key or card, as if it had been scanned again. */
export const sealByKey = (at: Situation, now: number): Decision => (at.bench.box ? packed(at.bench.box.code, at, now) : only('nothingToSeal'));
export const armLeak = (_at: Situation, now: number): Decision => only('leakArmed', undefined, { for: 'leak', until: now + minute });

// Hand-over -------------------------------------------------------------------------------------------------------------------------

const handOver = (box: string, from: string, to: string, hash?: string): Wish => ({
  step: 'handOver', how: hash === undefined ? 'ask' : 'report', body: { box, from, to, ...(hash === undefined ? {} : { hash }) },
});

function carried(box: string, hash: string | undefined, { staff, told, pending }: Situation, now: number): Decision {
  if (staff === undefined) return only('staffFirst', undefined, pending);
  const said = { tail: tailOf(box) };
  if (told?.offered && told.offered.to === staff) {
    return { say: { row: 'takenOver', values: said, about: shown(box) }, wishes: [handOver(box, told.offered.from, staff)] };
  }
  if (told && told.holder === staff) return only('receiverWanted', said, { for: 'receiver', box, hash, until: now + 2 * minute });
  if (told && told.holder !== '') {
    return { say: { row: 'takenOverAlone', values: said, about: shown(box) }, wishes: [handOver(box, told.holder, staff, hash)] };
  }
  return only('giverWanted', said, { for: 'giver', box, hash, until: now + 2 * minute });
}

function card(scanned: string, { staff, pending, courier }: Situation, _now: number): Decision {
  if (pending?.for === 'giver' && staff !== undefined) {
    if (scanned === staff) return only('otherCard', undefined, pending);
    return { say: { row: pending.hash === undefined ? 'takenOverAlone' : 'takenOver', values: { tail: tailOf(pending.box) }, about: shown(pending.box) }, wishes: [handOver(pending.box, scanned, staff, pending.hash)] };
  }
  if (pending?.for === 'receiver' && staff !== undefined && scanned !== staff) {
    return { say: { row: 'handedOver', values: { tail: tailOf(pending.box), to: tailOf(scanned) }, about: shown(pending.box) }, wishes: [handOver(pending.box, staff, scanned)] };
  }
  if (pending?.for === 'receiver' && courier) return only('otherCard', undefined, pending);
  return { say: { row: 'staff', values: { tail: tailOf(scanned) } }, wishes: [], staff: scanned, pending };
}

// What the service says instead -----------------------------------------------------------------------------------------------------

export interface RefusedHeard {
  word: string;
  detail: Record<string, unknown>;
  zh: string;
  en: string;
  nextZh: string;
  nextEn: string;
}

/** What is said, and done, when a record was refused. `anyway`: it has happened all the same and becomes a fact under its number. */
export function refusedInstead({ step, body }: Wish, { word, detail, zh, en, nextZh, nextEn }: RefusedHeard, { bench }: Situation, now: number): Decision & { anyway?: true; join?: string } {
  const code = String(body['tube'] ?? body['box'] ?? '');
  const about = shown(code);
  if (step === 'openBox' && word === 'box_in_use' && detail['state'] === '1') return { say: { row: 'boxJoined', values: { tail: tailOf(code), n: 0 }, about }, wishes: [], join: code };
  if (step === 'packTube' && word === 'tube_packed' && detail['same'] === true) return { say: { row: 'already', about }, wishes: [], tick: true, anyway: true };
  if (step === 'packTube' && word === 'tube_packed') {
    const from = String(detail['box'] ?? '');
    return { say: { row: 'otherBox', values: { tail: tailOf(from) }, about }, wishes: [], pending: { for: 'move', tube: code, from, until: now + minute / 2 } };
  }
  // Its station has not sent yet: the tube lies in the box all the same.
  if (step === 'packTube' && word === 'tube_unknown') return { say: { row: 'packedUnknown', values: { n: (bench.box?.tubes.length ?? 0) + 1 }, about }, wishes: [], anyway: true };
  if (step === 'sealBox' && word === 'box_count_differs') {
    return { say: { row: 'countDiffers', values: { recorded: String(detail['recorded'] ?? '?'), n: String(detail['counted'] ?? '?') }, about }, wishes: [], pending: { for: 'seal', box: code, how: 'report', until: now + 2 * minute } };
  }
  if (step === 'handOver' && word === 'handover_offered') return { say: { row: 'handedOver', values: { tail: tailOf(String(body['box'])), to: tailOf(String(body['to'])) }, about: shown(String(body['box'])) }, wishes: [] };
  return { say: { row: 'refused', values: { zh, en, nextZh, nextEn }, about }, wishes: [] };
}
