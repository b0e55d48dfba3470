// A page's own records as it works with them: written before anything is shown, in the order of the hands, and told anew when the service
// has said otherwise. What stands on a bench is always told from these; nothing else is kept.

import type { Heard, Outbox, Row } from '../outbox/outbox.js';
import type { BodyInput, StepName } from '../outbox/wire.js';

/** One record of this device. */
export interface Act {
  number: number;
  step: StepName;
  by?: string | undefined;
  body: Readonly<Record<string, unknown>>;
  /** When it was done, by the service's time. */
  at: number;
  /** Refused with this word, or taken back by a person: it has not happened. */
  undone?: string | undefined;
}

/** A record to write. */
export interface Wish {
  step: StepName;
  body: Record<string, unknown>;
  /** Asked while somebody answers; `report`: it is a fact, whatever anybody says. */
  how: 'ask' | 'report';
}

export interface Acts {
  /** In the order in which they were made. */
  all(): Act[];
  /** Resolves when the record is on this disk; `heard` when the service has answered or has not in time. Throws SaveFailed. */
  write(wish: Wish): Promise<{ number: number; heard: Promise<Heard> }>;
  /** The service said no: it has not happened. */
  undo(number: number, word: string): void;
  /** The service said no, and it has happened all the same: the same number, as a fact. */
  anyway(refused: Extract<Heard, { outcome: 'refused' }>, by?: string): Promise<void>;
  /** One after the other, so that the records have the order of the scans. */
  enqueue(work: () => Promise<void>): Promise<void>;
  /** Reads the records again, after a person has decided about some. */
  reload(): Promise<void>;
  settled(): Promise<void>;
}

interface ActsParts {
  outbox: Outbox;
  by(): string | undefined;
  /** The records are others than they were. */
  changed(): void;
  cannotSave(fault: unknown): void;
}

/** A record as the disk has it. */
export const actOf = (outbox: Pick<Outbox, 'time'>, row: Row): Act => ({
  number: row.number, step: row.step, by: row.by, body: row.body, at: outbox.time.claimed(row.made),
  undone: row.settled && row.settled.how !== 'seen' ? row.settled.how : row.state === 'refused' && row.answer?.outcome === 'refused' ? row.answer.word : undefined,
});

/** Writes one record; resolves when it is on this disk, `heard` when the service has answered or has not in time. Throws SaveFailed. */
export async function begin(outbox: Outbox, { step, body, how }: Wish, by: string | undefined): Promise<{ number: number; heard: Promise<Heard> }> {
  // Which step's body it is was decided where it was made; the outbox and the service judge it again.
  const [name, content] = [step as 'packTube', body as BodyInput<'packTube'>];
  if (how === 'report') {
    const made = await outbox.report(name, content, { by });
    return { number: made.number, heard: Promise.resolve({ outcome: 'reported', ...made }) };
  }
  let asked: Promise<Heard> | undefined;
  const number = await new Promise<number>((resolve, reject) => {
    asked = outbox.ask(name, content, { by, otherwise: 'report', saved: (record) => resolve(record.number) });
    asked.catch(reject);
  });
  return { number, heard: asked as Promise<Heard> };
}

export async function openActs({ outbox, by, changed, cannotSave }: ActsParts): Promise<Acts> {
  let known = new Map<number, Act>();
  let queue: Promise<void> = Promise.resolve();

  const acts: Acts = {
    all: () => [...known.values()].sort((a, b) => a.number - b.number),
    async write(wish) {
      const { step, body } = wish;
      const card = by();
      const { number, heard } = await begin(outbox, wish, card);
      known.set(number, { number, step, by: card, body, at: Math.round(outbox.now()) });
      changed();
      return { number, heard };
    },
    undo(number, word) {
      const act = known.get(number);
      if (act) act.undone = word;
      changed();
    },
    async anyway(refused, card) {
      await outbox.reportAnyway(refused, card);
      changed();
    },
    enqueue(work) {
      const done = queue.then(work).catch(cannotSave);
      queue = done;
      return done;
    },
    async reload() {
      known = new Map((await outbox.rows()).map((row) => [row.number, actOf(outbox, row)]));
      changed();
    },
    settled: () => queue,
  };

  outbox.onAnswer((row) => {
    if (row.epoch !== outbox.place?.epoch) return;
    known.set(row.number, actOf(outbox, row));
    changed();
  });
  await acts.reload();
  return acts;
}
