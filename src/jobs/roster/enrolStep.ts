// How the import takes the step enrolResidents: as a device of its own, whose storage is the upload and whose numbers are the chunks. So
// a chunk that is sent again after a crash is a repeat, and gets the first answer.

import type { RefusalWord } from '../../domain/refusals.js';
import type { CellName, Enrolment } from '../../domain/requests.js';
import { enrolledAs, type EnrolledAs } from '../../ledger/enrolled.js';
import type { Ledger } from '../../ledger/ledger.js';

export interface Chunk {
  /** Names the upload and how it is read: other columns make other residents. */
  epoch: string;
  /** From 1, in the order of the file. */
  number: number;
  residents: readonly Enrolment[];
}

export type ChunkAnswer = { ok: true; enrolled: number; already: number } | { ok: false; word: RefusalWord };

/** What the import needs of the record. */
export interface RosterRecord {
  enrol(cell: CellName, chunk: Chunk): Promise<ChunkAnswer>;
  enrolledAs(cell: CellName, indexes: readonly string[]): Promise<(EnrolledAs | null)[]>;
}

/** The record itself. Throws when it cannot be reached or a step faults: the job is then tried again. */
export function rosterRecord(ledger: Ledger): RosterRecord {
  return {
    async enrol(cell, { epoch, number, residents }) {
      const [receipt] = await ledger.take(cell, [
        {
          device: 'roster',
          epoch,
          requests: [{ number, step: 'enrolResidents', mode: 'ask', claimedAt: Date.now(), body: { residents: [...residents] } }],
        },
      ]);
      const answer = receipt?.answers[0];
      if (answer?.outcome === 'refused') return { ok: false, word: answer.word };
      const event = answer?.outcome === 'applied' ? answer.events.find(({ event }) => event === 'residents.enrolled') : undefined;
      if (event?.event !== 'residents.enrolled') throw new Error(`The record gave no answer to part ${number} of a roster.`);
      return { ok: true, enrolled: event.count, already: event.already };
    },
    enrolledAs: (cell, indexes) => enrolledAs(ledger.redis, cell, indexes),
  };
}
