// A line of an archive: JSON, ended by the hash of itself and of all lines before it. A byte changed, a line lost, added or moved shows at
// that line.
//
//   { "archive": 1, "cell": "round:area", "segment": 3, "before": hash, "after": position, ... }            opens a segment
//   { "s": position, "of": "device:epoch", "p": entry, "e": [[id, event], ...], "a": [id, word, detail] }   a change; packed bytes in base64
//   { "lines": 1200, "at": ms, "key": "1a2b3c4d", "signature": "...", "closed": true }                      signs all lines above it
//
// The hash stands in the same line, last: { ..., "h": "64 hex digits" }. It is SHA-256 over the hash of the line before and the line
// without its own hash, exactly as written, so nobody needs to agree on how JSON is to be written.

import { createHash } from 'node:crypto';
import type { CopyEntry } from './entries.js';

/** Version of this format. */
export const archiveVersion = 1;

/** How far each device's numbers are archived without a hole, and which ones beyond that. */
export type Marks = Record<string, [mark: number, ahead: number[]]>;

export interface SegmentHead {
  archive: number;
  cell: string;
  segment: number;
  /** Hash of the last line of the segment before. */
  before: string;
  /** Position and packed bytes (base64) of the last change before it, '' for none, and how many changes there were. */
  after: string;
  last: string;
  changes: number;
  marks: Marks;
}

export interface Checkpoint {
  /** Lines above it in this segment. */
  lines: number;
  /** ms. */
  at: number;
  /** Of the key it is signed with. */
  key: string;
  signature: string;
  /** The segment ends here. */
  closed?: true;
}

interface ChangeLine {
  s: string;
  of: string;
  p: string;
  e?: [string, string][];
  a?: [string, string, string];
  /** Of the library named by the entry: SHA-256 of its code, which stands in the folder `libraries`. */
  code?: string;
}

export type Line = SegmentHead | ChangeLine | Checkpoint;

/** What stands before the first line of a cell's first segment. */
export const chainStart = (cell: string): string => createHash('sha256').update(`swabline archive ${archiveVersion} ${cell}`).digest('hex');

/** `,"h":"` and 64 digits and `"}`. */
const tail = /^,"h":"([0-9a-f]{64})"\}$/;
const tailLength = 72;
const chained = (before: string, body: string): string => createHash('sha256').update(before).update(body).digest('hex');

/** A line as text, with its line end, and its hash. */
export function writeLine(line: Line, before: string): { text: string; hash: string } {
  const body = JSON.stringify(line).slice(0, -1);
  const hash = chained(before, body);
  return { text: `${body},"h":"${hash}"}\n`, hash };
}

/** Reads a line without its line end. Gives what is wrong with it in words where it is not the one that follows `before`. */
export function readLine(text: string, before: string): { line: Line; hash: string } | string {
  const body = text.slice(0, -tailLength);
  const hash = tail.exec(text.slice(-tailLength))?.[1];
  if (hash === undefined) return 'it is not a line of an archive';
  if (chained(before, body) !== hash) return 'its content or the line before it has been changed';
  try {
    return { line: JSON.parse(`${body}}`) as Line, hash };
  } catch {
    return 'it is not JSON';
  }
}

/** What a checkpoint's signature is over. */
export const signedText = (cell: string, segment: number, { lines, at, closed }: Pick<Checkpoint, 'lines' | 'at' | 'closed'>, hash: string): string =>
  `swabline ${cell} ${segment} ${lines} ${at} ${closed ? 'closed' : 'open'} ${hash}`;

export function changeLine({ position, of, bytes, events, answer }: CopyEntry, code?: string): ChangeLine {
  return {
    s: position, of, p: bytes.toString('base64'),
    ...(events.length > 0 ? { e: events.map(({ id, bytes }): [string, string] => [id, bytes.toString('base64')]) } : {}),
    ...(answer ? { a: [answer.id, answer.word, answer.detail] as [string, string, string] } : {}),
    ...(code === undefined ? {} : { code }),
  };
}

export const isHead = (line: Line): line is SegmentHead => 'archive' in line;
export const isCheckpoint = (line: Line): line is Checkpoint => 'signature' in line;

/** The change in a line. Only for a line whose hash is right: what it holds was written by us. */
export function changeIn(line: ChangeLine): CopyEntry {
  return {
    position: line.s, of: line.of, bytes: Buffer.from(line.p, 'base64'),
    events: (line.e ?? []).map(([id, bytes]) => ({ id, bytes: Buffer.from(bytes, 'base64') })),
    ...(line.a ? { answer: { id: line.a[0], word: line.a[1], detail: line.a[2] } } : {}),
  };
}
