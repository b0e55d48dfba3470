// Tubes on a laboratory's bench that no manifest has named: the finder looks for the area whose record has them, when they come and
// whenever an area tells of a tube, and tells the laboratory. What it says may be said twice: it only completes what is there.

import { randomBytes } from 'node:crypto';
import type { LedgerEvent } from '../../domain/events.js';
import type { CellName } from '../../domain/requests.js';
import { isLaboratory, waiting } from '../../ledger/laboratory.js';
import type { Ledger } from '../../ledger/ledger.js';
import { headsOf } from '../../ledger/presence.js';
import { cellState, openedCells, tube, type TubeState } from '../../ledger/reads.js';

export interface Finder {
  /** A cell begins to be followed: a laboratory's unregistered tubes are read from its record. */
  begin(cell: CellName): Promise<void>;
  take(cell: CellName, events: readonly LedgerEvent[]): Promise<void>;
  /** Looks again for what could not be looked for or told. */
  retry(): Promise<void>;
  /** Is nothing waiting to be looked for? */
  idle(): boolean;
}

interface Lost {
  laboratory: CellName;
  /** To be looked for in all areas of the round, or in these. */
  areas: Set<string> | 'all';
}

interface FinderParts {
  ledger: Ledger;
  log: { warn(detail: object, message: string): void };
  moved: () => void;
}

const nameOf = ({ round, area }: CellName) => `${round}:${area}`;

export function createFinder({ ledger, log, moved }: FinderParts): Finder {
  const { redis } = ledger;
  /** By round, then by code: which laboratories have it unregistered. */
  const unregistered = new Map<string, Map<string, Set<string>>>();
  /** What is to be looked for, by laboratory and code. */
  const due = new Map<string, Lost & { code: string }>();
  const laboratories = new Set<string>();
  /** By laboratory: the history its numbers belong to, and the next one. */
  const storages = new Map<string, { epoch: string; dataEpoch: string; number: number }>();
  let looking: Promise<void> | undefined;
  let warned = false;

  const codesOf = (round: string) => {
    const found = unregistered.get(round) ?? new Map<string, Set<string>>();
    unregistered.set(round, found);
    return found;
  };

  function lookFor(laboratory: CellName, code: string, area?: string): void {
    const name = `${nameOf(laboratory)}/${code}`;
    const before = due.get(name)?.areas;
    const areas = area === undefined || before === 'all' ? 'all' : new Set([...(before ?? []), area]);
    due.set(name, { laboratory, code, areas });
  }

  function add(laboratory: CellName, code: string): void {
    const codes = codesOf(laboratory.round);
    codes.set(code, (codes.get(code) ?? new Set()).add(laboratory.area));
    // Noted before it is looked for: an area that tells of it meanwhile is heard.
    lookFor(laboratory, code);
  }

  async function storageOf(laboratory: CellName) {
    const [head] = await headsOf(redis, [laboratory]);
    const known = storages.get(nameOf(laboratory));
    if (!head || known?.dataEpoch === head.dataEpoch) return known;
    const fresh = { epoch: randomBytes(6).toString('hex'), dataEpoch: head.dataEpoch, number: 0 };
    storages.set(nameOf(laboratory), fresh);
    return fresh;
  }

  async function tell(laboratory: CellName, from: string, { tube: code, count, firstSwabAt, openedAt, lastSwabAt }: TubeState): Promise<void> {
    const storage = await storageOf(laboratory);
    if (!storage) return;
    const rehearsal = (await cellState(redis, laboratory))?.rehearsal ?? false;
    const [receipt] = await ledger.take(laboratory, [{
      device: 'relay.finder', epoch: storage.epoch,
      requests: [{ number: storage.number + 1, step: 'expectBox', mode: 'report', claimedAt: Math.max(openedAt, lastSwabAt), body: { trip: 0, from, rehearsal, tubes: [[code, count, firstSwabAt]], elsewhere: false } }],
    }]);
    if (receipt && receipt.mark > storage.number) storage.number = receipt.mark;
    if (receipt?.answers[0]?.outcome === 'fault') throw new Error('a step failed');
  }

  async function lookOnce(): Promise<void> {
    for (const [name, one] of [...due]) {
      const cells = (await openedCells(redis)).filter(({ round, area }) => round === one.laboratory.round && (one.areas === 'all' || one.areas.has(area)) && area !== one.laboratory.area);
      const found = await Promise.all(cells.map((cell) => tube(redis, cell, one.code)));
      for (const [i, state] of found.entries()) {
        // A record that began with the laboratory's own word knows nothing of its own.
        if (state && (state.station > 0 || state.count > 0)) await tell(one.laboratory, (cells[i] as CellName).area, state);
      }
      // Asked for anew meanwhile, it stays.
      if (due.get(name) === one) due.delete(name);
    }
  }

  async function look(): Promise<void> {
    if (due.size === 0) return;
    looking ??= lookOnce()
      .then(() => { warned = false; })
      .catch((fault: Error) => {
        if (!warned) log.warn({ fault: fault.message }, 'unregistered tubes cannot be looked for');
        warned = true;
      })
      .finally(() => { looking = undefined; moved(); });
    await looking;
  }

  return {
    async begin(cell) {
      if (!(await isLaboratory(redis, cell))) return;
      laboratories.add(nameOf(cell));
      let cursor = '0';
      do {
        const page = await waiting(redis, cell, cursor);
        for (const code of page.unregistered) add(cell, code);
        cursor = page.cursor;
      } while (cursor !== '0');
    },
    async take(cell, events) {
      if (laboratories.has(nameOf(cell))) {
        for (const event of events) {
          if ((event.event === 'tube.received' || event.event === 'tube.rejected') && event.home === '') add(cell, event.tube);
          else if (event.event === 'tube.registered') {
            const codes = codesOf(cell.round);
            const by = codes.get(event.tube);
            by?.delete(cell.area);
            if (by?.size === 0) codes.delete(event.tube);
          }
        }
      } else {
        const codes = unregistered.get(cell.round);
        if (!codes || codes.size === 0) return;
        for (const event of events) {
          if (event.event !== 'tube.opened' && event.event !== 'tube.sealed' && event.event !== 'swab.taken') continue;
          for (const area of codes.get(event.tube) ?? []) lookFor({ round: cell.round, area }, event.tube, cell.area);
        }
      }
      await look();
    },
    retry: look,
    idle: () => due.size === 0,
  };
}
