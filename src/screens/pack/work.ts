// The work at the packer's bench: scans in, answers out, records written in between. What is said has been written; what the service says
// instead is said instead. Scans are taken one after the other.

import { type Signal, signal } from '@preact/signals';
import type { Heard, Outbox, Row } from '../outbox/outbox.js';
import type { BodyInput } from '../outbox/wire.js';
import { type Act, addAct, type Bench, emptyBench, foldBench, joined } from './bench.js';
import { type BoxTold, decide, type Decision, type Pending, refusedInstead, type Said, type Seen, type Situation, type Wish } from './decide.js';

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
  situation(): Situation;
  scanned(seen: Seen): Promise<void>;
  does(what: (at: Situation, now: number) => Decision): Promise<void>;
  tell(said: Said): void;
  repeat(): void;
  cancel(): void;
  reload(): Promise<void>;
  settled(): Promise<void>;
}

export async function openWork({ outbox, courier, site, rehearsal, staff, toPack, boxOf, announce, cannotSave }: WorkParts): Promise<Work> {
  let acts = new Map<number, Act>();
  /** A box somebody else began, gone on with here: what was in it is not in this device's records. */
  let join: { code: string; openedAt: number; tubes: readonly string[] } | undefined;
  const bench = signal<Bench>(emptyBench());
  const pending = signal<Pending | undefined>(undefined);
  const shown = signal<Shown>({ row: courier ? 'startCourier' : 'start', turn: 0 });
  let queue: Promise<void> = Promise.resolve();
  let turn = 0;

  const actOf = (row: Row): Act => ({
    number: row.number, step: row.step, by: row.by, body: row.body, at: outbox.time.claimed(row.made),
    undone: row.settled && row.settled.how !== 'seen' ? row.settled.how : row.state === 'refused' && row.answer?.outcome === 'refused' ? row.answer.word : undefined,
  });

  function refold(): void {
    const inOrder = [...acts.values()].sort((a, b) => a.number - b.number);
    const told = foldBench(inOrder);
    if (join && !told.box && !told.sealed.some(({ code, sealedAt }) => code === join?.code && sealedAt > join.openedAt)) bench.value = joined(told, join.code, join.openedAt, join.tubes);
    else if (join && told.box?.code === join.code) bench.value = { ...told, box: { ...told.box, tubes: [...new Set([...join.tubes, ...told.box.tubes])] } };
    else bench.value = told;
  }

  async function reload(): Promise<void> {
    acts = new Map((await outbox.rows()).map((row) => [row.number, actOf(row)]));
    refold();
  }

  const situation = (told?: BoxTold): Situation => ({
    bench: bench.value, courier, staff: staff.value, site, rehearsal: rehearsal.value, pending: pending.value, toPack: toPack.value, told,
  });

  function say(said: Said, tick = false): void {
    shown.value = { ...said, turn: ++turn };
    announce(said, tick);
  }

  async function carry(decision: Decision): Promise<void> {
    const begun: { wish: Wish; number: number; heard: Promise<Heard> }[] = [];
    for (const wish of decision.wishes) begun.push({ wish, ...(await begin(wish)) });
    if (decision.staff !== undefined) staff.value = decision.staff;
    pending.value = decision.pending;
    if (begun.length > 0) refold();
    say(decision.say, decision.tick);
    for (const { wish, number, heard } of begun) void heard.then((is) => enqueue(() => answered(wish, number, is)), cannotSave);
  }

  async function begin(wish: Wish): Promise<{ number: number; heard: Promise<Heard> }> {
    const by = staff.value;
    const step = wish.step as 'packTube';
    const body = wish.body as BodyInput<'packTube'>;
    let number = 0;
    let heard: Promise<Heard>;
    if (wish.how === 'report') {
      const made = await outbox.report(step, body, { by });
      number = made.number;
      heard = Promise.resolve({ outcome: 'reported', ...made });
    } else {
      let asked: Promise<Heard> | undefined;
      number = await new Promise<number>((resolve, reject) => {
        asked = outbox.ask(step, body, { by, otherwise: 'report', saved: ({ number }) => resolve(number) });
        asked.catch(reject);
      });
      heard = asked as Promise<Heard>;
    }
    acts.set(number, { number, step: wish.step, by, body: wish.body, at: Math.round(outbox.now()) });
    return { number, heard };
  }

  async function answered(wish: Wish, number: number, heard: Heard): Promise<void> {
    const act = acts.get(number);
    if (!act || heard.outcome !== 'refused') return;
    const instead = refusedInstead(wish, heard, situation(), outbox.now());
    if (instead.anyway) await outbox.reportAnyway(heard, act.by);
    else act.undone = heard.word;
    refold();
    if (instead.join !== undefined) {
      const told = await boxOf(instead.join);
      if (told) {
        join = { code: instead.join, openedAt: told.openedAt, tubes: told.tubes };
        refold();
      }
      return carry({ ...instead, say: { ...instead.say, values: { ...instead.say.values, n: told?.tubes.length ?? 0 } } });
    }
    return carry(instead);
  }

  function enqueue(work: () => Promise<void>): Promise<void> {
    const done = queue.then(work).catch(cannotSave);
    queue = done;
    return done;
  }

  outbox.onAnswer((row) => {
    if (row.epoch !== outbox.place?.epoch) return;
    acts.set(row.number, actOf(row));
    refold();
  });

  await reload();
  if (bench.value.box && !courier) shown.value = { row: 'goOn', turn: 0 };
  return {
    bench, shown, pending, reload,
    situation: () => situation(),
    scanned: (seen) => enqueue(async () => {
      const asks = seen.kind === 'manifest' || (seen.kind === 'box' && courier);
      const told = asks ? await boxOf(seen.kind === 'manifest' ? seen.box : (seen as { code: string }).code) : undefined;
      await carry(decide(seen, situation(told), outbox.now()));
    }),
    does: (what) => enqueue(() => carry(what(situation(), outbox.now()))),
    tell: (said) => say(said),
    repeat: () => announce(shown.value, false),
    cancel() {
      pending.value = undefined;
      say({ row: 'cancelled' });
    },
    settled: () => queue,
  };
}
