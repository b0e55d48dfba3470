// Those who look at one thing in a cell: what they have been told, and what they are told next. What the thing is (the counts, the sampled,
// a board of calls) its content says. A message is encoded once and the same bytes go to all.
//
// A screen gets a snapshot and then changes, no oftener than its pulse allows and often enough that it can show how old they are. Recent changes are kept in a ring, so that a screen that was cut off for a moment
// goes on from its position. A screen that cannot keep up is skipped, and gets the latest snapshot when it has read what it had: the
// numbers it shows may be old, and are never wrong.

import type { WebSocket } from 'ws';
import type { Followed, Follower } from './follow.js';

/** What is shown of a cell. `Shown` is a value of its own: it must not change with the tally. */
export interface Content<Shown> {
  /** What is to be shown now, at this moment of the cell's clock. */
  of(followed: Followed, at: number): Shown;
  /** All of it, as fields of a message. */
  whole(shown: Shown): object;
  /** What is different since, as fields of a message, saying what is and not by how much; undefined: nothing is. */
  change(before: Shown, now: Shown): object | undefined;
}

export interface Pulse {
  /** No message sooner after the last; 250: four a second. */
  changesEveryMs: number;
  /** A message at least this often. */
  beatEveryMs: number;
  /** Bytes waiting for a reader before it is skipped. */
  waitingBytesMax: number;
  /** Bytes of changes kept for those who come back. */
  ringBytesMax: number;
  /** A reader skipped for so long is cut off. */
  skippedMsMax: number;
}

export const defaultPulse: Pulse = { changesEveryMs: 250, beatEveryMs: 1000, waitingBytesMax: 256 * 1024, ringBytesMax: 512 * 1024, skippedMsMax: 60_000 };

/** What has been done since the start; `encoded` is the number of messages made, `sent` the number of times one went out. */
export interface Traffic {
  encoded: number;
  sent: number;
  skipped: number;
  resumed: number;
  snapshots: number;
}

interface Reader {
  socket: WebSocket;
  /** Since when it is skipped; 0: it keeps up. */
  skippedSince: number;
  /** It has not had its first message: the fold is not ready. */
  fresh: boolean;
  after: string | undefined;
}

interface Change {
  before: string;
  position: string;
  bytes: Buffer;
}

/** A channel lives as long as somebody listens, and a while longer for those who come back. */
export interface Channel {
  /** `after` is the position of the last message the screen has had, of the history `epoch` if it says so. */
  join(socket: WebSocket, after?: string, epoch?: string): void;
  readonly readers: number;
  /** The cell's events have changed its tally, or the fold was begun anew. */
  changed(): void;
  /** The latest snapshot as it goes to screens; undefined while the fold is not ready. */
  snapshot(): Buffer | undefined;
  /** Nobody has listened for so many ms. */
  idleMs(): number;
  stop(): void;
}

export function openChannel<Shown>(followed: Followed, follower: Follower, pulse: Pulse, traffic: Traffic, content: Content<Shown>): Channel {
  const readers = new Set<Reader>();
  let tally = followed.tally;
  let told: { shown: Shown; position: string; dataEpoch: string } | undefined;
  let ring: Change[] = [];
  let ringBytes = 0;
  let evicted = '';
  let cached: Buffer | undefined;
  let publishedAt = 0;
  let idleSince = Date.now();
  let timer: NodeJS.Timeout | undefined;

  const beat = setInterval(() => {
    if (Date.now() - publishedAt < pulse.beatEveryMs) return;
    // Contact is no event: who is silent has to be asked for. When the record is away, the age of the numbers says so.
    if (readers.size > 0) void follower.refresh(followed).catch(() => {});
    publish();
  }, Math.max(1, pulse.beatEveryMs / 4));
  beat.unref();

  const header = () => ({ at: follower.clockOf(followed), age: Math.max(0, Date.now() - followed.heardAt) });

  function encode(message: object): Buffer {
    traffic.encoded++;
    return Buffer.from(JSON.stringify(message));
  }

  function publish(): void {
    clearTimeout(timer);
    timer = undefined;
    publishedAt = Date.now();
    cached = undefined;
    if (!followed.ready) {
      if (readers.size > 0) wait();
      return;
    }
    const shown = content.of(followed, follower.clockOf(followed));
    const position = followed.tally.position;
    const { dataEpoch } = followed;
    if (!told || followed.tally !== tally || told.dataEpoch !== dataEpoch) {
      tally = followed.tally;
      told = { shown, position, dataEpoch };
      [ring, ringBytes, evicted] = [[], 0, ''];
      for (const reader of readers) sendSnapshot(reader);
      return;
    }
    const change = content.change(told.shown, shown);
    const before = told.position;
    told = { shown, position, dataEpoch };
    if (readers.size === 0 && !change && position === before) return;
    const bytes = encode({ kind: 'change', position, ...header(), ...change });
    if (change || position !== before) keep({ before, position, bytes });
    for (const reader of readers) send(reader, bytes);
  }

  /** The stream is being folded anew, or cannot be: what screens show stays, and they say so. */
  function wait(): void {
    const bytes = encode({ kind: 'waiting', ...(followed.broken ? { broken: followed.broken } : {}) });
    for (const reader of readers) if (reader.socket.bufferedAmount === 0) write(reader, bytes);
  }

  function keep(change: Change): void {
    ring.push(change);
    ringBytes += change.bytes.length;
    while (ringBytes > pulse.ringBytesMax) {
      const oldest = ring.shift() as Change;
      ringBytes -= oldest.bytes.length;
      evicted = oldest.before;
    }
  }

  function snapshot(): Buffer | undefined {
    if (!told || !followed.ready) return undefined;
    const { round, area } = followed.cell;
    cached ??= encode({ kind: 'snapshot', cell: { round, area }, position: told.position, dataEpoch: told.dataEpoch, ...header(), ...content.whole(told.shown) });
    return cached;
  }

  function send(reader: Reader, bytes: Buffer): void {
    if (reader.fresh) sendFirst(reader);
    else if (reader.skippedSince > 0) catchUp(reader);
    else if (reader.socket.bufferedAmount > pulse.waitingBytesMax) {
      reader.skippedSince = Date.now();
      traffic.skipped++;
    } else write(reader, bytes);
  }

  function write(reader: Reader, bytes: Buffer): void {
    traffic.sent++;
    reader.socket.send(bytes, { binary: false });
  }

  function catchUp(reader: Reader): void {
    traffic.skipped++;
    if (reader.socket.bufferedAmount === 0) sendSnapshot(reader);
    else if (Date.now() - reader.skippedSince > pulse.skippedMsMax) reader.socket.terminate();
  }

  function sendSnapshot(reader: Reader): void {
    const bytes = snapshot();
    if (!bytes) return;
    if (reader.socket.bufferedAmount > pulse.waitingBytesMax) {
      reader.skippedSince ||= Date.now();
      return;
    }
    [reader.skippedSince, reader.fresh] = [0, false];
    traffic.snapshots++;
    write(reader, bytes);
  }

  function sendFirst(reader: Reader): void {
    const missed = reader.after === undefined ? undefined : since(reader.after);
    if (!missed) {
      sendSnapshot(reader);
      return;
    }
    reader.fresh = false;
    traffic.resumed++;
    for (const { bytes } of missed) write(reader, bytes);
    // At least one message, so that the screen knows that it is heard.
    write(reader, encode({ kind: 'change', position: told?.position ?? reader.after, ...header() }));
  }

  /**
   * The changes after this position; undefined when a snapshot is needed, or is shorter. Several changes can follow upon one position,
   * as rates and ages move without an event; all of them are sent again, which does no harm, since a change says what is, not by how much.
   */
  function since(position: string): Change[] | undefined {
    if (!told || position === evicted) return undefined;
    const from = ring.findIndex(({ before }) => before === position);
    const missed = from < 0 ? (told.position === position ? [] : undefined) : ring.slice(from);
    if (!missed) return undefined;
    const bytes = missed.reduce((sum, change) => sum + change.bytes.length, 0);
    return bytes > (snapshot()?.length ?? 0) ? undefined : missed;
  }

  return {
    join(socket, after, epoch) {
      if (!told || followed.tally !== tally) publish();
      const reader: Reader = { socket, skippedSince: 0, fresh: true, after: epoch === undefined || epoch === followed.dataEpoch ? after : undefined };
      readers.add(reader);
      const leave = () => {
        readers.delete(reader);
        idleSince = Date.now();
      };
      socket.on('close', leave);
      socket.on('error', leave);
      if (followed.ready) sendFirst(reader);
    },
    get readers() { return readers.size; },
    changed() {
      const wait = publishedAt + pulse.changesEveryMs - Date.now();
      if (wait <= 0) publish();
      else timer ??= setTimeout(publish, wait);
    },
    snapshot,
    idleMs: () => (readers.size > 0 ? 0 : Date.now() - idleSince),
    stop() {
      clearInterval(beat);
      clearTimeout(timer);
      for (const { socket } of readers) socket.close(1001);
      readers.clear();
    },
  };
}
