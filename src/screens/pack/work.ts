// The work at the packer's bench: scans in, answers out, records written in between. What is said has been written; what the service says
// instead is said instead.

import { type Signal, signal } from '@preact/signals';
import type { Heard, Outbox } from '../outbox/outbox.js';
import { openActs, type Acts, type Wish } from '../tablet/acts.js';
import { type Bench, emptyBench, foldBench, joined } from './bench.js';
import { type BoxTold, decide, type Decision, type Pending, refusedInstead, type Said, type Seen, type Situation } from './decide.js';

export interface WorkParts {
  outbox: Outbox;
  courier: boolean;
  site: string | undefined;
  rehearsal: Signal<boolean>;
  staff: Signal<string | undefined>;
  /** Sealed tubes that no box has, by the service. */
  toPack: Signal<number | undefined>;
  /** What the service says of a box; undefined without a network. */
  boxOf(code: string): Promise<(BoxTold & { tubes: string[]; openedAt: number }) | undefined>;
  announce(said: Said, tick: boolean): void;
  cannotSave(fault: unknown): void;
}

export interface Shown extends Said {
  turn: number;
}

export interface Work {
  readonly bench: Signal<Bench>;
  readonly shown: Signal<Shown>;
  readonly pending: Signal<Pending | undefined>;
  scanned(seen: Seen): Promise<void>;
  does(what: (at: Situation, now: number) => Decision): Promise<void>;
  tell(said: Said): void;
  repeat(): void;
  cancel(): void;
  reload(): Promise<void>;
  settled(): Promise<void>;
}

export async function openWork({ outbox, courier, site, rehearsal, staff, toPack, boxOf, announce, cannotSave }: WorkParts): Promise<Work> {
  /** A box somebody else began, gone on with here: what was in it is not in this device's records. */
  let join: { code: string; openedAt: number; tubes: readonly string[] } | undefined;
  let acts: Acts | undefined;
  const bench = signal<Bench>(emptyBench());
  const pending = signal<Pending | undefined>(undefined);
  const shown = signal<Shown>({ row: courier ? 'startCourier' : 'start', turn: 0 });
  let turn = 0;

  function refold(): void {
    const told = foldBench(acts?.all() ?? []);
    const sealed = join && told.sealed.some(({ code, sealedAt }) => code === join?.code && sealedAt > join.openedAt);
    if (join && !told.box && !sealed) bench.value = joined(told, join.code, join.openedAt, join.tubes);
    else if (join && told.box?.code === join.code) bench.value = { ...told, box: { ...told.box, tubes: [...new Set([...join.tubes, ...told.box.tubes])] } };
    else bench.value = told;
  }

  const records = acts = await openActs({ outbox, by: () => staff.value, changed: refold, cannotSave });
  refold();

  const situation = (told?: BoxTold): Situation => ({
    bench: bench.value, courier, staff: staff.value, site, rehearsal: rehearsal.value, pending: pending.value, toPack: toPack.value, told,
  });

  function say(said: Said, tick = false): void {
    shown.value = { ...said, turn: ++turn };
    announce(said, tick);
  }

  async function carry(decision: Decision): Promise<void> {
    const begun: { wish: Wish; number: number; heard: Promise<Heard> }[] = [];
    for (const wish of decision.wishes) begun.push({ wish, ...(await records.write(wish)) });
    if (decision.staff !== undefined) staff.value = decision.staff;
    pending.value = decision.pending;
    say(decision.say, decision.tick);
    for (const { wish, number, heard } of begun) void heard.then((is) => records.enqueue(() => answered(wish, number, is)), cannotSave);
  }

  async function answered(wish: Wish, number: number, heard: Heard): Promise<void> {
    if (heard.outcome !== 'refused') return;
    const instead = refusedInstead(wish, heard, situation(), outbox.now());
    if (instead.anyway) await records.anyway(heard, staff.value);
    else records.undo(number, heard.word);
    if (instead.join === undefined) return carry(instead);
    const told = await boxOf(instead.join);
    if (told) join = { code: instead.join, openedAt: told.openedAt, tubes: told.tubes };
    refold();
    return carry({ ...instead, say: { ...instead.say, values: { ...instead.say.values, n: told?.tubes.length ?? 0 } } });
  }

  if (bench.value.box && !courier) shown.value = { row: 'goOn', turn: 0 };
  return {
    bench, shown, pending,
    reload: () => records.reload(),
    scanned: (seen) => records.enqueue(async () => {
      const code = seen.kind === 'manifest' ? seen.box : seen.kind === 'box' && courier ? seen.code : undefined;
      await carry(decide(seen, situation(code === undefined ? undefined : await boxOf(code)), outbox.now()));
    }),
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
