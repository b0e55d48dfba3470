// Folds written down with their position, so that a restart goes on from there instead of reading the whole day again.
//
// A file is only a short cut: whatever is wrong with it, it counts as absent and the stream is folded from its beginning. It is good
// for the history it was made from (dataEpoch) and for the code that made it, which is part of its name for itself.

import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { events } from '../domain/events.js';
import type { CellName } from '../domain/requests.js';
import type { Tally } from './tally.js';

interface Written {
  maker: string;
  dataEpoch: string;
  tally: Tally;
}

export interface Checkpoints {
  /** The fold of this history as last written, or undefined. */
  read(cell: CellName, dataEpoch: string): Promise<Tally | undefined>;
  /** Replaces what was written of this cell. */
  write(cell: CellName, dataEpoch: string, tally: Tally): void;
}

export function checkpointsIn(folder: string): Checkpoints {
  const maker = makerOf();
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const fileOf = ({ round, area }: CellName) => join(folder, `${round}@${area}.fold`);
  return {
    async read(cell, dataEpoch) {
      try {
        const written = deserialize(await readFile(fileOf(cell))) as Written;
        return written.maker === maker && written.dataEpoch === dataEpoch ? written.tally : undefined;
      } catch {
        return undefined;
      }
    },
    write(cell, dataEpoch, tally) {
      const file = fileOf(cell);
      writeFileSync(`${file}.new`, serialize({ maker, dataEpoch, tally } satisfies Written), { mode: 0o600 });
      renameSync(`${file}.new`, file);
    },
  };
}

/** The files that make a fold what it is: fold.ts and all it stands on in this room. */
export const foldFiles = ['tally.js', 'fold.js', 'pace.js', 'queue.js', 'custody.js', 'minutes.js'] as const;

/** What the fold depends on: the events' layout and its own compiled code. Another version folds anew. */
function makerOf(): string {
  const hash = createHash('sha256').update(JSON.stringify(events)).update(process.version);
  for (const file of foldFiles) hash.update(readFileSync(new URL(file, import.meta.url)));
  return hash.digest('hex');
}
