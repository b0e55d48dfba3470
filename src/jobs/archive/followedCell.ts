// One cell on its way into the archive: from the last change that is archived to the newest one, batch by batch.

import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import type { CellName } from '../../domain/requests.js';
import { ArchiveDamaged, nameOf } from '../../ledger/copy/archive.js';
import { type CopyEntry, decodeEntry, EntryReader, isBefore, RecordBroken } from '../../ledger/copy/entries.js';
import { tellCopies, tellSafe } from '../../ledger/copy/safe.js';
import { type ArchiveOptions, CellArchive } from '../../ledger/copy/segments.js';

export interface FollowedCellOptions {
  redis: Redis;
  copies: 1 | 2;
  log: Pick<Logger, 'warn' | 'error'>;
  /** Is the archiver on its way out? Then a lost connection is its own doing. */
  closing: () => boolean;
  onArchived?: ((cell: CellName, entries: readonly CopyEntry[]) => void) | undefined;
}

/** Few enough that the process that also serves is never held up for long (2 ms). */
const entriesPerBatch = 100;

export class FollowedCell {
  readonly cell: CellName;
  readonly #archive: ArchiveOptions;
  readonly #options: FollowedCellOptions;
  readonly #reader: EntryReader;
  #open: CellArchive | undefined;
  /** Up to here everything is archived, and the record has been told. */
  #told = '';
  #apart = false;
  #failed = false;

  constructor(cell: CellName, archive: ArchiveOptions, options: FollowedCellOptions) {
    this.cell = cell;
    this.#archive = archive;
    this.#options = options;
    this.#reader = new EntryReader(options.redis, cell);
  }

  /** `apart`: archive and record do not belong together, and a person must look at them. */
  get state(): 'new' | 'open' | 'apart' {
    return this.#apart ? 'apart' : this.#open ? 'open' : 'new';
  }

  /** Could the last batch not be written, or the record not be read? It will be tried again. */
  get failed(): boolean {
    return this.#failed;
  }

  get position(): string {
    return this.#open?.last.position ?? '';
  }

  /** Is the change at this position archived, and has the record been told? */
  has(position: string): boolean {
    return position === '' || (this.#told !== '' && !isBefore(this.#told, position));
  }

  /** Copies the next batch. Never throws: what cannot be done now is tried again, what can never be is said once. */
  async advance(): Promise<void> {
    try {
      this.#open ??= await this.#begin();
      const { position, bytes } = this.#open.last;
      const entries = await this.#reader.after(position, bytes, entriesPerBatch);
      if (entries === null) return await this.#stop('the record no longer has what is archived: it has gone back to an older state. Rebuild it from the archive, or put this archive aside');
      if (entries.length > 0) await this.#copy(this.#open, entries);
      this.#failed = false;
    } catch (fault) {
      await this.#fail(fault as Error);
    }
  }

  async signWhenDue(): Promise<void> {
    try {
      await this.#open?.signWhenDue();
    } catch (fault) {
      await this.#fail(fault as Error);
    }
  }

  async close(): Promise<void> {
    await this.#open?.close().catch((fault: Error) => this.#options.log.warn({ cell: nameOf(this.cell), fault: fault.message }, 'the end of the archive was not signed'));
  }

  async #begin(): Promise<CellArchive> {
    const archive = await CellArchive.open(this.cell, this.#archive);
    const { redis, copies } = this.#options;
    // A cell that does not exist yet is told nothing: it must not begin with that.
    if (archive.changes > 0) await this.#tellCopies();
    if (copies === 2) await tellSafe(redis, this.cell, new Map(Object.entries(archive.marks.all()).map(([of, [mark]]) => [of, mark])));
    this.#told = archive.last.position;
    return archive;
  }

  async #copy(archive: CellArchive, entries: readonly CopyEntry[]): Promise<void> {
    const first = archive.changes === 0;
    const heard = await archive.append(entries);
    if (first) await this.#tellCopies();
    if (this.#options.copies === 2) await tellSafe(this.#options.redis, this.cell, new Map([...heard].map((of) => [of, archive.marks.mark(of)])));
    this.#options.onArchived?.(this.cell, entries);
    // A round that has ended is a closed book: its segment is signed and compressed, whatever its length.
    if (entries.some(({ bytes }) => isClosing(bytes))) await archive.closeSegment();
    this.#told = archive.last.position;
  }

  async #tellCopies(): Promise<void> {
    await tellCopies(this.#options.redis, this.cell, this.#options.copies);
  }

  async #fail(fault: Error): Promise<void> {
    if (fault instanceof ArchiveDamaged || fault instanceof RecordBroken) return this.#stop(fault.message);
    if (!this.#failed && !this.#options.closing()) this.#options.log.warn({ cell: nameOf(this.cell), fault: fault.message }, 'the archive is behind and tries again');
    this.#failed = true;
  }

  async #stop(why: string): Promise<void> {
    this.#apart = true;
    this.#options.log.error({ cell: nameOf(this.cell), why }, 'this cell is no longer archived');
    // From now on there is one copy only, and the screens say so.
    await tellCopies(this.#options.redis, this.cell, 1).catch(() => undefined);
    await this.close();
  }
}

function isClosing(bytes: Buffer): boolean {
  const entry = decodeEntry(bytes);
  return entry.kind === 'request' && entry.step === 'closeRound';
}
