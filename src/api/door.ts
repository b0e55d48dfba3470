// What the three ways in share (a step alone, an outbox, a frame on a socket): the parts they are made of, the way a parcel takes to the
// record, and the line in the log.

import type { Logger } from 'pino';
import type { CellName } from '../domain/requests.js';
import type { Answer, Ledger, Parcel, Receipt } from '../ledger/ledger.js';
import type { Vault } from '../vault/vault.js';
import type { Vaulted } from './incoming.js';
import { type Pressure, pressure } from './pressure.js';

export interface Door extends Vaulted {
  ledger: Ledger;
  vault: Vault;
  log: Logger;
  pressure: Pressure;
  /** Takes a parcel at once, in a call of its own, behind whatever came before it: what is long, or waits for something else. */
  take(cell: CellName, parcel: Parcel): Promise<Receipt>;
  /** Takes a parcel together with others that arrive for its cell at about the same time. */
  gather(cell: CellName, parcel: Parcel): Promise<Receipt>;
}

export function makeDoor({ ledger, vault, log, timeZone, surroundings }: { ledger: Ledger; vault: Vault; log: Logger; timeZone: string; surroundings?: Door['surroundings'] }): Door {
  const pressed = pressure();
  const gathering = gatherer(ledger, pressed, log);
  const day = new Intl.DateTimeFormat('en-CA', { timeZone });
  return {
    ledger, vault, log, surroundings, pressure: pressed,
    // The Canadian way of writing a date is the ISO one.
    dayOf: (at) => day.format(at),
    fault: (detail, message) => log.error(detail, message),
    async take(cell, parcel) {
      gathering.leave(cell);
      pressed.steps++;
      const began = performance.now();
      try {
        const [receipt] = await ledger.take(cell, [parcel]);
        told(log, cell, parcel, receipt as Receipt, began);
        return receipt as Receipt;
      } finally {
        pressed.steps--;
      }
    },
    gather: gathering.gather,
  };
}

interface Waiting {
  parcel: Parcel;
  began: number;
  resolve(receipt: Receipt): void;
  reject(fault: unknown): void;
}

/** As many as the ledger takes in one call; more would be cut there, device by device. */
const requestsPerCall = 50;
/**
 * So many do not wait for the end of their turn. Under load a turn is long, and a Redis that gets all of it at the end stands idle until
 * then, as the service does afterwards: with eight the two work side by side, and a call of eight costs hardly more a swab than one of 50.
 */
const requestsThatLeave = 8;
/** With so many calls of a cell under way the rest waits until one has come back: the more there is to do, the more share a call. */
const callsUnderWay = 2;

/** What waits to leave for one cell. */
interface Gathered {
  cell: CellName;
  waiting: Waiting[];
  requests: number;
  underWay: number;
}

/**
 * Frames of many sockets and steps sent alone that arrive at about the same time go to Redis in few calls for each cell: half the work of
 * a call for each, and one fsync for all (perf research 3d). Order is kept: calls leave in the order in which their frames came.
 */
function gatherer(ledger: Ledger, pressed: Pressure, log: Logger): { gather: Door['gather']; leave(cell: CellName): void } {
  const cells = new Map<string, Gathered>();
  const nameOf = ({ round, area }: CellName): string => `${round}:${area}`;
  let turning = false;

  function turnEnds(): void {
    turning = false;
    for (const [name, one] of cells) {
      if (one.waiting.length > 0 && one.underWay < callsUnderWay) leave(one);
      else if (one.waiting.length === 0 && one.underWay === 0) cells.delete(name);
    }
  }

  function leave(one: Gathered): void {
    const { waiting } = one;
    if (waiting.length === 0) return;
    one.waiting = [];
    one.requests = 0;
    one.underWay++;
    void call(one.cell, waiting).then(() => {
      one.underWay--;
      if (one.underWay < callsUnderWay) leave(one);
    });
  }

  async function call(cell: CellName, load: Waiting[]): Promise<void> {
    pressed.steps += load.length;
    try {
      const receipts = await ledger.take(cell, load.map(({ parcel }) => parcel));
      load.forEach(({ parcel, began, resolve }, i) => {
        told(log, cell, parcel, receipts[i] as Receipt, began);
        resolve(receipts[i] as Receipt);
      });
    } catch (fault) {
      for (const { reject } of load) reject(fault);
    } finally {
      pressed.steps -= load.length;
    }
  }

  return {
    leave(cell) {
      const one = cells.get(nameOf(cell));
      if (one) leave(one);
    },
    gather: (cell, parcel) => new Promise((resolve, reject) => {
      const name = nameOf(cell);
      let one = cells.get(name);
      if (!one) cells.set(name, (one = { cell, waiting: [], requests: 0, underWay: 0 }));
      const size = parcel.requests.length;
      if (one.requests + size > requestsPerCall) leave(one);
      one.waiting.push({ parcel, began: performance.now(), resolve, reject });
      one.requests += size;
      if (one.requests >= (one.underWay < callsUnderWay ? requestsThatLeave : requestsPerCall)) leave(one);
      else if (!turning) {
        turning = true;
        setImmediate(turnEnds);
      }
    }),
  };
}

/** Refusals an operator wants to see without looking for them. */
const notable: ReadonlySet<string> = new Set(['id_reused', 'cell_halted', 'layout_differs', 'number_too_far']);

/** One line a step, at debug: a busy service would spend more on the log than on the step. Names, numbers and words only. */
function told(log: Logger, cell: CellName, { device, requests }: Parcel, { answers }: Receipt, began: number): void {
  const debug = log.isLevelEnabled('debug');
  for (let i = 0; i < answers.length; i++) {
    const answer = answers[i] as Answer;
    const word = answer.outcome === 'refused' ? answer.word : undefined;
    const loud = answer.outcome === 'quarantined' || (word !== undefined && notable.has(word));
    if (!debug && !loud) continue;
    const line = {
      cell: `${cell.round}:${cell.area}`, device, number: answer.number, step: requests[i]?.step, outcome: answer.outcome,
      ...(word ? { word } : {}), ms: Math.round((performance.now() - began) * 10) / 10,
    };
    if (loud) log.info(line, 'step');
    else log.debug(line, 'step');
  }
}

