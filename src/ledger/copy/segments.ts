// Writing an archive: changes go as lines to the end of a segment and are on disk before anybody is told that they are safe.
//
// Where the writing stands is in the archive itself: after a crash the last whole line is where it goes on, and a line that was cut short
// is cut off. A write that fails is undone before the next; so a full disk or a pulled cable costs time and nothing else.

import { existsSync } from 'node:fs';
import { type FileHandle, link, mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { CellName } from '../../domain/requests.js';
import { type ArchiveEnd, ArchiveDamaged, archiveNote, ArchiveReader, checksumFile, checksumOf, codeHash, folderOf, keysIn, libraryFile, nameOf, segmentFile, segmentsIn } from './archive.js';
import { type CopyEntry, decodeEntry } from './entries.js';
import { archiveVersion, changeLine, type Line, signedText, writeLine } from './lines.js';
import { DeviceMarks } from './marks.js';
import { publicKeyText, type Signer } from './signing.js';

const zip = promisify(gzip);

/** A segment is closed when it is longer than this. */
const segmentBytes = 64 * 1024 * 1024;
/** Lines without a signature: at most this many, for at most this long. */
const unsignedLines = 1000;
const unsignedMs = 60_000;

export interface ArchiveOptions {
  dir: string;
  signer: Signer;
  /** Code of a library by its name, for the archive to hold it. */
  libraryOf(name: string): Promise<string>;
  segmentBytes?: number;
  now?: () => number;
}

/** Makes the folder an archive: says what it is, and puts the key there that checks its signatures. */
export async function makeArchive({ dir, signer }: Pick<ArchiveOptions, 'dir' | 'signer'>): Promise<void> {
  for (const folder of ['keys', 'libraries']) await mkdir(join(dir, folder), { recursive: true, mode: 0o700 });
  await writeOnce(join(dir, 'keys', `${signer.id}.pem`), publicKeyText(signer.publicKey));
  await writeOnce(join(dir, 'archive.json'), archiveNote);
}

/** The archive of one cell, open for writing. */
export class CellArchive {
  readonly #options: ArchiveOptions;
  readonly #cell: string;
  readonly #folder: string;
  readonly #now: () => number;
  readonly #marks: DeviceMarks;
  #end: ArchiveEnd;
  #handle: FileHandle | undefined;
  #unsignedSince = 0;
  /** The last write failed, and may have left something behind the end. */
  #failed = false;

  /** Opens the archive of a cell where it ends, or begins it. @throws ArchiveDamaged */
  static async open(cell: CellName, options: ArchiveOptions): Promise<CellArchive> {
    await dropUnbegun(folderOf(options.dir, cell));
    const reader = new ArchiveReader(options.dir, cell, keysIn(options.dir));
    for await (const _ of reader.changes({ fromLast: true }));
    const archive = new CellArchive(cell, options, reader.end);
    await archive.#resume();
    return archive;
  }

  private constructor(cell: CellName, options: ArchiveOptions, end: ArchiveEnd) {
    this.#options = options;
    this.#cell = nameOf(cell);
    this.#folder = folderOf(options.dir, cell);
    this.#now = options.now ?? Date.now;
    this.#end = end;
    this.#marks = new DeviceMarks(end.marks);
  }

  /** Position and bytes of the last change that is archived; '' and undefined for none. */
  get last(): { position: string; bytes: Buffer | undefined } {
    return this.#end;
  }

  get marks(): DeviceMarks {
    return this.#marks;
  }

  get changes(): number {
    return this.#end.changes;
  }

  /** Writes changes and brings them to disk; gives the devices whose mark may have risen. After a fault nothing of it counts as written. */
  async append(entries: readonly CopyEntry[]): Promise<Set<string>> {
    const lines: Line[] = [];
    for (const entry of entries) lines.push(changeLine(entry, await this.#keepLibrary(entry)));
    const opening = this.#end.closed;
    await this.#write(opening ? [this.#head(), ...lines] : lines);
    const heard = new Set<string>();
    for (const entry of entries) for (const of of this.#marks.archived(entry)) heard.add(of);
    const last = entries.at(-1) as CopyEntry;
    if (this.#end.unsigned === 0) this.#unsignedSince = this.#now();
    Object.assign(this.#end, { position: last.position, bytes: last.bytes, changes: this.#end.changes + entries.length, unsigned: this.#end.unsigned + entries.length });
    if (this.#end.size > (this.#options.segmentBytes ?? segmentBytes)) await this.closeSegment();
    else await this.signWhenDue();
    return heard;
  }

  /** Signs what has waited long enough for it; to be called now and then. */
  async signWhenDue(): Promise<void> {
    if (this.#end.unsigned >= unsignedLines || (this.#end.unsigned > 0 && this.#now() - this.#unsignedSince >= unsignedMs)) await this.#sign();
  }

  /** Ends the segment with its signature and compresses it. Nothing happens where none is open. */
  async closeSegment(): Promise<void> {
    if (this.#end.closed) return;
    await this.#sign(true);
    await this.#handle?.close();
    this.#handle = undefined;
    await compress(this.#folder, this.#end.segment);
  }

  /** Signs what is there and lets go of the file. */
  async close(): Promise<void> {
    try {
      if (this.#end.unsigned > 0) await this.#sign();
    } finally {
      await this.#handle?.close();
      this.#handle = undefined;
    }
  }

  async #resume(): Promise<void> {
    const { segment, closed, torn, size } = this.#end;
    const file = segmentFile(this.#folder, segment);
    if (closed) {
      // Killed before the segment was compressed, or before what is compressed was let go of.
      if (segment > 0 && existsSync(file)) await (existsSync(`${file}.gz`) ? rm(file) : compress(this.#folder, segment));
      return;
    }
    if (torn === 0) return;
    const handle = await open(file, 'r+');
    try {
      await handle.truncate(size);
      await handle.sync();
    } finally {
      await handle.close();
    }
  }

  #head(): Line {
    const { segment, hash, position, bytes, changes } = this.#end;
    return { archive: archiveVersion, cell: this.#cell, segment: segment + 1, before: hash, after: position, last: bytes?.toString('base64') ?? '', changes, marks: this.#marks.all() };
  }

  async #sign(closed = false): Promise<void> {
    const { signer } = this.#options;
    const end = closed ? { closed: true as const } : {};
    const what = { lines: this.#end.lines, at: this.#now(), ...end };
    await this.#write([{ ...what, key: signer.id, signature: signer.sign(signedText(this.#cell, this.#end.segment, what, this.#end.hash)) }]);
    Object.assign(this.#end, { unsigned: 0, closed });
  }

  /** Lines to the end of the file and to the disk. A line that opens a segment comes first in a new file. */
  async #write(lines: readonly Line[]): Promise<void> {
    const opens = lines[0] !== undefined && 'archive' in lines[0];
    const [segment, size, count] = opens ? [this.#end.segment + 1, 0, 0] : [this.#end.segment, this.#end.size, this.#end.lines];
    let hash = this.#end.hash;
    const texts = lines.map((line) => {
      const written = writeLine(line, hash);
      hash = written.hash;
      return written.text;
    });
    const bytes = Buffer.from(texts.join(''));
    const file = segmentFile(this.#folder, segment);
    if (opens) await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    this.#handle ??= await open(file, 'a', 0o600);
    try {
      const found = (await this.#handle.stat()).size;
      // What was left of a write that failed is cut off; anything else would be the hand of another.
      if (found < size || (found > size && !this.#failed)) throw new ArchiveDamaged(file, 0, 'somebody else has written into it');
      if (found > size) await this.#handle.truncate(size);
      await this.#handle.appendFile(bytes);
      await this.#handle.datasync();
      if (opens) await syncFolder(this.#folder);
      this.#failed = false;
    } catch (fault) {
      if (!(fault instanceof ArchiveDamaged)) this.#failed = true;
      await this.#handle.close().catch(() => undefined);
      this.#handle = undefined;
      throw fault;
    }
    Object.assign(this.#end, { segment, closed: false, lines: count + lines.length, size: size + bytes.length, hash });
  }

  /** The code of a library named for the first time goes into the archive before the line that names it. */
  async #keepLibrary(copied: CopyEntry): Promise<string | undefined> {
    const entry = decodeEntry(copied.bytes);
    if (entry.kind !== 'library') return undefined;
    const file = libraryFile(this.#options.dir, entry.library);
    if (!existsSync(file)) await writeOnce(file, await this.#options.libraryOf(entry.library));
    return codeHash(await readFile(file, 'utf8'));
  }
}

/** A segment that was cut off before its first line was whole has not begun. */
async function dropUnbegun(folder: string): Promise<void> {
  const last = segmentsIn(folder).at(-1);
  if (last && !last.zipped && !(await readFile(last.file)).includes(10)) await rm(last.file);
}

/** Whole or not at all, and the file as it was is gone only when the compressed one is on disk. */
async function compress(folder: string, segment: number): Promise<void> {
  const file = segmentFile(folder, segment);
  const draft = `${file}.gz.draft`;
  const zipped = await zip(await readFile(file));
  await writeDurably(draft, zipped);
  await writeDurably(checksumFile(folder, segment), Buffer.from(checksumOf(zipped, `${file}.gz`)));
  await rename(draft, `${file}.gz`);
  await syncFolder(folder);
  await rm(file);
}

/** Writes a file that stays as it is for good; whoever comes second leaves it alone. */
async function writeOnce(file: string, text: string): Promise<void> {
  if (existsSync(file)) return;
  const draft = `${file}.${process.pid}.draft`;
  await writeDurably(draft, Buffer.from(text));
  await link(draft, file).catch((fault: NodeJS.ErrnoException) => {
    if (fault.code !== 'EEXIST') throw fault;
  });
  await rm(draft);
  await syncFolder(join(file, '..'));
}

async function writeDurably(file: string, bytes: Buffer): Promise<void> {
  await writeFile(file, bytes, { mode: 0o600 });
  const handle = await open(file, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
