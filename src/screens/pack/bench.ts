// What is on the packer's bench and in the courier's hands, told from this device's own records in the order they were made. A record that
// was refused has not happened; one that was reported has. Nothing else is kept, so a page that is opened anew finds the same box.

import type { Act } from '../tablet/acts.js';

export interface PackedBox {
  code: string;
  openedAt: number;
  tubes: string[];
  sealedAt: number;
  /** Whom this device has seen it go to. */
  holder: string | undefined;
}

export interface Bench {
  /** Being packed. */
  box: PackedBox | undefined;
  /** Sealed on this device, latest first. */
  sealed: PackedBox[];
  /** The last tube put into the open box. */
  last: string | undefined;
}

export const emptyBench = (): Bench => ({ box: undefined, sealed: [], last: undefined });

export function foldBench(acts: Iterable<Act>): Bench {
  const bench = emptyBench();
  for (const act of acts) addAct(bench, act);
  return bench;
}

/** Takes one more record in; the bench is changed. */
export function addAct(bench: Bench, { step, body, at, undone }: Act): void {
  if (undone !== undefined) return;
  const [code, tube] = [String(body['box'] ?? ''), String(body['tube'] ?? '')];
  const here = bench.box?.code === code ? bench.box : undefined;
  switch (step) {
    case 'openBox':
      if (!here) bench.box = { code, openedAt: at, tubes: [], sealedAt: 0, holder: undefined };
      bench.last = undefined;
      break;
    case 'packTube': {
      const box = here ?? (bench.box = { code, openedAt: at, tubes: [], sealedAt: 0, holder: undefined });
      if (!box.tubes.includes(tube)) box.tubes.push(tube);
      bench.last = tube;
      break;
    }
    case 'unpackTube': {
      const box = here ?? bench.sealed.find((one) => one.code === code);
      if (box) box.tubes = box.tubes.filter((one) => one !== tube);
      if (bench.last === tube) bench.last = here?.tubes.at(-1);
      break;
    }
    case 'sealBox': {
      const box = here ?? { code, openedAt: at, tubes: [], sealedAt: 0, holder: undefined };
      bench.sealed = [{ ...box, sealedAt: at }, ...bench.sealed.filter((one) => one.code !== code)].slice(0, 50);
      if (here) bench.box = undefined;
      bench.last = undefined;
      break;
    }
    case 'handOver': {
      const box = bench.sealed.find((one) => one.code === code);
      const holder = String(body['to'] ?? '');
      if (box) box.holder = holder;
      // Packed by somebody else: what is in it stands on their device, and it is in these hands all the same.
      else bench.sealed = [{ code, openedAt: at, tubes: [], sealedAt: at, holder }, ...bench.sealed].slice(0, 50);
      break;
    }
    default:
  }
}

/** Boxes other people have begun are gone on with: what the service says is in them counts as much as what was scanned here. */
export const joined = (bench: Bench, code: string, openedAt: number, tubes: readonly string[]): Bench => ({ ...bench, box: { code, openedAt, tubes: [...tubes], sealedAt: 0, holder: undefined }, last: undefined });
