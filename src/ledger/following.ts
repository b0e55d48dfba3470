// Follows the streams of all opened cells, on connections of its own, for whoever makes something of the events: counts, jobs.
//
// What a reader has made of a stream belongs to one history of its cell. When the record may have gone back (another dataEpoch, or an end
// of the stream before our position) the reader is asked to begin anew. After a lost connection nothing that was read is believed until
// the history has been looked at again, because another server may answer.
//
// A cell is first read page by page, a few cells at a time, and then joins the others in one blocking read.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import type { LedgerEvent } from '../domain/events.js';
import type { CellName } from '../domain/requests.js';
import { makeEnding } from './ending.js';
import { type CellHead, headsOf, serverTime } from './presence.js';
import { openedCells } from './reads.js';
import { connect } from './redis.js';
import { awaitEvents, readEvents } from './stream.js';

/** What makes something of the events. Each cell's calls come one after the other, except that `begin` may overtake. */
export interface StreamReader {
  /** A cell is there, or its history may have gone back: whatever was made of it is void. Told at once, `begin` when its turn comes. */
  drop?(cell: CellName, head: CellHead): void;
  /** Gives the position to read after, '0' for all. */
  begin(cell: CellName, head: CellHead): Promise<string> | string;
  /** The next events, in the order of the stream. If it throws, they come again. */
  take(cell: CellName, events: readonly LedgerEvent[]): Promise<void> | void;
  /** The end of the stream was reached: there was nothing after what has been taken. Told again at least every second. */
  atEnd?(cell: CellName): void;
  /** The cell is no longer there. */
  gone?(cell: CellName): void;
  /** The stream holds what this version cannot read, or `take` failed; the cell is not followed until its history changes. */
  broken?(cell: CellName, fault: Error): void;
}

export interface Following {
  /** For the reader's own questions to the record. */
  readonly redis: Redis;
  /** What has to be added to this process's clock to have the server's, ms. */
  readonly clockOffset: number;
  /** Looks for cells that have been opened, and for histories that have changed, now instead of within a second. */
  look(): Promise<void>;
  /** Begins every cell anew: what the reader has made of the streams is lost. */
  restart(): void;
  /** Waits for what is under way and closes the connections. */
  stop(): Promise<void>;
}

export interface FollowingOptions {
  redisUrl: string;
  reader: StreamReader;
  log: { warn(detail: object, message: string): void };
}

interface Line {
  readonly cell: CellName;
  head: CellHead;
  position: string;
  /** Grows with every beginning; what was asked for in another turn is dropped. */
  turn: number;
  ready: boolean;
}

const lookEveryMs = 1000;
const pageSize = 1000;
/** Events of one cell in one answer of the blocking read. */
const liveSize = 500;
/** After a read that brought something, the next one waits this long, so that it brings more. */
const breathMs = 20;
/** Cells read from their beginning at the same time: a page of each is in memory. */
const beginningMax = 4;

export function followStreams({ redisUrl, reader, log }: FollowingOptions): Following {
  const redis = connect(redisUrl);
  const blocked = connect(redisUrl, { patient: true });
  const lines = new Map<string, Line>();
  const queue: Line[] = [];
  let beginning = 0;
  const ending = makeEnding();
  let away = false;
  // Grows with every lost connection; what was asked before is not believed.
  let connection = 0;
  let lookedOn = -1;
  let answeredAt = Date.now();
  let clockOffset = 0;
  let looking: Promise<void> | undefined;
  blocked.on('close', () => { connection++; });

  async function look(): Promise<void> {
    const asked = connection;
    const cells = await openedCells(redis);
    // Before the heads are read: our positions go on moving.
    const positions = new Map([...lines].map(([name, { position }]) => [name, position]));
    const [heads, time] = await Promise.all([headsOf(redis, cells), serverTime(redis)]);
    clockOffset = time - Date.now();
    const there = new Set<string>();
    cells.forEach((cell, i) => {
      const head = heads[i];
      if (!head) return;
      const name = `${cell.round}:${cell.area}`;
      there.add(name);
      const line = lines.get(name);
      if (!line) {
        const fresh: Line = { cell, head, position: '0', turn: 0, ready: false };
        lines.set(name, fresh);
        begin(fresh, head);
      } else if (line.head.dataEpoch !== head.dataEpoch || isBefore(head.last, positions.get(name) ?? '0')) begin(line, head);
    });
    for (const [name, line] of lines) {
      if (there.has(name)) continue;
      lines.delete(name);
      line.turn++;
      line.ready = false;
      reader.gone?.(line.cell);
    }
    lookedOn = Math.max(lookedOn, asked);
  }

  function begin(line: Line, head: CellHead): void {
    line.turn++;
    line.head = head;
    line.ready = false;
    line.position = '0';
    reader.drop?.(line.cell, head);
    if (!queue.includes(line)) queue.push(line);
    while (beginning < beginningMax && queue.length > 0) {
      beginning++;
      void (async () => {
        for (let next = queue.shift(); next && !ending.ended; next = queue.shift()) await readAll(next);
        beginning--;
      })();
    }
  }

  /** Reads a cell's stream up to its end. A fault of the connection leaves it to the next look. */
  async function readAll(line: Line): Promise<void> {
    const { turn } = line;
    const current = () => line.turn === turn && !ending.ended;
    try {
      const position = await reader.begin(line.cell, line.head);
      if (!current()) return;
      line.position = position;
      for (;;) {
        const page = await readEvents(redis, line.cell, line.position, pageSize);
        if (!current() || !(await give(line, page))) return;
        if (page.length < pageSize) break;
      }
      line.ready = true;
      reader.atEnd?.(line.cell);
    } catch (fault) {
      if (!current()) return;
      if (isConnectionFault(fault)) line.head = { ...line.head, dataEpoch: '' };
      else breakDown(line, fault);
    }
  }

  /** Gives events to the reader; false when the line has begun anew meanwhile. */
  async function give(line: Line, events: readonly LedgerEvent[]): Promise<boolean> {
    const { turn } = line;
    const taken = events.length > 0 ? reader.take(line.cell, events) : undefined;
    if (taken) await taken;
    if (line.turn !== turn) return false;
    line.position = events.at(-1)?.id ?? line.position;
    return true;
  }

  function breakDown(line: Line, fault: unknown): void {
    line.turn++;
    line.ready = false;
    log.warn({ cell: `${line.cell.round}:${line.cell.area}`, fault: (fault as Error).message }, 'the stream of a cell cannot be followed');
    reader.broken?.(line.cell, fault as Error);
  }

  async function giveLive(asked: readonly { line: Line; turn: number }[], found: ReadonlyMap<number, readonly LedgerEvent[]>): Promise<void> {
    for (const [i, { line, turn }] of asked.entries()) {
      if (line.turn !== turn) continue;
      try {
        const events = found.get(i) ?? [];
        if ((await give(line, events)) && events.length < liveSize) reader.atEnd?.(line.cell);
      } catch (fault) {
        if (isConnectionFault(fault)) await ending.orEnd(sleep(100));
        else breakDown(line, fault);
      }
    }
  }

  /** Each cell by itself, to find the one whose events cannot be read. */
  async function readOneByOne(asked: readonly { line: Line; turn: number }[]): Promise<void> {
    for (const { line, turn } of asked) {
      try {
        await giveLive([{ line, turn }], new Map([[0, await readEvents(redis, line.cell, line.position, liveSize)]]));
      } catch (fault) {
        if (isConnectionFault(fault)) return;
        breakDown(line, fault);
      }
    }
  }

  async function listen(): Promise<void> {
    while (!ending.ended) {
      const asked = [...lines.values()].filter(({ ready }) => ready).map((line) => ({ line, turn: line.turn }));
      if (asked.length === 0 || lookedOn < connection) {
        answeredAt = Date.now();
        await ending.orEnd(sleep(20));
        continue;
      }
      const askedOn = connection;
      try {
        // A connection that is down when it is given up never answers what it was asked.
        const found = await ending.orEnd(awaitEvents(blocked, asked.map(({ line }) => line), 1000, liveSize));
        if (!found) return;
        answeredAt = Date.now();
        if (askedOn === connection) await giveLive(asked, found);
        // A read of its own for every swab would cost as much as the swab; screens are told four times a second at most.
        if (found.size > 0 && [...found.values()].every(({ length }) => length < liveSize)) await ending.orEnd(sleep(breathMs));
      } catch (fault) {
        if (ending.ended) return;
        if (isConnectionFault(fault)) await ending.orEnd(sleep(100));
        else await readOneByOne(asked);
      }
    }
  }

  async function keepLooking(): Promise<void> {
    while (!ending.ended) {
      try {
        await ending.orEnd(lookOnce());
        away = false;
      } catch (fault) {
        if (!away && !ending.ended) log.warn({ fault: (fault as Error).message }, 'the record cannot be reached; nothing is followed meanwhile');
        away = true;
      }
      // A blocking read answers within a second, so a connection that says nothing for ten is dead though nobody has closed it.
      if (Date.now() - answeredAt > 10_000 && blocked.status === 'ready') {
        answeredAt = Date.now();
        blocked.disconnect(true);
      }
      await ending.orEnd(sleep(lookedOn < connection ? 50 : lookEveryMs));
    }
  }

  /** One look at a time; whoever asks while one is under way waits for it and then gets one that began later. */
  async function lookOnce(): Promise<void> {
    await looking?.catch(() => {});
    looking ??= look().finally(() => { looking = undefined; });
    return looking;
  }

  const running = Promise.all([listen(), keepLooking()]);

  return {
    redis,
    get clockOffset() { return clockOffset; },
    look: lookOnce,
    restart() { for (const line of lines.values()) begin(line, line.head); },
    async stop() {
      ending.end();
      blocked.disconnect();
      await running;
      redis.disconnect();
    },
  };
}

function isConnectionFault(fault: unknown): boolean {
  const { name, message } = fault as Error;
  return name === 'MaxRetriesPerRequestError' || /^(Connection is closed|Command timed out|Stream isn't writeable|connect |read ECONNRESET|LOADING|BUSY)/.test(message);
}

/** Is this stream position before the other? */
export function isBefore(position: string, other: string): boolean {
  const [ms = 0, sequence = 0] = position.split('-').map(Number);
  const [otherMs = 0, otherSequence = 0] = other.split('-').map(Number);
  return ms < otherMs || (ms === otherMs && sequence < otherSequence);
}
