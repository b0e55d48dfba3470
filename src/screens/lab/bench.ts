// What lies on the laboratory's bench, told from this device's own records and from what the service has said of the box's manifest. It
// needs no network: without a manifest the tubes are taken in as they come, and compared when it is there.

import type { Act } from '../tablet/acts.js';

export interface Delivery {
  box: string;
  receivedAt: number;
  /** In the order in which they were scanned. */
  seen: string[];
  rejected: string[];
  done: boolean;
}

export interface Bench {
  /** The box that is open on the bench. */
  box: Delivery | undefined;
  /** Finished here, latest first. */
  done: Delivery[];
  /** Every tube this device has taken in or rejected, and in which box. */
  tubes: Map<string, string>;
  /** The last tubes, latest first. */
  last: { tube: string; at: number; rejected: boolean }[];
}

export const emptyBench = (): Bench => ({ box: undefined, done: [], tubes: new Map(), last: [] });

const lastMax = 8;

export function foldBench(acts: Iterable<Act>): Bench {
  const bench = emptyBench();
  for (const { step, body, at, undone } of acts) {
    const [box, tube] = [String(body['box'] ?? ''), String(body['tube'] ?? '')];
    // A repeat is no harm: the box or the tube is here, whoever scanned it first.
    const isHere = undone === undefined || (step === 'receiveBox' && undone === 'box_received') || (step === 'receiveTube' && undone === 'tube_received');
    if (!isHere) continue;
    switch (step) {
      case 'receiveBox':
        if (bench.box?.box !== box) bench.box = { box, receivedAt: at, seen: [], rejected: [], done: false };
        break;
      case 'receiveTube': case 'rejectTube': {
        const rejected = step === 'rejectTube';
        const on = bench.box?.box === box ? bench.box : undefined;
        if (on && !on.seen.includes(tube)) on.seen.push(tube);
        if (on && rejected && !on.rejected.includes(tube)) on.rejected.push(tube);
        bench.tubes.set(tube, box);
        bench.last = [{ tube, at, rejected }, ...bench.last.filter((one) => one.tube !== tube)].slice(0, lastMax);
        break;
      }
      case 'reconcileBox':
        if (bench.box?.box === box) {
          bench.done = [{ ...bench.box, done: true }, ...bench.done].slice(0, 50);
          bench.box = undefined;
        }
        break;
      default:
    }
  }
  return bench;
}

/** What the service says of a box: its manifest, and where else its tubes are. */
export interface Manifest {
  box: string;
  tubes: readonly string[];
  /** On its manifest and at the laboratory already, by whichever bench. */
  there: readonly string[];
  state: string;
}

export interface Compared {
  /** Undefined: no manifest is known. */
  all: number | undefined;
  here: number;
  missing: string[];
  extra: string[];
}

/** A box against its manifest, as far as both are known here. */
export function compare({ seen }: Delivery, manifest: Manifest | undefined): Compared {
  if (!manifest || manifest.tubes.length === 0) return { all: undefined, here: seen.length, missing: [], extra: [] };
  const listed = new Set(manifest.tubes);
  const there = new Set([...manifest.there, ...seen]);
  return {
    all: listed.size, here: [...listed].filter((tube) => there.has(tube)).length,
    missing: [...listed].filter((tube) => !there.has(tube)), extra: seen.filter((tube) => !listed.has(tube)),
  };
}
