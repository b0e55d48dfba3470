// Reading an archive: every line checked against the chain, every signature against its key, every change against the one before. What is
// not as it was written is named by file, line and what is wrong with it.
//
//   <dir>/archive.json                     what this folder is
//   <dir>/keys/1a2b3c4d.pem                public keys it is signed with
//   <dir>/libraries/swabline_0123.lua      code of the steps, as they were taken
//   <dir>/<round>+<area>/000001.jsonl.gz   closed segments of a cell, signed
//   <dir>/<round>+<area>/000001.sha256     of the compressed file, as `sha256sum -c` reads it
//   <dir>/<round>+<area>/000002.jsonl      the one that is being written

import { createHash, type KeyObject } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { CellName } from '../../domain/requests.js';
import { type CopyEntry, decodeEntry, isBefore } from './entries.js';
import { archiveVersion, chainStart, changeIn, type Checkpoint, isCheckpoint, isHead, type Line, type Marks, readLine, signedText } from './lines.js';
import { DeviceMarks } from './marks.js';
import { isSignedBy, keyId, publicKeyText, readPublicKey } from './signing.js';

const unzip = promisify(gunzip);

/** The archive is not as it was written. */
export class ArchiveDamaged extends Error {
  override name = 'ArchiveDamaged';
  readonly file: string;
  /** From 1; 0 for the file as a whole. */
  readonly line: number;

  constructor(file: string, line: number, what: string) {
    super(`${file}${line > 0 ? `, line ${line}` : ''}: ${what}`);
    this.file = file;
    this.line = line;
  }
}

/** Where the archive is: where the settings say, else beside the record. */
export const archiveFolder = ({ archiveDir, dataDir }: { archiveDir: string | undefined; dataDir: string }): string => archiveDir ?? join(dataDir, 'archive');

/** The folder of a cell. A round and an area may hold a dot, but no plus. */
export const folderOf = (dir: string, { round, area }: CellName): string => join(dir, `${round}+${area}`);
export const nameOf = ({ round, area }: CellName): string => `${round}:${area}`;
export const segmentFile = (folder: string, segment: number): string => join(folder, `${String(segment).padStart(6, '0')}.jsonl`);
export const libraryFile = (dir: string, library: string): string => join(dir, 'libraries', `${library}.lua`);
export const codeHash = (code: string): string => createHash('sha256').update(code).digest('hex');

/** What `archive.json` says. */
export const archiveNote = `${JSON.stringify({ is: 'an archive of Swabline: npm run verify -- --archive <this folder>', version: archiveVersion })}\n`;

/** Is there an archive in this folder? @throws ArchiveDamaged where it says so in other words than ours */
export function isArchive(dir: string): boolean {
  const file = join(dir, 'archive.json');
  if (!existsSync(file)) return false;
  if (readFileSync(file, 'utf8') !== archiveNote) throw new ArchiveDamaged('archive.json', 0, 'it has been changed, or is of another version');
  return true;
}

export const checksumFile = (folder: string, segment: number): string => join(folder, `${String(segment).padStart(6, '0')}.sha256`);
export const checksumOf = (zipped: Buffer, file: string): string => `${createHash('sha256').update(zipped).digest('hex')}  ${basename(file)}\n`;

/** The cells an archive holds, in the order of their names. */
export function cellsIn(dir: string): CellName[] {
  return readdirSync(dir, { withFileTypes: true }).filter((one) => one.isDirectory()).map(({ name }) => name.split('+')).filter((parts) => parts.length === 2)
    .map(([round, area]) => ({ round: round as string, area: area as string })).sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
}

/** The public keys that stand in the archive, by their ids. */
export function keysIn(dir: string): Map<string, KeyObject> {
  const folder = join(dir, 'keys');
  if (!existsSync(folder)) return new Map();
  return new Map(readdirSync(folder).filter((name) => name.endsWith('.pem')).map((name) => {
    const pem = readFileSync(join(folder, name), 'utf8');
    const key = readKey(pem);
    if (!key || `${keyId(key)}.pem` !== name || publicKeyText(key) !== pem) throw new ArchiveDamaged(`keys/${name}`, 0, 'the key has been changed');
    return [keyId(key), key];
  }));
}

function readKey(pem: string): KeyObject | undefined {
  try {
    return readPublicKey(pem);
  } catch {
    return undefined;
  }
}

export interface SegmentFile {
  segment: number;
  file: string;
  zipped: boolean;
}

/** The segments of a cell in order. A segment that is being compressed may stand there twice: the compressed one is whole. */
export function segmentsIn(folder: string): SegmentFile[] {
  const found = new Map<number, SegmentFile>();
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    const [, digits, zipped] = /^(\d{6})\.jsonl(\.gz)?$/.exec(name) ?? [];
    if (digits === undefined) continue;
    const segment = Number(digits);
    if (zipped || !found.has(segment)) found.set(segment, { segment, file: join(folder, name), zipped: Boolean(zipped) });
  }
  return [...found.values()].sort((a, b) => a.segment - b.segment);
}

/** Where the reading of a cell's archive stands. */
export interface ArchiveEnd {
  segment: number;
  closed: boolean;
  /** Lines and bytes of the last segment, as far as they are whole. */
  lines: number;
  size: number;
  /** Bytes after the last whole line: a line that was being written. */
  torn: number;
  hash: string;
  /** Position and bytes of the last change; '' for none. */
  position: string;
  bytes: Buffer | undefined;
  marks: Marks;
  changes: number;
  /** Changes since the last signature. */
  unsigned: number;
}

export interface FoundChange {
  entry: CopyEntry;
  file: string;
  line: number;
}

/** Reads the archive of a cell from its first line to its last and checks everything. */
export class ArchiveReader {
  readonly #dir: string;
  readonly #cell: string;
  readonly #keys: ReadonlyMap<string, KeyObject>;
  readonly #folder: string;
  readonly #end: ArchiveEnd;
  #marks = new DeviceMarks();
  #lastEvent = '';

  /** `keys`: those that count, by id; a signature by any other is none. */
  constructor(dir: string, cell: CellName, keys: ReadonlyMap<string, KeyObject>) {
    this.#dir = dir;
    this.#cell = nameOf(cell);
    this.#keys = keys;
    this.#folder = folderOf(dir, cell);
    this.#end = { segment: 0, closed: true, lines: 0, size: 0, torn: 0, hash: chainStart(this.#cell), position: '', bytes: undefined, marks: {}, changes: 0, unsigned: 0 };
  }

  /** Where the reading stands; complete when `changes` has ended. */
  get end(): ArchiveEnd {
    return { ...this.#end, marks: this.#marks.all() };
  }

  /**
   * The changes in order, segment by segment. `fromLast` trusts all segments but the last and reads that one alone.
   * @throws ArchiveDamaged
   */
  async *changes({ fromLast = false } = {}): AsyncGenerator<FoundChange[]> {
    const segments = segmentsIn(this.#folder);
    segments.forEach(({ segment, file }, i) => {
      if (segment !== i + 1) throw new ArchiveDamaged(this.#name(file), 0, `the segment before it, ${String(i + 1).padStart(6, '0')}, is missing`);
    });
    for (const [i, segment] of segments.entries()) {
      const last = i === segments.length - 1;
      if (fromLast && !last) continue;
      yield await this.#segment(segment, last, fromLast);
    }
  }

  #name(file: string): string {
    return file.slice(this.#dir.length + 1);
  }

  async #segment({ segment, file, zipped }: SegmentFile, last: boolean, trusted: boolean): Promise<FoundChange[]> {
    const name = this.#name(file);
    const raw = await readFile(file).catch((fault: NodeJS.ErrnoException) => {
      if (zipped || fault.code !== 'ENOENT') throw fault;
      return undefined;
    });
    // It has been compressed since the folder was read.
    if (!raw) return this.#segment({ segment, file: `${file}.gz`, zipped: true }, last, trusted);
    if (zipped && (await readFile(checksumFile(this.#folder, segment), 'utf8').catch(() => '')) !== checksumOf(raw, file)) throw new ArchiveDamaged(name, 0, 'it has been changed, or its checksum is missing');
    const bytes = zipped ? await unzip(raw).catch(() => { throw new ArchiveDamaged(name, 0, 'its compressed content has been changed or cut off'); }) : raw;
    const end = this.#end;
    if (!end.closed) throw new ArchiveDamaged(name, 0, 'the segment before it was not closed');
    Object.assign(end, { segment, closed: false, lines: 0, size: 0, torn: 0 });
    const found: FoundChange[] = [];
    for (let from = 0; from < bytes.length; ) {
      const to = bytes.indexOf(10, from);
      const number = end.lines + 1;
      const damaged = (what: string) => new ArchiveDamaged(name, number, what);
      if (to < 0) {
        if (zipped || !last) throw damaged('it is cut off');
        end.torn = bytes.length - from;
        break;
      }
      if (end.closed) throw damaged('it stands behind the end of the segment');
      // A segment that is read alone begins from the hash it names as the one before it.
      const text = bytes.toString('utf8', from, to);
      if (trusted && number === 1) end.hash = this.#hashBefore(text) ?? end.hash;
      const read = readLine(text, end.hash);
      if (typeof read === 'string') throw damaged(read);
      const entry = this.#take(read.line, number, trusted, damaged);
      if (entry) found.push({ entry, file: name, line: number });
      Object.assign(end, { lines: number, size: to + 1, hash: read.hash });
      from = to + 1;
    }
    if (!end.closed && (zipped || !last)) throw new ArchiveDamaged(name, end.lines, 'the segment ends without its signature');
    return found;
  }

  #hashBefore(text: string): string | undefined {
    return /"before":"([0-9a-f]{64})"/.exec(text)?.[1];
  }

  #take(line: Line, number: number, trusted: boolean, damaged: (what: string) => ArchiveDamaged): CopyEntry | undefined {
    const end = this.#end;
    if (isHead(line) !== (number === 1)) throw damaged(number === 1 ? 'the segment does not begin as one' : 'it belongs at the beginning of a segment');
    if (isHead(line)) {
      if (line.archive !== archiveVersion) throw damaged(`it is of version ${line.archive}, which this Swabline does not read`);
      if (line.cell !== this.#cell) throw damaged(`it belongs to ${line.cell}`);
      if (line.segment !== end.segment) throw damaged(`it is segment ${line.segment}`);
      if (trusted) {
        this.#marks = new DeviceMarks(line.marks);
        Object.assign(end, { position: line.after, changes: line.changes, bytes: line.last === '' ? undefined : Buffer.from(line.last, 'base64') });
      } else if (line.after !== end.position || line.changes !== end.changes || line.before !== end.hash) throw damaged('it does not go on where the segment before it ends');
      return undefined;
    }
    if (isCheckpoint(line)) {
      this.#checkpoint(line, number, damaged);
      return undefined;
    }
    const entry = changeIn(line);
    if (end.position !== '' && !isBefore(end.position, entry.position)) throw damaged('it stands out of order');
    const read = decodeEntry(entry.bytes);
    for (const { id } of entry.events) {
      if (this.#lastEvent !== '' && !isBefore(this.#lastEvent, id)) throw damaged(`its event ${id} stands out of order`);
      this.#lastEvent = id;
    }
    if (read.kind === 'library' && line.code !== this.#codeHash(read.library)) throw damaged(`libraries/${read.library}.lua is missing or has been changed`);
    this.#marks.archived(entry);
    Object.assign(end, { position: entry.position, bytes: entry.bytes, changes: end.changes + 1, unsigned: end.unsigned + 1 });
    return entry;
  }

  #checkpoint(line: Checkpoint, number: number, damaged: (what: string) => ArchiveDamaged): void {
    const end = this.#end;
    const key = this.#keys.get(line.key);
    if (!key) throw damaged(`it is signed by the key ${line.key}, which is not a known one`);
    if (line.lines !== number - 1 || !isSignedBy(key, signedText(this.#cell, end.segment, line, end.hash), line.signature)) throw damaged('its signature does not fit');
    end.unsigned = 0;
    end.closed = line.closed === true;
  }

  #codeHash(library: string): string {
    const file = libraryFile(this.#dir, basename(library));
    return existsSync(file) ? codeHash(readFileSync(file, 'utf8')) : '';
  }
}
