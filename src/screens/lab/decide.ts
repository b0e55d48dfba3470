// What a scan means at the laboratory's bench. Pure: the scan, what lies there, the manifest as far as it is known; the answer and the
// records to write out. Every tube is taken in, whatever the lists say: what is in the hand is a fact.

import { rejectionReasons, type RejectionReason } from '../../domain/reasons.js';
import type { Wish } from '../tablet/acts.js';
import { type Decision as BenchDecision, type Said as BenchSaid, shown, tailOf } from '../tablet/said.js';
import { type Bench, compare, type Manifest } from './bench.js';
import type { LabAnswer } from './words.js';

export type Seen =
  | { kind: 'box'; code: string; rehearsal: boolean | undefined }
  | { kind: 'tube'; code: string; rehearsal: boolean | undefined }
  | { kind: 'staff'; card: string }
  | { kind: 'wrong'; what: 'resident' | 'station' | 'device' | 'document' | 'shopBarcode' }
  | { kind: 'unreadable' };

export type Pending =
  /** What is missing has been said; the next scan of the box finishes it. */
  | { for: 'done'; box: string; until: number }
  | { for: 'reject'; reason: RejectionReason; until: number };

export interface Situation {
  bench: Bench;
  manifest: Manifest | undefined;
  staff: string | undefined;
  rehearsal: boolean;
  pending: Pending | undefined;
}

export type Said = BenchSaid<LabAnswer>;

export interface Decision extends BenchDecision<LabAnswer, Pending> {
  /** The manifest of this box is wanted. */
  look?: string;
}

const minute = 60_000;

const only = (row: LabAnswer, values?: Said['values'], pending?: Pending): Decision => ({ say: values ? { row, values } : { row }, wishes: [], pending });

export function decide(seen: Seen, at: Situation, now: number): Decision {
  const pending = at.pending && at.pending.until > now ? at.pending : undefined;
  if ((seen.kind === 'box' || seen.kind === 'tube') && seen.rehearsal !== undefined && seen.rehearsal !== at.rehearsal) return only('wrongFence', undefined, pending);
  switch (seen.kind) {
    case 'staff': return { say: { row: 'staff', values: { tail: tailOf(seen.card) } }, wishes: [], staff: seen.card, pending };
    case 'box': return boxScanned(seen.code, { ...at, pending }, now);
    case 'tube': return tubeScanned(seen.code, { ...at, pending });
    case 'wrong': return only('wrongKind', { what: seen.what }, pending);
    case 'unreadable': return only('unreadable', undefined, pending);
  }
}

function boxScanned(code: string, { bench, manifest, staff, pending }: Situation, now: number): Decision {
  if (staff === undefined) return only('staffFirst');
  const { box } = bench;
  if (!box) return { say: { row: 'boxHere', values: { tail: tailOf(code) }, about: shown(code) }, wishes: [{ step: 'receiveBox', how: 'ask', body: { box: code } }], look: code };
  if (box.box !== code) return only('closeFirst', { tail: tailOf(box.box) });
  const { missing, here } = compare(box, manifest);
  const sure = pending?.for === 'done' && pending.box === code;
  if (missing.length > 0 && !sure) return only('missing', { n: missing.length }, { for: 'done', box: code, until: now + 5 * minute });
  const done: Wish = { step: 'reconcileBox', how: 'ask', body: { box: code } };
  if (missing.length > 0) return { say: { row: 'doneMissing', values: { n: missing.length }, about: shown(code) }, wishes: [done] };
  return { say: { row: 'done', values: { n: here }, about: shown(code) }, wishes: [done] };
}

function tubeScanned(code: string, { bench, manifest, pending, staff }: Situation): Decision {
  if (staff === undefined) return only('staffFirst', undefined, pending);
  const about = shown(code);
  const { box } = bench;
  const inBox = box ? { box: box.box } : {};
  if (pending?.for === 'reject') {
    return { say: { row: 'rejected', values: { tail: tailOf(code) }, about }, wishes: [{ step: 'rejectTube', how: 'report', body: { tube: code, reason: pending.reason, ...inBox } }] };
  }
  if (bench.tubes.has(code)) return { say: { row: 'already', about }, wishes: [], tick: true, pending };
  const wish: Wish = { step: 'receiveTube', how: 'ask', body: { tube: code, ...inBox } };
  if (!box) return { say: { row: 'alone', about }, wishes: [wish], pending };
  const after = compare({ ...box, seen: [...box.seen, code] }, manifest);
  if (after.all === undefined) return { say: { row: 'counted', values: { n: after.here }, about }, wishes: [wish], pending };
  if (after.extra.includes(code)) return { say: { row: 'extra', about }, wishes: [wish], pending };
  return { say: { row: 'expected', values: { n: after.here, all: after.all }, about }, wishes: [wish], pending };
}

/** The next tube is rejected, for this reason. */
export const armReject = (reason: RejectionReason) => (_at: Situation, now: number): Decision =>
  only('rejectArmed', { reason: rejectionReasons[reason].zh, reasonEn: rejectionReasons[reason].en }, { for: 'reject', reason, until: now + minute });

/** The box is finished by key, as if it had been scanned again. */
export const finishByKey = (at: Situation, now: number): Decision => (at.bench.box ? boxScanned(at.bench.box.box, at, now) : only('noBoxToClose'));

export interface RefusedHeard {
  word: string;
  detail: Record<string, unknown>;
  zh: string;
  en: string;
  nextZh: string;
  nextEn: string;
}

/** What is said when the service says no. A repeat is no harm. */
export function refusedInstead({ step, body }: Wish, { word, zh, en, nextZh, nextEn }: RefusedHeard): Decision {
  const code = String(body['tube'] ?? body['box'] ?? '');
  if (step === 'receiveBox' && word === 'box_received') return { say: { row: 'boxAgain', values: { tail: tailOf(code) }, about: shown(code) }, wishes: [], look: code };
  if (step === 'receiveTube' && word === 'tube_received') return { say: { row: 'already', about: shown(code) }, wishes: [], tick: true };
  return { say: { row: 'refused', values: { zh, en, nextZh, nextEn }, about: shown(code) }, wishes: [] };
}
