// What stands on the table, told from this device's own records in the order they were made: the open tube, who is in it, whom this tablet
// has sampled. Nothing else is kept: a page that is killed in the middle of a tube finds the same tube in the records when it is opened.
//
// A record that was refused has not happened. One that was reported has, whatever the service says of it.

import type { AnswerEvent } from '../outbox/wire.js';
import type { Act as Done } from '../tablet/acts.js';

/** One record of this device, with what the service has said followed from it. */
export interface Act extends Done {
  events?: readonly AnswerEvent[] | undefined;
}

export interface Member {
  /** The resident's number, or `#n`: the walk-in this device registered with its record n. */
  resident: string;
  /** Number of the record. */
  number: number;
  at: number;
  /** Taken off the record, or in truth in another tube. */
  gone?: 'voided' | 'moved';
}

export interface Tube {
  code: string;
  size: number;
  risk: string;
  openedAt: number;
  /** When the first swab went in; 0: it is empty. */
  firstAt: number;
  members: Member[];
  /** Swabs that other devices have added, as the service has told. */
  others: number;
  state: 'open' | 'sealed' | 'void';
  /** Why it is not open any more. */
  why?: string;
}

export interface Taken {
  tube: string;
  at: number;
  number: number;
  /** It had its tube alone. */
  single: boolean;
}

export interface Table {
  /** The open tube for many. */
  pool: Tube | undefined;
  tubes: Map<string, Tube>;
  /** Whom this device has sampled. */
  taken: Map<string, Taken>;
  /** Walk-ins by document, as `#n`; and the number each got at the service. */
  documents: Map<string, string>;
  numbers: Map<string, string>;
  /** The last swab that still counts. */
  last: (Member & { tube: string }) | undefined;
  /** The last pool's risk group: the next tube is most likely for the same. */
  risk: string;
}

/** Pool sizes by risk group, as the round's rules have them. */
export type PoolSizes = Readonly<Record<string, number>>;

export interface FoldOptions {
  poolSizes: PoolSizes;
  /** What a document's number is matched on; undefined where it is none. */
  identityOf(document: { number: string; kind?: string }): string | undefined;
}

/** Refusals of a swab that say its tube is closed, whatever this tablet thought. */
const closedWords: ReadonlySet<string> = new Set(['tube_full', 'tube_sealed', 'tube_voided']);

export const emptyTable = (): Table => ({
  pool: undefined, tubes: new Map(), taken: new Map(), documents: new Map(), numbers: new Map(), last: undefined, risk: 'normal',
});

/** Swabs in the tube that count. */
export const countOf = (tube: Tube): number => tube.members.reduce((sum, { gone }) => sum + (gone ? 0 : 1), 0) + tube.others;

/** The first person whose swab is in it: a tube is of their risk group and, where that is the rule, of their door. */
export const firstOf = (tube: Tube): Member | undefined => tube.members.find(({ gone }) => !gone);

/** The number the service knows somebody by, where it has told. */
export const knownAs = (table: Table, resident: string): string => table.numbers.get(resident) ?? resident;

export function foldTable(acts: Iterable<Act>, options: FoldOptions): Table {
  const table = emptyTable();
  for (const act of acts) addAct(table, act, options);
  return table;
}

/** Takes one more record in; the table is changed. */
export function addAct(table: Table, act: Act, { poolSizes, identityOf }: FoldOptions): void {
  const { step, body, at, number, undone, events } = act;
  const field = (name: string): string => String(body[name] ?? '');
  const tube = table.tubes.get(field('tube'));
  if (undone !== undefined) {
    // A swab that was refused because its tube is closed says that it is.
    if (step === 'takeSwab' && closedWords.has(undone) && tube?.state === 'open') close(table, tube, 'sealed', undone);
    if (step === 'sealTube' && (undone === 'tube_sealed' || undone === 'tube_voided') && tube?.state === 'open') close(table, tube, 'sealed', undone);
    return;
  }

  switch (step) {
    case 'openTube': {
      const risk = String(body['risk'] ?? 'normal');
      const size = Number(body['size'] ?? poolSizes[risk] ?? 10);
      if (size > 1 && table.pool) close(table, table.pool, countOf(table.pool) > 0 ? 'sealed' : 'void', 'next_tube');
      const opened: Tube = { code: field('tube'), size, risk, openedAt: at, firstAt: 0, members: [], others: 0, state: 'open' };
      table.tubes.set(opened.code, opened);
      if (size > 1) {
        table.pool = opened;
        table.risk = risk;
      }
      break;
    }
    case 'takeSwab': {
      const into = tube ?? unopened(table, field('tube'), at, poolSizes);
      const member: Member = { resident: knownAs(table, field('resident')), number, at };
      into.members.push(member);
      into.firstAt ||= at;
      table.taken.set(member.resident, { tube: into.code, at, number, single: into.size === 1 });
      table.last = { ...member, tube: into.code };
      if (countOf(into) >= into.size) close(table, into, 'sealed', 'full');
      break;
    }
    case 'voidSwab': {
      if (tube) leave(table, tube, knownAs(table, field('resident')), 'voided');
      break;
    }
    case 'moveSwab': {
      const [from, to] = [table.tubes.get(field('from')), table.tubes.get(field('to'))];
      const resident = knownAs(table, field('resident'));
      const member = from && leave(table, from, resident, 'moved');
      if (member && to) {
        to.members.push({ resident, number, at: member.at });
        to.firstAt ||= member.at;
        if (to.state === 'open' && countOf(to) >= to.size) close(table, to, 'sealed', 'full');
      }
      if (member) table.taken.set(resident, { tube: field('to'), at: member.at, number, single: to?.size === 1 });
      break;
    }
    case 'sealTube':
      if (tube?.state === 'open') close(table, tube, 'sealed', String(body['reason'] ?? 'early'));
      break;
    case 'voidTube':
      if (tube) {
        for (const { resident, gone } of [...tube.members]) if (!gone) leave(table, tube, resident, 'voided');
        close(table, tube, 'void', String(body['reason'] ?? 'other'));
      }
      break;
    case 'registerWalkIn': {
      const document = body['document'] as { number: string; kind?: string } | undefined;
      const identity = document && identityOf(document);
      if (identity !== undefined) table.documents.set(identity, `#${number}`);
      break;
    }
    default:
  }
  if (events) follow(table, number, events);
}

/** What the service has said of a record: a walk-in's number, how many are in a tube, that it is closed. */
function follow(table: Table, number: number, events: readonly AnswerEvent[]): void {
  for (const { event, ...fields } of events) {
    const tube = table.tubes.get(String(fields['tube'] ?? ''));
    if (event === 'resident.registered') renumber(table, `#${number}`, String(fields['resident']));
    else if (event === 'swab.taken' && tube) {
      const mine = tube.members.filter((member) => !member.gone && member.number <= number).length;
      tube.others = Math.max(tube.others, Number(fields['count'] ?? 0) - mine);
      if (Number(fields['size'] ?? 0) > 0) tube.size = Number(fields['size']);
    } else if ((event === 'tube.sealed' || event === 'tube.voided') && tube?.state === 'open') {
      close(table, tube, event === 'tube.sealed' ? 'sealed' : 'void', String(fields['reason'] ?? ''));
    }
  }
}

function renumber(table: Table, from: string, to: string): void {
  table.numbers.set(from, to);
  const taken = table.taken.get(from);
  if (taken) {
    table.taken.delete(from);
    table.taken.set(to, taken);
  }
  for (const tube of table.tubes.values()) for (const member of tube.members) if (member.resident === from) member.resident = to;
  if (table.last?.resident === from) table.last.resident = to;
}

function close(table: Table, tube: Tube, state: 'sealed' | 'void', why: string): void {
  tube.state = state;
  tube.why = why;
  if (table.pool === tube) table.pool = undefined;
}

function leave(table: Table, tube: Tube, resident: string, gone: 'voided' | 'moved'): Member | undefined {
  const member = tube.members.findLast((one) => one.resident === resident && !one.gone);
  if (!member) return undefined;
  member.gone = gone;
  if (firstOf(tube) === undefined && tube.others === 0) tube.firstAt = 0;
  if (gone === 'voided' && table.taken.get(resident)?.number === member.number) {
    // Somebody swabbed twice on purpose still has the other one.
    const other = lastSwabOf(table, resident);
    if (other) table.taken.set(resident, other);
    else table.taken.delete(resident);
  }
  if (table.last?.number === member.number) table.last = undefined;
  return member;
}

function lastSwabOf(table: Table, resident: string): Taken | undefined {
  for (const tube of table.tubes.values()) {
    const member = tube.members.findLast((one) => one.resident === resident && !one.gone);
    if (member) return { tube: tube.code, at: member.at, number: member.number, single: tube.size === 1 };
  }
  return undefined;
}

/** A swab into a tube whose opening this device has no record of any more: the tube is there all the same. */
function unopened(table: Table, code: string, at: number, poolSizes: PoolSizes): Tube {
  const tube: Tube = { code, size: poolSizes['normal'] ?? 10, risk: 'normal', openedAt: at, firstAt: 0, members: [], others: 0, state: 'open' };
  table.tubes.set(code, tube);
  return tube;
}
