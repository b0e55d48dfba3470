// After the day: does what the service says agree with itself, and with the drill's own books?
//
// Three witnesses are counted apart and then compared: the books (answers the drill was given), the stream (every event, read once from
// the beginning), and the record as its reads show it; the live counts are a fourth. An equation that does not hold makes the drill fail.

import type { LedgerEvent } from '../../domain/events.js';
import type { DeviceState, ResidentState, TubeState } from '../../ledger/reads.js';
import { type Account, activeSwabs, type Books } from './books.js';
import { checkCustody, countCustody, type CustodyFigures, type CustodyStream, readWitnesses, silentStream } from './checkCustody.js';
import type { Day } from './day.js';
import type { Door, LiveCounts } from './door.js';

/** One equation: what ought to be the same, by witness. */
export interface Check {
  name: string;
  ok: boolean;
  /** What each witness says. */
  said: Record<string, number>;
}

export interface Reconciliation extends CustodyFigures {
  ok: boolean;
  checks: Check[];
  residents: number;
  walkIns: number;
  sampled: number;
  excused: number;
  absent: number;
  open: number;
  /** Active swabs on the record. */
  swabs: number;
  /** Acknowledged swabs that are not on the stream. */
  lost: number;
  /** Swabs that are on the stream more than once, or that nobody took. */
  doubled: number;
  discrepancies: { opened: number; open: number; byWord: Map<string, number> };
  tubes: { opened: number; sealed: number; void: number; fill: Map<number, number>; reasons: Map<string, number> };
  numbers: { assigned: number; applied: number; refused: number; quarantined: number; lost: number; missing: number };
  refusals: number;
  events: number;
}

/** What the stream says, counted from its events alone. */
interface FromStream {
  events: number;
  enrolled: number;
  walkIns: number;
  /** Active swabs by resident; 0: people nobody has identified. */
  swabs: Map<number, number>;
  excused: Set<number>;
  /** `device:epoch:number` of every swab.taken, with how often. */
  taken: Map<string, number>;
  tubes: Map<string, 'open' | 'sealed' | 'void'>;
  sealed: Map<string, string>;
  /** `by`: the device whose record opened it. */
  discrepancies: Map<number, { what: string; open: boolean; by: string }>;
  lostByDevices: number;
  /** Residents whose last ticket is waiting, called, or skipped and kept. */
  queued: Set<number>;
  custody: CustodyStream;
}

/** Reads everything and compares. */
export async function reconcile(door: Door, day: Day): Promise<Reconciliation> {
  const laboratoryDoor = day.laboratory.door;
  const [stream, residents, tubes, devices, counts, unfinished, witnesses, laboratoryDevices, laboratoryUnfinished] = await Promise.all([
    readStream(door), readResidents(door), readTubes(door), door.devices(), door.counts(), readUnfinished(door),
    readWitnesses(day), laboratoryDoor.devices(), readUnfinished(laboratoryDoor),
  ]);
  const { books } = day;
  const checks: Check[] = [];
  const equal = (name: string, said: Record<string, number>): void => {
    const values = Object.values(said);
    checks.push({ name, said, ok: values.every((value) => value === values[0]) });
  };

  const mine = activeSwabs(books);
  const people = countPeople(residents, stream);
  const planned = plannedPeople(day, mine);
  const live = (of: (counts: LiveCounts) => number): Record<string, number> => (counts ? { live: of(counts) } : {});

  equal('residents on record = planned = stream', { planned: day.township.residents.length, record: residents.length, stream: stream.enrolled + stream.walkIns, ...live((c) => c.residents) });
  equal('expected = sampled + excused + absent + open', { expected: residents.length, sum: people.sampled + people.excused + people.absent + people.open });
  equal('sampled', { books: planned.sampled, record: people.sampled, stream: [...stream.swabs].filter(([resident, swabs]) => resident > 0 && swabs > 0).length, ...live((c) => c.sampled) });
  equal('excused', { books: planned.excused, record: people.excused, stream: [...stream.excused].filter((resident) => (stream.swabs.get(resident) ?? 0) === 0).length, ...live((c) => c.excused) });
  equal('absent', { planned: planned.absent, record: people.absent });
  equal('still in a queue', { wanted: 0, record: people.open });
  equal('walk-ins', { books: books.registered.size, stream: stream.walkIns, ...live((c) => c.walkIns) });

  const members = tubes.reduce((sum, tube) => sum + tube.members.filter(({ active }) => active).length, 0);
  const swabs = sumOf(mine.values());
  equal('swabs = members of pools = stream = counters', {
    books: swabs, members, tubeCounts: tubes.reduce((sum, { count }) => sum + count, 0), stream: sumOf(stream.swabs.values()), ...live((c) => c.swabs),
  });
  equal('swabs of known people = swabs on their own records', { books: swabs - (mine.get(0) ?? 0), record: residents.reduce((sum, resident) => sum + resident.swabs, 0) });
  equal('members of each tube as the books have them: tubes that differ', { wanted: 0, tubes: differingPools(books, tubes) });

  const { lost, doubled } = compareSwabs(books, stream);
  equal('lost: acknowledged and not on the stream', { wanted: 0, lost });
  equal('doubled: on the stream twice, or taken by nobody', { wanted: 0, doubled });

  // The import and the relay speak to the record as devices of their own; their numbers are no tablet's.
  const named = new Set(books.accounts.map(({ device, epoch }) => `${device}:${epoch}`));
  const numbers = countNumbers(devices.filter(({ device, epoch }) => named.has(`${device}:${epoch}`)));
  const others = countNumbers(devices.filter(({ device, epoch }) => !named.has(`${device}:${epoch}`)));
  const own = ownNumbers(books.accounts);
  for (const kind of ['assigned', 'applied', 'refused', 'quarantined', 'lost', 'missing'] as const) equal(`numbers ${kind}`, { books: own[kind], record: numbers[kind] });
  equal('numbers assigned = applied + refused + quarantined + lost', { assigned: numbers.assigned, sum: numbers.applied + numbers.refused + numbers.quarantined + numbers.lost });
  equal('numbers of the import and of other cells: all applied', { assigned: others.assigned, applied: others.applied });
  const laboratoryNames = new Set(day.laboratory.books.accounts.map(({ device, epoch }) => `${device}:${epoch}`));
  const heardThere = countNumbers(laboratoryDevices.filter(({ device, epoch }) => laboratoryNames.has(`${device}:${epoch}`)));
  const sentThere = ownNumbers(day.laboratory.books.accounts);
  for (const kind of ['assigned', 'applied', 'refused', 'missing'] as const) equal(`numbers ${kind} at the laboratory`, { books: sentThere[kind], record: heardThere[kind] });
  equal('numbers lost by devices written off', { record: numbers.lost, stream: stream.lostByDevices });

  const openDiscrepancies = [...stream.discrepancies.values()].filter(({ open }) => open).length;
  equal('discrepancies opened', { books: books.discrepancies.opened, stream: [...stream.discrepancies.values()].filter(({ by }) => named.has(by)).length });
  equal('discrepancies resolved', { books: books.discrepancies.resolved, stream: stream.discrepancies.size - openDiscrepancies });
  equal('discrepancies open', { wanted: 0, stream: openDiscrepancies, record: unfinished.filter((what) => what.startsWith('discrepancy:')).length, ...live((c) => c.discrepanciesOpen) });

  const state = (wanted: TubeState['state']): number => tubes.filter((tube) => tube.state === wanted).length;
  const told = (wanted: string): number => [...stream.tubes.values()].filter((one) => one === wanted).length;
  equal('tubes opened', { books: books.opened.size, record: tubes.length, stream: stream.tubes.size });
  equal('tubes sealed', { record: state('sealed'), stream: told('sealed') });
  equal('tubes void', { books: books.voided.size, record: state('void'), stream: told('void') });
  equal('tubes open', { wanted: 0, record: state('open'), stream: told('open') });
  equal('unfinished', { wanted: 0, area: unfinished.length, laboratory: laboratoryUnfinished.length });
  equal('histories of the record', { wanted: 1, dataEpochs: books.dataEpochs.size });
  const custody = checkCustody(day, { area: stream.custody, tubes, ...witnesses }, equal);

  const byWord = new Map<string, number>();
  for (const { what } of stream.discrepancies.values()) byWord.set(what, (byWord.get(what) ?? 0) + 1);
  const fill = new Map<number, number>();
  for (const { state: is, count } of tubes) if (is === 'sealed') fill.set(count, (fill.get(count) ?? 0) + 1);
  const reasons = new Map<string, number>();
  for (const reason of stream.sealed.values()) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  return {
    ok: checks.every(({ ok }) => ok), checks, ...people, ...custody, residents: residents.length, walkIns: stream.walkIns, swabs: members, lost, doubled,
    discrepancies: { opened: stream.discrepancies.size, open: openDiscrepancies, byWord },
    tubes: { opened: tubes.length, sealed: state('sealed'), void: state('void'), fill, reasons },
    numbers, refusals: numbers.refused, events: stream.events,
  };
}

const sumOf = (values: Iterable<number>): number => [...values].reduce((a, b) => a + b, 0);

// The witnesses ----------------------------------------------------------------------------------------------------------------------

function countPeople(residents: readonly ResidentState[], { queued }: FromStream): Pick<Reconciliation, 'sampled' | 'excused' | 'absent' | 'open'> {
  const people = { sampled: 0, excused: 0, absent: 0, open: 0 };
  for (const { resident, swabs, state } of residents) {
    if (swabs > 0) people.sampled++;
    else if (state === 'excused') people.excused++;
    else if (queued.has(resident)) people.open++;
    else people.absent++;
  }
  return people;
}

/** What must be so by the plan and the books: who was sampled is the books' business, who stayed away the plan's. */
function plannedPeople({ township, books, world }: Day, active: ReadonlyMap<number, number>): Record<'sampled' | 'excused' | 'absent', number> {
  const people = { sampled: 0, excused: 0, absent: 0 };
  for (const resident of active.keys()) if (resident > 0 && (active.get(resident) ?? 0) > 0) people.sampled++;
  for (const resident of books.excused) if ((active.get(resident) ?? 0) === 0) people.excused++;
  township.residents.forEach(({ absent }, i) => {
    if (absent && (active.get(world.people[i]?.number ?? 0) ?? 0) === 0) people.absent++;
  });
  return people;
}

/** Acknowledged swabs against the stream, by device and number. */
function compareSwabs(books: Books, { taken }: FromStream): { lost: number; doubled: number } {
  let lost = 0;
  let doubled = 0;
  const booked = new Set<string>();
  for (const { account, number } of books.swabs) {
    const key = `${account.device}:${account.epoch}:${number}`;
    booked.add(key);
    if (!taken.has(key)) lost++;
  }
  for (const [key, times] of taken) {
    doubled += times - 1;
    if (!booked.has(key)) doubled++;
  }
  return { lost, doubled };
}

/** Tubes whose active members are not those of the books, on either side. */
function differingPools({ pools }: Books, tubes: readonly TubeState[]): number {
  let differing = 0;
  const seen = new Set<string>();
  for (const { tube, members } of tubes) {
    seen.add(tube);
    const mine = new Map(pools.get(tube) ?? []);
    for (const { resident, active } of members) if (active) mine.set(resident, (mine.get(resident) ?? 0) - 1);
    if ([...mine.values()].some((left) => left !== 0)) differing++;
  }
  for (const [tube, pool] of pools) if (!seen.has(tube) && pool.size > 0) differing++;
  return differing;
}

function countNumbers(devices: readonly DeviceState[]): Reconciliation['numbers'] {
  const numbers = { assigned: 0, applied: 0, refused: 0, quarantined: 0, lost: 0, missing: 0 };
  for (const device of devices) for (const kind of Object.keys(numbers) as (keyof typeof numbers)[]) numbers[kind] += device[kind];
  return numbers;
}

function ownNumbers(accounts: readonly Account[]): Reconciliation['numbers'] {
  const numbers = { assigned: 0, applied: 0, refused: 0, quarantined: 0, lost: 0, missing: 0 };
  for (const { assigned, outcomes, lost } of accounts) {
    numbers.assigned += assigned;
    numbers.lost += lost;
    numbers.missing += assigned - outcomes.size - lost;
    for (const outcome of outcomes.values()) numbers[outcome]++;
  }
  return numbers;
}

// Reading ----------------------------------------------------------------------------------------------------------------------------

async function readResidents(door: Door): Promise<ResidentState[]> {
  const all: ResidentState[] = [];
  for (;;) {
    const page = await door.residents((all.at(-1)?.resident ?? 0) + 1, 1000);
    if (page.length === 0) return all;
    all.push(...page);
  }
}

async function readTubes(door: Door): Promise<TubeState[]> {
  // A page may bring a tube that an earlier one has brought.
  const all = new Map<string, TubeState>();
  let cursor = '0';
  do {
    const page = await door.tubes(cursor);
    for (const tube of page.tubes) all.set(tube.tube, tube);
    cursor = page.cursor;
  } while (cursor !== '0');
  return [...all.values()];
}

async function readUnfinished(door: Door): Promise<string[]> {
  const all: string[] = [];
  for (;;) {
    const page = await door.unfinished(all.length);
    if (page.length === 0) return all;
    all.push(...page.map(({ what }) => what));
  }
}

async function readStream(door: Door): Promise<FromStream> {
  const stream: FromStream = {
    events: 0, enrolled: 0, walkIns: 0, swabs: new Map(), excused: new Set(), taken: new Map(), tubes: new Map(), sealed: new Map(),
    discrepancies: new Map(), lostByDevices: 0, queued: new Set(), custody: silentStream(),
  };
  const devices = new Map<number, string>();
  for (let after = '0'; ; ) {
    const page = await door.events(after);
    const last = page.at(-1);
    if (!last) return stream;
    for (const event of page) {
      stream.events++;
      if (event.event === 'device.met') devices.set(event.ordinal, `${event.name}:${event.epoch}`);
      count(stream, devices, event);
      countCustody(stream.custody, event);
    }
    after = last.id;
  }
}

function count(stream: FromStream, devices: ReadonlyMap<number, string>, event: LedgerEvent): void {
  const { swabs, tubes, queued } = stream;
  const change = (resident: number, by: number): void => void swabs.set(resident, (swabs.get(resident) ?? 0) + by);
  switch (event.event) {
    case 'residents.enrolled': stream.enrolled += event.count; break;
    case 'resident.registered': stream.walkIns += event.already === 0 ? 1 : 0; break;
    case 'resident.excused': stream.excused.add(event.resident); break;
    case 'resident.expected': stream.excused.delete(event.resident); break;
    case 'device.writtenOff': stream.lostByDevices += event.lost; break;
    case 'ticket.issued': if (event.state === 1) queued.add(event.resident); break;
    case 'ticket.gone': queued.delete(event.resident); break;
    case 'tube.opened': if (!tubes.has(event.tube)) tubes.set(event.tube, 'open'); break;
    case 'tube.sealed':
      if (tubes.get(event.tube) !== 'open') break;
      tubes.set(event.tube, 'sealed');
      stream.sealed.set(event.tube, event.reason);
      break;
    case 'tube.voided':
      tubes.set(event.tube, 'void');
      for (const resident of event.residents) change(resident, -1);
      break;
    case 'swab.taken': {
      const key = `${devices.get(event.device)}:${event.number}`;
      stream.taken.set(key, (stream.taken.get(key) ?? 0) + 1);
      change(event.resident, 1);
      queued.delete(event.resident);
      if (!tubes.has(event.tube)) tubes.set(event.tube, 'open');
      break;
    }
    case 'swab.voided': change(event.resident, -1); break;
    case 'discrepancy.opened': stream.discrepancies.set(event.discrepancy, { what: event.what, open: true, by: devices.get(event.device) ?? '' }); break;
    case 'discrepancy.resolved': {
      const known = stream.discrepancies.get(event.discrepancy);
      if (known) known.open = false;
      if (event.identified === 0) break;
      change(0, -1);
      change(event.identified, 1);
      break;
    }
    default:
  }
}
