// From an archive to a record: every cell is taken again in an empty Redis. And back: is the archive whole, and is the record that runs the
// one it was copied from?

import type { KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Redis } from 'ioredis';
import { rehearsalSerials } from '../../domain/codes.js';
import { type CellName, isSystemCell } from '../../domain/requests.js';
import { keyOf, keysOf, journalOf, systemKeys } from '../keys.js';
import { servedFrom } from '../dataLock.js';
import { buildLibrary } from '../library.js';
import { openedCells } from '../reads.js';
import { replayCell, ReplayDiffers } from '../replay.js';
import { decodeEvent } from '../stream.js';
import { type ArchiveEnd, ArchiveDamaged, ArchiveReader, cellsIn, type FoundChange, folderOf, libraryFile, nameOf, segmentFile } from './archive.js';
import { differences, streamDifferences } from './compare.js';
import { isBefore, lastEntry } from './entries.js';

/** What is not in a cell but follows from all of them. */
export interface Beside {
  /** Highest serial given out, by the field of its counter. */
  serials: Map<string, number>;
  /** Rounds whose personal data was made unreadable: their keys are not to come back. */
  erased: Set<string>;
}

export const nothingBeside = (): Beside => ({ serials: new Map(), erased: new Set() });

/** The target of a rebuild holds something. */
export class NotEmpty extends Error {
  override name = 'NotEmpty';
}

/** Takes one cell of an archive again. @throws ArchiveDamaged, naming the line, also where it comes out otherwise than archived */
export async function rebuildCell(redis: Redis, dir: string, cell: CellName, keys: ReadonlyMap<string, KeyObject>, beside: Beside = nothingBeside()): Promise<ArchiveEnd> {
  const reader = new ArchiveReader(dir, cell, keys);
  const replay = replayCell(redis, cell, buildLibrary(), async (library) => readFileSync(libraryFile(dir, library), 'utf8'));
  for await (const segment of reader.changes()) {
    try {
      await replay.take(segment.map(({ entry }) => entry));
    } catch (fault) {
      if (!(fault instanceof ReplayDiffers)) throw fault;
      const at = segment.find(({ entry }) => entry.position === fault.position) as FoundChange;
      throw new ArchiveDamaged(at.file, at.line, `taken again, it comes out otherwise: ${fault.message}`);
    }
    for (const { entry } of segment) for (const { id, bytes } of entry.events) noteBeside(beside, id, bytes);
  }
  await replay.finish();
  return reader.end;
}

function noteBeside({ serials, erased }: Beside, id: string, bytes: Buffer): void {
  const event = decodeEvent(id, bytes);
  if (event.event === 'codes.reserved') {
    const rehearsal = event.last >= rehearsalSerials;
    const field = rehearsal ? `rehearsal:${event.what}` : event.what;
    serials.set(field, Math.max(serials.get(field) ?? 0, event.last - (rehearsal ? rehearsalSerials : 0)));
  } else if (event.event === 'personal.revealed' && event.what === 'erasure') erased.add(event.round);
}

/** Makes the record anew from a whole archive. @throws NotEmpty, ArchiveDamaged */
export async function rebuild(redis: Redis, dir: string, keys: ReadonlyMap<string, KeyObject>, onCell: (cell: CellName, end: ArchiveEnd) => void = () => {}): Promise<Beside> {
  const size = await redis.dbsize();
  if (size > 0) throw new NotEmpty(`The target is not empty (it holds ${size} keys). A record is only rebuilt into an empty Redis.`);
  const beside = nothingBeside();
  for (const cell of cellsIn(dir)) onCell(cell, await rebuildCell(redis, dir, cell, keys, beside));
  if (beside.serials.size > 0) await redis.hset(systemKeys.serials, beside.serials);
  return beside;
}

/** What was found of one cell. */
export interface CellVerdict {
  cell: CellName;
  changes: number;
  segments: number;
  /** Changes since the last signature. */
  unsigned: number;
  /** `same`: all of it; `ahead`: the record goes on, and is the same up to here; `none`: it was compared with no record. */
  record: 'same' | 'ahead' | 'differs' | 'gone' | 'none';
  /** Changes on the record that are not archived yet. */
  behind: number;
  /** What is not as it should be, in words. */
  problems: string[];
}

/**
 * Reads the archive of a cell, takes it again in `scratch` (where nothing of it stays) and compares it with the record in `live`.
 */
export async function verifyCell(dir: string, cell: CellName, keys: ReadonlyMap<string, KeyObject>, scratch: Redis, live?: Redis): Promise<CellVerdict> {
  const verdict: CellVerdict = { cell, changes: 0, segments: 0, unsigned: 0, record: 'none', behind: 0, problems: [] };
  try {
    const end = await rebuildCell(scratch, dir, cell, keys);
    Object.assign(verdict, { changes: end.changes, segments: end.segment, unsigned: end.unsigned });
    // While somebody writes, the last line may be on its way; else it was cut short, and the next start of the worker cuts it off.
    if (end.torn > 0 && servedFrom(dir) === undefined) verdict.problems.push(new ArchiveDamaged(segmentFile(folderOf('', cell), end.segment), end.lines + 1, 'it is cut short').message);
    if (live) await compareWith(live, scratch, cell, end, verdict);
  } catch (fault) {
    if (!(fault instanceof ArchiveDamaged)) throw fault;
    verdict.problems.push(fault.message);
  } finally {
    await removeCell(scratch, cell);
  }
  return verdict;
}

async function compareWith(live: Redis, copy: Redis, cell: CellName, end: ArchiveEnd, verdict: CellVerdict): Promise<void> {
  // A record that changes while it is read cannot be compared as a whole; a quiet moment is waited for, but not for long.
  for (let tries = 0; tries < 3; tries++) {
    const before = await lastEntry(live, cell);
    if (before === '') { verdict.record = 'gone'; return; }
    if (isBefore(before, end.position)) {
      verdict.record = 'differs';
      verdict.problems.push(`the record of ${nameOf(cell)} ends before its archive: it has gone back to an older state`);
      return;
    }
    if (before !== end.position) break;
    const found = await differences(live, copy, cell);
    if ((await lastEntry(live, cell)) !== before) continue;
    verdict.record = found.length === 0 ? 'same' : 'differs';
    verdict.problems.push(...found.map((sentence) => `${nameOf(cell)}: ${sentence}`));
    return;
  }
  const found = await streamDifferences(live, copy, cell);
  verdict.record = found.length === 0 ? 'ahead' : 'differs';
  verdict.behind = (await live.xlen(keyOf(cell, 'requests'))) - end.changes;
  verdict.problems.push(...found.map((sentence) => `${nameOf(cell)}: ${sentence}`));
}

/** Cells of the record that the archive does not know. */
export async function cellsNotArchived(dir: string, live: Redis): Promise<CellName[]> {
  const archived = new Set(cellsIn(dir).map(nameOf));
  return (await openedCells(live)).filter((cell) => !archived.has(nameOf(cell)));
}

/** Takes a cell off a Redis, with everything that belongs to it. Its archive is what is left. */
export async function removeCell(redis: Redis, cell: CellName): Promise<void> {
  const devices = (await redis.hkeys(keyOf(cell, 'devices'))).filter((field) => !field.startsWith('#'));
  const journals = devices.map((field) => journalOf(cell, field.slice(0, field.lastIndexOf(':')), field.slice(field.lastIndexOf(':') + 1)));
  for (let at = 0; at < journals.length; at += 500) await redis.unlink(...journals.slice(at, at + 500));
  await redis.unlink(...keysOf(cell));
  if (!isSystemCell(cell)) await redis.srem(systemKeys.cells, `${cell.round}:${cell.area}`);
}
