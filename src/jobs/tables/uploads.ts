// Uploaded tables (rosters, results of a laboratory) while they wait: sealed on disk with the round's key from the first byte on, so that
// neither a crash nor a backup leaves a list of people behind in clear. Reports and files of errors lie beside them in the same way.
//
// An upload is whole or not there: it gets its name when all of it is on disk. What nobody fetched is removed after a while.

import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { CellName } from '../../domain/requests.js';
import { openStream, sealStream } from '../../vault/chunks.js';
import { SealFault } from '../../vault/sealing.js';
import type { RoundVault, Vault } from '../../vault/vault.js';
import { refusedTable, TableRefused, tableLimits, type RefusedTable } from './table.js';

/** What is kept of an upload. */
export const uploadParts = ['roster', 'results', 'report', 'errors.xlsx', 'errors.csv', 'report.xlsx', 'report.csv'] as const;
export type UploadPart = (typeof uploadParts)[number];
/** What is sent; the other parts are made from it. One kind is never read as the other. */
export type SentPart = 'roster' | 'results';

export interface Uploads {
  /** Takes a table in. A file that is too large, and a round whose data was erased, are refused; nothing is left of either. */
  save(cell: CellName, source: AsyncIterable<Uint8Array>, kind?: SentPart): Promise<{ ok: true; upload: string; bytes: number } | RefusedTable>;
  put(cell: CellName, upload: string, part: Exclude<UploadPart, SentPart>, source: AsyncIterable<Uint8Array>): Promise<void>;
  /** Is there such a part, and is it this cell's? */
  holds(cell: CellName, upload: string, part: UploadPart): Promise<boolean>;
  /** The bytes of a part as they are opened, or why there are none. */
  open(cell: CellName, upload: string, part: UploadPart): Promise<AsyncIterable<Buffer> | 'gone' | 'erased'>;
  /** The same, and the part is gone with it: of two who ask at once one gets it. */
  take(cell: CellName, upload: string, part: UploadPart): Promise<AsyncIterable<Buffer> | 'gone' | 'erased'>;
  /** Removes parts of an upload, all of them where none is named. */
  remove(upload: string, parts?: readonly UploadPart[]): Promise<void>;
  /** Removes what is older than this many milliseconds, and what a crash left half written. Gives the number of files. */
  sweep(olderThanMs: number): Promise<number>;
}

const uploadName = /^u[0-9a-f]{12}$/;

/** `directory` is made when it is needed, readable by its owner only. */
export function createUploads(directory: string, vault: Vault): Uploads {
  const fileOf = (upload: string, part: UploadPart): string => {
    if (!uploadName.test(upload)) throw new RangeError('an upload has a name of ours');
    return join(directory, `${upload}.${part}`);
  };
  const write = async (round: RoundVault, cell: CellName, upload: string, part: UploadPart, source: AsyncIterable<Uint8Array>): Promise<void> => {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const file = fileOf(upload, part);
    const draft = `${file}.half`;
    try {
      await pipeline(sealStream(round, part, { area: cell.area, owner: upload }, source), createWriteStream(draft, { mode: 0o600 }));
      const handle = await open(draft, 'r');
      await handle.sync().finally(() => handle.close());
      await rename(draft, file);
    } catch (cause) {
      await rm(draft, { force: true });
      throw cause;
    }
  };
  const isThere = async (upload: string, part: UploadPart): Promise<boolean> =>
    (await stat(fileOf(upload, part)).catch((cause: NodeJS.ErrnoException) => (cause.code === 'ENOENT' ? null : Promise.reject(cause)))) !== null;
  const made: Uploads = {
    async save(cell, source, kind = 'roster') {
      const upload = `u${randomBytes(6).toString('hex')}`;
      let bytes = 0;
      const counted = async function* (): AsyncGenerator<Uint8Array> {
        for await (const piece of source) {
          bytes += piece.byteLength;
          if (bytes > tableLimits.fileBytes) throw new TableRefused('file_too_large', { bytesMax: tableLimits.fileBytes });
          yield piece;
        }
        if (bytes === 0) throw new TableRefused('file_empty');
      };
      try {
        const round = await vault.round(cell.round);
        if (round === 'erased') throw new TableRefused('file_erased');
        await write(round, cell, upload, kind, counted());
        return { ok: true, upload, bytes };
      } catch (cause) {
        if (cause instanceof TableRefused) return refusedTable(cause);
        throw cause;
      }
    },
    async put(cell, upload, part, source) {
      const round = await vault.round(cell.round);
      if (round !== 'erased') await write(round, cell, upload, part, source);
    },
    async open(cell, upload, part) {
      const round = await vault.round(cell.round);
      if (round === 'erased') return 'erased';
      return (await isThere(upload, part)) ? openStream(round, part, { area: cell.area, owner: upload }, createReadStream(fileOf(upload, part))) : 'gone';
    },
    async holds(cell, upload, part) {
      const bytes = await made.open(cell, upload, part);
      if (typeof bytes === 'string') return false;
      try {
        for await (const _ of bytes) return true;
      } catch (cause) {
        // It was sealed for another cell.
        if (!(cause instanceof SealFault)) throw cause;
      }
      return false;
    },
    async take(cell, upload, part) {
      const round = await vault.round(cell.round);
      if (round === 'erased') return 'erased';
      const taken = `${fileOf(upload, part)}.taken`;
      try {
        await rename(fileOf(upload, part), taken);
      } catch (cause) {
        if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return 'gone';
        throw cause;
      }
      const handle = await open(taken, 'r');
      // It has no name any more and is gone when it has been read, or when this process ends.
      await rm(taken, { force: true });
      return openStream(round, part, { area: cell.area, owner: upload }, handle.createReadStream());
    },
    async remove(upload, parts = uploadParts) {
      for (const part of parts) await rm(fileOf(upload, part), { force: true });
    },
    async sweep(olderThanMs) {
      let removed = 0;
      for (const name of await readdir(directory).catch(() => [])) {
        const file = join(directory, name);
        const { mtimeMs } = await stat(file).catch(() => ({ mtimeMs: Date.now() }));
        if (!/^u[0-9a-f]{12}\./.test(name) || Date.now() - mtimeMs < (name.endsWith('.half') ? Math.min(olderThanMs, 3_600_000) : olderThanMs))
          continue;
        await rm(file, { force: true });
        removed++;
      }
      return removed;
    },
  };
  return made;
}

/** All of a part in memory: what is sent is limited in size. */
export async function collected(source: AsyncIterable<Buffer>): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of source) pieces.push(piece);
  return Buffer.concat(pieces);
}
