// The work at a table: scans in, answers out, records written in between. What is said has been written; what the service says instead is
// said instead. Scans are taken one after the other, so that the records have the order of the hands.

import { type ReadonlySignal, type Signal, signal } from '@preact/signals';
import type { Heard, Outbox, Row } from '../outbox/outbox.js';
import { actOf as doneOf, begin as written } from '../tablet/acts.js';
import { takenInto, decide, type Decision, type Pending, type Person, refusedInstead, type Rules, type Said, type Seen, type Situation, type Wish } from './decide.js';
import { type Act, addAct, countOf, foldTable, type FoldOptions, type Table } from './table.js';

export interface WorkParts {
  outbox: Outbox;
  /** The table's name on the record. */
  station(): string;
  rules: ReadonlySignal<Rules>;
  staff: Signal<string | undefined>;
  identityOf: FoldOptions['identityOf'];
  /** What this tablet knows of a resident; a walk-in of its own has a number with `#`. */
  personOf(resident: string): Promise<Person>;
  /** The answer is to be heard and felt, too. */
  announce(said: Said, tick: boolean): void;
  /** A record could not be written; the screen is red already. */
  cannotSave(fault: unknown): void;
  /** Who has a swab has changed, before the service tells. */
  noteSampled(resident: string, is: boolean): void;
  /** What an earlier storage of this device has left open, for a storage that has no records yet. */
  leftOpen(): Promise<readonly Act[]>;
  /** Where somebody was sampled that this tablet has not sampled; `no`: they were not. */
  whereSampled(resident: string): Promise<{ at: number; station: string } | 'no' | undefined>;
}

export interface Shown extends Said {
  /** Grows with every answer, so that the same one twice is seen and read aloud twice. */
  turn: number;
  at: number;
}

export interface Work {
  readonly table: Signal<Table>;
  readonly shown: Signal<Shown>;
  readonly pending: Signal<Pending | undefined>;
  /** Names of those on the table, as far as they are known. */
  person(resident: string): Person | undefined;
  situation(): Situation;
  /** What was scanned, once it is known what it is; `value` tells one code from another. */
  scanned(see: () => Promise<Seen> | Seen, value: string): Promise<void>;
  /** What somebody has decided by key, card or button. */
  does(what: (at: Situation, now: number) => Decision): Promise<void>;
  /** Says something that stands on no table. */
  tell(said: Said): void;
  repeat(): void;
  cancel(): void;
  /** Told anew from the records, after a person has decided about some of them. */
  reload(): Promise<void>;
  /** Resolves when all scans so far have been answered. */
  settled(): Promise<void>;
}

/** Only a record's number can stand for the number of the record before it. */
const filledIn = (body: Record<string, unknown>, before: number): Record<string, unknown> =>
  Object.fromEntries(Object.entries(body).map(([name, value]) => [name, value === '#<' ? `#${before}` : value]));

export async function openWork({ outbox, station, rules, staff, identityOf, personOf, announce, cannotSave, noteSampled, leftOpen, whereSampled }: WorkParts): Promise<Work> {
  let acts = new Map<number, Act>();
  const people = new Map<string, Person>();
  const options = (): FoldOptions => ({ poolSizes: rules.value.poolSizes, identityOf });
  const table = signal<Table>(foldTable([], options()));
  const pending = signal<Pending | undefined>(undefined);
  const shown = signal<Shown>({ row: 'start', turn: 0, at: 0 });
  let recent: Situation['recent'];
  let queue: Promise<void> = Promise.resolve();
  let turn = 0;

  const actOf = (row: Row): Act => ({ ...doneOf(outbox, row), events: row.answer?.outcome === 'applied' ? row.answer.events : undefined });
  const inOrder = (): Act[] => [...acts.values()].sort((a, b) => a.number - b.number);
  function refold(): void {
    table.value = foldTable(inOrder(), options());
  }

  async function reload(): Promise<void> {
    const [rows, before] = await Promise.all([outbox.rows(), leftOpen()]);
    acts = new Map([...before.map((act): [number, Act] => [act.number, act]), ...rows.map((row): [number, Act] => [row.number, actOf(row)])]);
    refold();
    const { pool, last, tubes } = table.value;
    const near = [...(pool?.members ?? []), ...[...tubes.values()].slice(-3).flatMap(({ members }) => members)].map(({ resident }) => resident);
    for (const resident of new Set([...near, ...(last ? [last.resident] : [])])) if (!people.has(resident)) people.set(resident, await personOf(resident));
  }

  /** A walk-in has a number of the service after a while, and is the same person. */
  function personNow(resident: string): Person | undefined {
    const known = people.get(resident);
    if (known) return known;
    for (const [walkIn, number] of table.value.numbers) if (number === resident) return people.get(walkIn);
    return undefined;
  }

  const situation = (): Situation => ({
    table: table.value, rules: rules.value, station: station(), staff: staff.value, pending: pending.value, recent, personOf: personNow,
  });

  function say(said: Said, tick = false): void {
    if (!tick) shown.value = { ...said, turn: ++turn, at: outbox.now() };
    announce(said, tick);
  }

  /** Writes the records, then says what was decided, then listens to what the service says of them. */
  async function carry(decision: Decision, value?: string): Promise<void> {
    if (decision.tick) return say(decision.say, true);
    let before = 0;
    const begun: { wish: Wish; number: number; heard: Promise<Heard> }[] = [];
    for (const wish of decision.wishes) {
      const body = filledIn(wish.body, before);
      const record = await begin({ ...wish, body });
      before = record.number;
      begun.push({ wish: { ...wish, body }, ...record });
    }
    if (begun.length > 0) table.value = { ...table.value };
    if (decision.staff !== undefined) staff.value = decision.staff;
    pending.value = decision.pending;
    // After a correction the same code is a new scan.
    recent = value === undefined ? undefined : { value, at: outbox.now(), counted: begun.length > 0 };
    const { person } = decision.say;
    const last = begun.at(-1);
    if (person && last?.wish.step === 'takeSwab') people.set(String(last.wish.body['resident']), { ...person, resident: String(last.wish.body['resident']) });
    else if (person) people.set(person.resident, person);
    say(decision.say);
    if (decision.say.row === 'already' && !decision.say.taken && person) void lookUp(person, shown.value.turn);
    for (const { wish, number, heard } of begun) void heard.then((is) => answered(wish, number, is, decision.say), cannotSave);
  }

  /** Adds where and when it was, as soon as the service has said so. */
  async function lookUp(person: Person, answer: number): Promise<void> {
    const where = await whereSampled(person.resident);
    if (!where) return;
    if (where === 'no') noteSampled(person.resident, false);
    if (shown.value.turn !== answer) return;
    if (where === 'no') say({ row: 'notSure', person });
    else shown.value = { ...shown.value, taken: where };
  }

  /** Resolves when the record is on the disk. */
  async function begin(wish: Wish): Promise<{ number: number; heard: Promise<Heard> }> {
    const by = wish.by ?? staff.value;
    const { number, heard } = await written(outbox, wish, by);
    const act: Act = { number, step: wish.step, by, body: wish.body, at: Math.round(outbox.now()) };
    acts.set(number, act);
    addAct(table.value, act, options());
    if (wish.step === 'voidSwab' && !table.value.taken.has(String(wish.body['resident']))) noteSampled(String(wish.body['resident']), false);
    return { number, heard };
  }

  async function answered(wish: Wish, number: number, heard: Heard, was: Said): Promise<void> {
    const act = acts.get(number);
    if (!act) return;
    if (heard.outcome === 'refused') {
      act.undone = heard.word;
      refold();
      if (heard.word === 'already_sampled') noteSampled(String(wish.body['resident']), true);
      await enqueue(() => carry(refusedInstead(wish, heard, was.person, situation(), outbox.now())));
    } else if (heard.outcome === 'lapsed') {
      act.undone = 'lapsed';
      refold();
    } else if (heard.outcome === 'applied') {
      act.events = heard.events;
      const open = table.value.pool?.code;
      refold();
      // Others have filled it meanwhile.
      if (wish.step === 'takeSwab' && open !== undefined && table.value.pool === undefined && was.row !== 'full' && shown.value.row === was.row && was.person) {
        const tube = table.value.tubes.get(open);
        if (tube) say({ ...takenInto(tube, was.person), row: 'full', values: { n: countOf(tube), size: tube.size } });
      }
    }
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
  if (table.value.pool) shown.value = { row: 'goOn', turn: 0, at: outbox.now() };
  return {
    table, shown, pending, situation, reload,
    person: personNow,
    scanned: (see, value) => enqueue(async () => {
      const seen = await see();
      if (seen.kind === 'person') people.set(seen.person.resident, seen.person);
      await carry(decide(seen, situation(), outbox.now()), value);
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

