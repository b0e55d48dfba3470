// The door to the record: takes steps, and gives what the record says. The only place that calls the function library.

import type { Redis } from 'ioredis';
import { rehearsalSerials } from '../domain/codes.js';
import type { LedgerEvent } from '../domain/events.js';
import { isRefusalWord, type RefusalWord } from '../domain/refusals.js';
import { type CellName, isSystemCell, type StepRequest } from '../domain/requests.js';
import { argumentsOf, fingerprintOf } from './arguments.js';
import { tubesOfResident } from './custody.js';
import { type CallPrefix, callPrefix, LibraryCall } from './call.js';
import { journalOf, keysOf, systemKeys } from './keys.js';
import { buildLibrary, type Library } from './library.js';
import { layout } from './records.js';
import { runOf } from './redis.js';
import { decodeEvent } from './stream.js';

/** A record nobody could read: kept, encrypted, under its number. */
export interface Unreadable {
  number: number;
  step: 'quarantine';
  /** The raw record, encrypted by the vault. */
  ciphertext: string;
  /** What is wrong with it, in words that hold nothing of its content. */
  problem: string;
  /** 48 bits that tell this content from another. */
  fingerprint: number;
}

/**
 * A request the door turned away, because whoever sent it may not take the step: it changes nothing, but its number and the answer are
 * recorded like any refusal's, so that the device's numbers have no hole.
 */
export interface TurnedAway {
  number: number;
  step: 'refuse';
  of: StepRequest;
  word: RefusalWord;
  detail?: Record<string, unknown> | undefined;
}

/** Requests of one device, in order. */
export interface Parcel {
  device: string;
  epoch: string;
  /** The device's clock while sending, ms. */
  now?: number | undefined;
  /** The highest number it has given out. */
  assigned?: number | undefined;
  requests: readonly (StepRequest | Unreadable | TurnedAway)[];
}

export type Answer =
  | { number: number; outcome: 'applied'; again?: true; events: LedgerEvent[] }
  | { number: number; outcome: 'refused'; again?: true; word: RefusalWord; detail: Record<string, unknown> }
  | { number: number; outcome: 'quarantined' }
  /** Our fault, not the sender's: nothing was written, the same request may be sent again. */
  | { number: number; outcome: 'fault' };

/** What the record holds of a device, and its answers. */
export interface Receipt {
  dataEpoch: string;
  /** The cell's time, ms. */
  at: number;
  /** Highest number received without a hole below it. */
  mark: number;
  /** Numbers given out by the device and not received. */
  missing: number;
  /** Numbers two people stopped waiting for. */
  lost: number;
  /** How many disks keep what is received: 1 is what the screen calls "one copy only". */
  copies: 1 | 2;
  /** Highest number of this device up to which a second disk holds everything; 0 where there is none. */
  safeUpTo: number;
  answers: Answer[];
  /** Items due by the cell's clock, told by `runDue` and `advanceClock`. */
  due: number;
}

/** Requests in one call of the library: about 2 ms of Redis's time, so nobody else waits longer than that. */
const requestsPerCall = 50;
/** Steps that need something done before the call, so they travel alone and one after the other. */
const preparedSteps = new Set<string>(['openRound', 'reserveCodes', 'writeOffDevice', 'closeRound', 'mergeResidents']);
/** Of these, what is looked up first. */
const looksUp = new Set<string>(['reserveCodes', 'mergeResidents']);

export interface Ledger {
  /** Takes steps for one or more devices of a cell, in order. Throws only when the record cannot be reached. */
  take(cell: CellName, parcels: readonly Parcel[]): Promise<Receipt[]>;
  /** The connection for named reads (`reads.ts`, `stream.ts`). */
  readonly redis: Redis;
  readonly library: Library;
  /** Puts the library on the server if it is not there. */
  load(): Promise<void>;
  /** Called with a message when a cell has stopped because a step failed after its first write. */
  onHalted: ((cell: CellName, fault: string) => void) | undefined;
}

/** `log` hears of faults; their messages are ours or Redis's and hold no personal data. */
export function createLedger(redis: Redis, log: { error(detail: object, message: string): void }): Ledger {
  const library = buildLibrary();
  let run: Promise<string> | undefined;
  let runId: string | undefined;
  redis.on('close', () => { run = runId = undefined; });

  async function load(): Promise<void> {
    await redis.function('LOAD', library.code).catch((fault: Error) => {
      // ioredis hangs the command, all of the library's text, on its error; the message alone says what is wrong.
      if (!/already exists/.test(fault.message)) throw new Error(`the function library was not accepted: ${fault.message}`);
    });
  }

  const prefixes = new Map<string, CallPrefix>();

  function prefixOf(cell: CellName, journals: number): CallPrefix {
    const name = `${journals} ${cell.round}:${cell.area}`;
    let prefix = prefixes.get(name);
    if (!prefix) {
      if (prefixes.size > 5000) prefixes.clear();
      prefix = callPrefix(library.run, keysOf(cell), journals);
      prefixes.set(name, prefix);
    }
    return prefix;
  }

  /** `rest` is the journals' keys, then the arguments. */
  async function call(prefix: CallPrefix, rest: readonly string[]): Promise<RawReply> {
    const send = () => {
      holdForOneWrite(redis);
      return redis.sendCommand(new LibraryCall(prefix, rest)) as Promise<RawReply>;
    };
    try {
      return await send();
    } catch (fault) {
      if (!/Function not found/.test((fault as Error).message)) throw fault;
      await load();
      return send();
    }
  }

  async function takeOnce(cell: CellName, parcels: readonly Parcel[]): Promise<Receipt[]> {
    const journals: string[] = [];
    const argv: string[] = [String(layout), String(parcels.length)];
    let other: string | undefined;
    for (const parcel of parcels) {
      journals.push(journalOf(cell, parcel.device, parcel.epoch));
      argv.push(parcel.device, parcel.epoch, text(parcel.now), text(parcel.assigned), String(parcel.requests.length));
      for (const request of parcel.requests) {
        if (request.step === 'quarantine') {
          argv.push(String(request.number), 'quarantine', '1', '0', '', String(request.fingerprint), '2', request.ciphertext, request.problem);
          continue;
        }
        if (request.step === 'refuse') {
          const { of, word, detail = {} } = request;
          argv.push(String(request.number), 'refuse', '0', String(of.claimedAt), of.by ?? '', String(fingerprintOf(of, argumentsOf(of))), '2', word, JSON.stringify(detail));
          continue;
        }
        // Nothing is waited for in the way of an everyday step, not even a promise that is settled already: whoever has sent less would be
        // written first, and the pieces of an outbox and the frames of a socket would overtake each other.
        const args = argumentsOf(request, looksUp.has(request.step) ? await lookedUp(cell, request) : undefined);
        if (request.step === 'writeOffDevice') {
          const { device, epoch } = (request as StepRequest<'writeOffDevice'>).body;
          other = journalOf(cell, device, epoch);
        }
        argv.push(
          String(request.number), request.step, request.mode === 'report' ? '1' : '0', String(request.claimedAt), request.by ?? '',
          String(fingerprintOf(request, args)), String(args.length), ...args,
        );
      }
    }
    if (other) journals.push(other);
    // A city's readers find their cells here; a cell that was announced and never opened does no harm.
    if (!isSystemCell(cell) && parcels.some(({ requests }) => requests.some(({ step }) => step === 'openRound'))) {
      await redis.sadd(systemKeys.cells, `${cell.round}:${cell.area}`);
    }

    const asked = run ??= runOf(redis);
    const called = call(prefixOf(cell, journals.length), journals.concat(argv));
    // Every swab passes here, so what is known is not waited for.
    let server = runId;
    if (server === undefined) {
      [, server] = await Promise.all([called, asked]);
      if (run === asked) runId = server;
    }
    const reply = await called;
    const stop = reply[3].toString();
    const dataEpoch = `${reply[0].toString()}.${server}`;
    return parcels.map((parcel, j) => {
      if (stop) {
        const answers = parcel.requests.map(({ number }): Answer => ({ number, outcome: 'refused', word: stop as RefusalWord, detail: {} }));
        return { dataEpoch, at: 0, mark: 0, missing: 0, lost: 0, copies: 1, safeUpTo: 0, answers, due: 0 };
      }
      const [[mark, missing, lost, safeUpTo, copies], ...raw] = reply[4 + j] as [[number, number, number, number, 1 | 2], ...Buffer[][]];
      const answers = raw.map((answer, i) => toAnswer(cell, (parcel.requests[i] as StepRequest).number, answer));
      return { dataEpoch, at: Number(reply[1]), mark, missing, lost, copies, safeUpTo, answers, due: Number(reply[2]) };
    });
  }

  /** What a step needs and its sender cannot give. The step holds it against the record all the same. */
  async function lookedUp(cell: CellName, request: StepRequest): Promise<number | string | undefined> {
    if (request.step === 'reserveCodes') return takeRange(cell, request as StepRequest<'reserveCodes'>);
    if (request.step !== 'mergeResidents') return undefined;
    return (await tubesOfResident(redis, cell, Number((request as StepRequest<'mergeResidents'>).body.twin))).map(({ tube }) => tube).join(' ');
  }

  async function takeRange(cell: CellName, request: StepRequest<'reserveCodes'>): Promise<number> {
    const { kind, count } = request.body;
    const rehearsal = (await redis.hget(keysOf(cell)[0] as string, 'rehearsal')) === '1';
    const end = await redis.hincrby(systemKeys.serials, rehearsal ? `rehearsal:${kind}` : kind, count);
    return (rehearsal ? rehearsalSerials : 0) + end - count + 1;
  }

  function toAnswer(cell: CellName, number: number, raw: Buffer[]): Answer {
    const outcome = (raw[0] as Buffer).toString();
    switch (outcome) {
      case 'applied':
      case 'again': {
        const events = raw.slice(1).map((packed) => decodeEvent('', packed));
        return outcome === 'again' ? { number, outcome: 'applied', again: true, events } : { number, outcome: 'applied', events };
      }
      case 'refused':
      case 'refused again': {
        const word = (raw[1] as Buffer).toString();
        if (!isRefusalWord(word)) throw new Error(`the record refuses with an unknown word: ${word}`);
        const detail = JSON.parse((raw[2] as Buffer).toString()) as Record<string, unknown>;
        return outcome === 'refused' ? { number, outcome: 'refused', word, detail } : { number, outcome: 'refused', again: true, word, detail };
      }
      case 'quarantined':
        return { number, outcome: 'quarantined' };
      default: {
        const fault = (raw[1] as Buffer).toString();
        log.error({ cell: `${cell.round}:${cell.area}`, number, fault }, 'a step failed');
        ledger.onHalted?.(cell, fault);
        return { number, outcome: 'fault' };
      }
    }
  }

  const ledger: Ledger = {
    redis,
    library,
    load,
    onHalted: undefined,
    async take(cell, parcels) {
      const total = parcels.reduce((sum, { requests }) => sum + requests.length, 0);
      const rare = parcels.some(({ requests }) => requests.some(({ step }) => preparedSteps.has(step)));
      if (total <= (rare ? 1 : requestsPerCall)) return takeOnce(cell, parcels);
      return Promise.all(
        parcels.map(async (parcel) => {
          const receipts: Receipt[] = parcel.requests.length === 0 ? await takeOnce(cell, [parcel]) : [];
          if (rare) {
            for (const request of parcel.requests) receipts.push(...(await takeOnce(cell, [{ ...parcel, requests: [request] }])));
          } else {
            // The pieces leave together and Redis keeps their order.
            receipts.push(...(await Promise.all(piecesOf(parcel).map((requests) => takeOnce(cell, [{ ...parcel, requests }])))).flat());
          }
          return { ...(receipts.at(-1) as Receipt), answers: receipts.flatMap(({ answers }) => answers) };
        }),
      );
    },
  };
  return ledger;
}

type RawReply = [history: Buffer, at: Buffer, due: number, stop: Buffer, ...devices: unknown[]];

const text = (value: number | undefined): string => (value === undefined ? '' : String(value));

function piecesOf({ requests }: Parcel): Parcel['requests'][] {
  const pieces: Parcel['requests'][] = [];
  for (let at = 0; at < requests.length; at += requestsPerCall) pieces.push(requests.slice(at, at + requestsPerCall));
  return pieces;
}

const held = new WeakSet<object>();

/**
 * Calls that are made at once (one for each cell of a turn, the pieces of an outbox) leave in one write: a system call for each was a
 * quarter of the service's time under load. Nothing waits for a reply as with autopipelining, so one slow call holds nobody up.
 */
function holdForOneWrite(redis: Redis): void {
  const { stream } = redis as unknown as { stream?: { cork(): void; uncork(): void } };
  if (!stream || held.has(stream)) return;
  held.add(stream);
  stream.cork();
  process.nextTick(() => {
    held.delete(stream);
    stream.uncork();
  });
}
