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
  /** Takes a parcel at once, in a call of its own: what is long, or waits for something else. */
  take(cell: CellName, parcel: Parcel): Promise<Receipt>;
  /** Takes a parcel together with all others that arrive for its cell in this turn of the event loop. */
  gather(cell: CellName, parcel: Parcel): Promise<Receipt>;
}

export function makeDoor({ ledger, vault, log, timeZone, surroundings }: { ledger: Ledger; vault: Vault; log: Logger; timeZone: string; surroundings?: Door['surroundings'] }): Door {
  const pressed = pressure();
  const day = new Intl.DateTimeFormat('en-CA', { timeZone });
  return {
    ledger, vault, log, surroundings, pressure: pressed,
    // The Canadian way of writing a date is the ISO one.
    dayOf: (at) => day.format(at),
    fault: (detail, message) => log.error(detail, message),
    async take(cell, parcel) {
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
    gather: gatherer(ledger, pressed, log),
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

/**
 * Frames of many sockets and steps sent alone that arrive in one turn of the event loop go to Redis in few calls for each cell: half the
 * work of a call for each, and one fsync for all (perf research 3d; for steps sent alone a fifth less of the service and of Redis).
 * Order is kept: calls leave in the order in which their frames came.
 */
function gatherer(ledger: Ledger, pressed: Pressure, log: Logger): Door['gather'] {
  const turn = new Map<string, { cell: CellName; waiting: Waiting[]; requests: number }>();
  let leaving = false;

  function leave(): void {
    leaving = false;
    for (const { cell, waiting } of turn.values()) void call(cell, waiting);
    turn.clear();
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

  return (cell, parcel) =>
    new Promise((resolve, reject) => {
      const name = `${cell.round}:${cell.area}`;
      const one = { parcel, began: performance.now(), resolve, reject };
      const size = parcel.requests.length;
      let load = turn.get(name);
      if (load && load.requests + size > requestsPerCall) {
        void call(cell, load.waiting);
        load = undefined;
      }
      if (load) load.waiting.push(one);
      else turn.set(name, (load = { cell, waiting: [one], requests: 0 }));
      load.requests += size;
      if (load.requests >= requestsThatLeave) {
        turn.delete(name);
        void call(cell, load.waiting);
      } else if (!leaving) {
        leaving = true;
        setImmediate(leave);
      }
    });
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

