// The work at the laboratory's bench: scans in, answers out at once, records written in between. The screen never waits for the service;
// what it says instead is said instead, and a manifest that arrives late is compared with what has been scanned by then.

import { type Signal, signal } from '@preact/signals';
import type { Heard, Outbox } from '../outbox/outbox.js';
import { type Acts, openActs, type Wish } from '../tablet/acts.js';
import { type Bench, emptyBench, foldBench, type Manifest } from './bench.js';
import { decide, type Decision, type Pending, refusedInstead, type Said, type Seen, type Situation } from './decide.js';

export interface WorkParts {
  outbox: Outbox;
  rehearsal: Signal<boolean>;
  staff: Signal<string | undefined>;
  /** The comparison of a box at the service; undefined without a network or where it knows none. */
  manifestOf(box: string): Promise<Manifest | undefined>;
  announce(said: Said, tick: boolean): void;
  cannotSave(fault: unknown): void;
}

export interface Shown extends Said {
  turn: number;
}

export interface Work {
  readonly bench: Signal<Bench>;
  /** Of the box on the bench, as far as it is known. */
  readonly manifest: Signal<Manifest | undefined>;
  readonly shown: Signal<Shown>;
  readonly pending: Signal<Pending | undefined>;
  scanned(seen: Seen): Promise<void>;
  does(what: (at: Situation, now: number) => Decision): Promise<void>;
  /** Asks for the manifest again: it may have come meanwhile. */
  look(): Promise<void>;
  tell(said: Said): void;
  repeat(): void;
  cancel(): void;
  reload(): Promise<void>;
  settled(): Promise<void>;
}

export async function openWork({ outbox, rehearsal, staff, manifestOf, announce, cannotSave }: WorkParts): Promise<Work> {
  let acts: Acts | undefined;
  const bench = signal<Bench>(emptyBench());
  const manifest = signal<Manifest | undefined>(undefined);
  const pending = signal<Pending | undefined>(undefined);
  const shown = signal<Shown>({ row: 'start', turn: 0 });
  let turn = 0;

  const refold = (): void => { bench.value = foldBench(acts?.all() ?? []); };
  const records = acts = await openActs({ outbox, by: () => staff.value, changed: refold, cannotSave });
  refold();

  const situation = (): Situation => ({
    bench: bench.value, manifest: manifest.value?.box === bench.value.box?.box ? manifest.value : undefined, staff: staff.value, rehearsal: rehearsal.value, pending: pending.value,
  });

  function say(said: Said, tick = false): void {
    if (!tick || said.row === 'already') shown.value = { ...said, turn: ++turn };
    announce(said, tick);
  }

  async function look(box = bench.value.box?.box): Promise<void> {
    if (box === undefined) return;
    const found = await manifestOf(box);
    if (found) manifest.value = found;
  }

  async function carry(decision: Decision): Promise<void> {
    const begun: { wish: Wish; number: number; heard: Promise<Heard> }[] = [];
    for (const wish of decision.wishes) begun.push({ wish, ...(await records.write(wish)) });
    if (decision.staff !== undefined) staff.value = decision.staff;
    pending.value = decision.pending;
    say(decision.say, decision.tick);
    if (decision.look !== undefined) void look(decision.look);
    for (const { wish, number, heard } of begun) void heard.then((is) => records.enqueue(() => answered(wish, number, is)), cannotSave);
  }

  async function answered(wish: Wish, number: number, heard: Heard): Promise<void> {
    // Only now does the service know the box, and with it what its manifest says.
    if (wish.step === 'receiveBox') void look(String(wish.body['box']));
    if (heard.outcome !== 'refused') return;
    records.undo(number, heard.word);
    await carry({ ...refusedInstead(wish, heard), pending: pending.value });
  }

  if (bench.value.box) {
    shown.value = { row: 'goOn', turn: 0 };
    void look();
  }
  return {
    bench, manifest, shown, pending, look,
    reload: () => records.reload(),
    scanned: (seen) => records.enqueue(() => carry(decide(seen, situation(), outbox.now()))),
    does: (what) => records.enqueue(() => carry(what(situation(), outbox.now()))),
    tell: (said) => say(said),
    repeat: () => announce(shown.value, false),
    cancel() {
      pending.value = undefined;
      say({ row: 'cancelled' });
    },
    settled: () => records.settled(),
  };
}
