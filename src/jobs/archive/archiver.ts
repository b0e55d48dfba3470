// Copies every cell to the archive as it changes: the second copy. Once a change is on the archive's disk, the record is told how far each
// device is safe (receipt R2), if that disk is another one than Redis's.
//
// Position and marks are read from the archive, so a crash at any moment neither loses a change nor doubles one. A record that no longer
// has what was archived has gone back (a restored copy, a lost tail): its archive holds more than it does, and is left alone until a person
// has rebuilt the record from it or put it aside.

import { statSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { type CellName, systemCell } from '../../domain/requests.js';
import { nameOf } from '../../ledger/copy/archive.js';
import { awaitChanges, type CopyEntry, lastEntry } from '../../ledger/copy/entries.js';
import { type ArchiveOptions, makeArchive } from '../../ledger/copy/segments.js';
import { readOrMakeSigner } from '../../ledger/copy/signing.js';
import { AlreadyRunning, type DataLock, lockData } from '../../ledger/dataLock.js';
import type { Ledger } from '../../ledger/ledger.js';
import { libraryCode } from '../../ledger/library.js';
import { openedCells } from '../../ledger/reads.js';
import { FollowedCell } from './followedCell.js';

export interface ArchiverOptions {
  ledger: Ledger;
  /** A connection of its own, made for waiting; closed with the archiver. */
  following: Redis;
  dir: string;
  /** The key the archive is signed with; made when missing. */
  keyFile: string;
  /** 2 where `dir` is on another disk than Redis's data (`onAnotherDisk`). */
  copies: 1 | 2;
  log: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** The cells to follow, asked for again and again: all that have been opened and the system's own, unless told otherwise. */
  cells?: (redis: Redis) => Promise<readonly CellName[]>;
  /** Told of every batch that is on disk. */
  onArchived?: (cell: CellName, entries: readonly CopyEntry[]) => void;
  segmentBytes?: number;
}

export interface Archiver {
  /** Settles when everything that stands on the record now is archived. Cells that cannot be archived any more are not waited for. */
  caughtUp(): Promise<void>;
  /** Signs what is there and lets go of the archive. */
  close(): Promise<void>;
}

const cellsAtOnce = 4;
/** How long a wait for news lasts at most, and how soon what failed is tried again. */
const waitMs = 250;

/**
 * Is this folder on another disk than Redis's data? Told by the file systems both stand on, which is the best a program can see. Without
 * `redisDir` Redis is another machine's, as far as we know.
 */
export async function onAnotherDisk(dir: string, redisDir: string | undefined): Promise<boolean> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  return redisDir === undefined || statSync(dir).dev !== statSync(redisDir).dev;
}

const allCells = async (redis: Redis): Promise<CellName[]> => [systemCell, ...(await openedCells(redis))];

/** Starts copying. One archiver writes into a folder; another one waits until it is gone. @throws SigningKeyProblem */
export function startArchive({ ledger, following, dir, keyFile, copies, log, cells = allCells, onArchived, segmentBytes }: ArchiverOptions): Archiver {
  const archive: ArchiveOptions = {
    dir,
    signer: readOrMakeSigner(keyFile),
    libraryOf: (name) => libraryCode(following, ledger.library, name),
    ...(segmentBytes === undefined ? {} : { segmentBytes }),
  };
  const followed = new Map<string, FollowedCell>();
  let closing = false;
  let lookedAt = 0;
  let lock: DataLock | undefined;
  let waiting = false;

  async function isOurs(): Promise<boolean> {
    if (lock) return true;
    try {
      lock = lockData(dir);
    } catch (fault) {
      if (!(fault instanceof AlreadyRunning)) throw fault;
      if (!waiting) log.info('another process writes the archive; this one waits until that has ended');
      waiting = true;
      return false;
    }
    await makeArchive(archive);
    return true;
  }

  async function look(): Promise<void> {
    if (Date.now() - lookedAt < waitMs) return;
    for (const cell of await cells(following)) {
      if (!followed.has(nameOf(cell))) followed.set(nameOf(cell), new FollowedCell(cell, archive, { redis: following, copies, log, closing: () => closing, onArchived }));
    }
    lookedAt = Date.now();
  }

  /** Everything that is new, or waits until something is. */
  async function turn(): Promise<void> {
    if (!(await isOurs())) { await sleep(waitMs); return; }
    await look();
    const going = [...followed.values()].filter(({ state }) => state !== 'apart');
    const begun = going.filter(({ state }) => state === 'open');
    // A cell that is not open yet, or failed, is tried at once; then nobody waits for news.
    const anew = going.filter(({ state, failed }) => state === 'new' || failed);
    const changed = anew.length > 0 ? begun.filter(({ failed }) => !failed) : (await awaitChanges(following, begun, waitMs)).map((i) => begun[i] as FollowedCell);
    await inTurns([...anew, ...changed], (cell) => cell.advance());
    await inTurns(begun, (cell) => cell.signWhenDue());
    if (going.length === 0 || going.some(({ failed }) => failed)) await sleep(waitMs);
  }

  const loop = (async () => {
    while (!closing) {
      try {
        await turn();
      } catch (fault) {
        if (closing) return;
        log.warn({ fault: (fault as Error).message }, 'the archive waits for the record');
        await sleep(waitMs);
      }
    }
  })();

  return {
    async caughtUp() {
      const { redis } = ledger;
      const targets = await Promise.all((await cells(redis)).map(async (cell) => ({ cell, position: await lastEntry(redis, cell) })));
      const isThere = ({ cell, position }: (typeof targets)[number]) => {
        const one = followed.get(nameOf(cell));
        return position === '' || one?.state === 'apart' || one?.has(position);
      };
      while (!closing && !targets.every(isThere)) {
        lookedAt = 0;
        await sleep(10);
      }
    },
    async close() {
      closing = true;
      // Wakes whoever waits; what is being written is written to its end.
      following.disconnect();
      await loop;
      for (const cell of followed.values()) await cell.close();
      lock?.release();
    },
  };
}

async function inTurns<One>(all: readonly One[], work: (one: One) => Promise<void>): Promise<void> {
  const rest = [...all];
  await Promise.all(Array.from({ length: cellsAtOnce }, async () => {
    for (let one = rest.shift(); one !== undefined; one = rest.shift()) await work(one);
  }));
}
