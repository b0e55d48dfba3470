// The invariants of a record: what must be true of every cell at any moment, read from its keys and its stream. Each sentence that comes
// back is one that is not true. Held against the record after every test, every random walk and every drill.
//
//   a swab is in exactly one tube, and a resident has as many swabs as active memberships
//   a tube holds no more than its size, and nobody is in two, without a discrepancy that says so
//   a full tube is sealed; a tube with an open discrepancy of membership is held
//   the queue holds the open tickets and no others, and somebody looks after each
//   the numbers a device has given out add up
//   what keeps the round open is exactly what is unfinished
//   an entry that was merged has no future of its own
//   the stream, folded, gives what the keys say

import type { Redis } from 'ioredis';
import type { LedgerEvent } from '../../src/domain/events.js';
import type { CellName } from '../../src/domain/requests.js';
import { decode, fixedSize, type Fields, type Value } from '../../src/ledger/codec.js';
import { type CellKey, journalOf, keyOf } from '../../src/ledger/keys.js';
import * as records from '../../src/ledger/records.js';
import { type DiscrepancyState, toTube, type TubeState } from '../../src/ledger/reads.js';
import { allEvents } from '../../src/ledger/stream.js';
import { type Laboratory, laboratoryInvariants, readLaboratory, waitingIn } from './invariantsLaboratory.js';
import { CodesFold, readCodes } from './invariantsCodes.js';
import { answersOf, type Custody, CustodyFold, custodyInvariants, ended, readCustody } from './invariantsCustody.js';

type Values = Record<string, Value>;
const number = (values: Values, name: string): number => values[name] as number;
/** Ticket and station states as the records number them. */
const [waiting, called, served, gone, skipped] = [1, 2, 3, 4, 5];
const band = 2 ** 42;

/** All of a cell, as read from its keys. */
interface Record_ {
  residents: Values[];
  tickets: Values[];
  tubes: Map<string, TubeState>;
  stations: Map<number, Values>;
  discrepancies: Map<string, Omit<DiscrepancyState, 'discrepancy'>>;
  devices: { name: string; values: Values; journal: Buffer }[];
  queue: Map<string, number>;
  unfinished: Set<string>;
  deadlines: Map<string, number>;
  unsettled: string[];
  custody: Custody;
  lab: Laboratory | undefined;
  counters: Record<string, string>;
}

/** Sentences that are not true of this cell; none, if its record holds together. Costs a read of the whole cell. */
export async function invariants(redis: Redis, cell: CellName): Promise<string[]> {
  const record = await readAll(redis, cell);
  if (!record) return [];
  const folded = await fold(redis, cell);
  // A laboratory's tubes are told of by an area; what lies on its bench is looked at for itself.
  if (record.lab) folded.tubes.clear();
  return [
    ...membership(record), ...tubes(record), ...queue(record), ...devices(record), ...unfinished(record), ...counters(record),
    ...custodyInvariants(record.custody, record), ...(record.lab ? laboratoryInvariants(record.lab, record.deadlines) : []), ...folded.problems, ...agreement(record, folded), ...folded.custody.against(record.custody, record.tubes), ...folded.codes.against(await readCodes(redis, cell)), ...merged(record, folded.merged, await redis.hgetall(keyOf(cell, 'index'))),
  ];
}

async function readAll(redis: Redis, cell: CellName): Promise<Record_ | undefined> {
  const key = (name: CellKey) => keyOf(cell, name);
  const counters = await redis.hgetall(key('cell'));
  if (!counters['head']) return undefined;
  const hash = async (name: CellKey) => Object.entries(await redis.hgetallBuffer(key(name))) as [string, Buffer][];
  const scores = async (name: CellKey) => {
    const flat = ((await redis.zrange(key(name), '0', '-1', 'WITHSCORES')) as unknown[]).flat() as string[];
    return new Map(Array.from({ length: flat.length / 2 }, (_, i) => [flat[i * 2] as string, Number(flat[i * 2 + 1])]));
  };
  const table = async (name: 'residents' | 'tickets', fields: Fields) => {
    const bytes = (await redis.getBuffer(key(name))) ?? Buffer.alloc(0);
    const size = fixedSize(fields);
    return Array.from({ length: bytes.length / size }, (_, i) => decode(fields, bytes, i * size).values);
  };
  const quarantine = await redis.hkeys(key('quarantine'));
  const list: Record_['devices'] = [];
  for (const [name, bytes] of await hash('devices')) {
    if (name.startsWith('#')) continue;
    const colon = name.lastIndexOf(':');
    const journal = (await redis.getBuffer(journalOf(cell, name.slice(0, colon), name.slice(colon + 1)))) ?? Buffer.alloc(0);
    list.push({ name, values: decode(records.device, bytes).values, journal });
  }
  const lab = await readLaboratory(redis, cell);
  return {
    counters,
    custody: lab ? { boxes: new Map(), recalls: new Map() } : await readCustody(redis, cell),
    lab,
    residents: await table('residents', records.resident),
    tickets: await table('tickets', records.ticket),
    tubes: new Map((await hash('tubes')).map(([code, bytes]) => [code, toTube(code, bytes)])),
    stations: new Map((await hash('stations')).filter(([field]) => /^\d+$/.test(field)).map(([field, bytes]) => [Number(field), decode(records.station, bytes).values])),
    discrepancies: new Map((await hash('discrepancies')).map(([n, bytes]) => [n, JSON.parse(bytes.toString())])),
    devices: list,
    queue: new Map([...(await scores('queue'))].map(([n, score]) => [String(Number(n)), score])),
    unfinished: new Set((await scores('unfinished')).keys()),
    deadlines: await scores('deadlines'),
    unsettled: quarantine.filter((field) => !field.endsWith(':settled') && !quarantine.includes(`${field}:settled`)),
  };
}

function* membership({ residents, tubes, discrepancies }: Record_): Generator<string> {
  const active = new Map<number, number>();
  for (const { members } of tubes.values()) for (const member of members) if (member.active) active.set(member.resident, (active.get(member.resident) ?? 0) + 1);
  const said = (what: string, resident: number) => [...discrepancies.values()].filter((one) => one.what === what && Number(one.resident) === resident).length;
  for (const [i, values] of residents.entries()) {
    const n = i + 1;
    const memberships = active.get(n) ?? 0;
    if (number(values, 'swabs') !== memberships) yield `resident ${n} has ${number(values, 'swabs')} swabs and is in ${memberships} tubes`;
    if (memberships > 1 && ['already_sampled', 'single_tube_only', 'tube_voided'].reduce((sum, word) => sum + said(word, n), 0) + answersOf(tubes.values(), n) < memberships - 1) yield `resident ${n} is in ${memberships} tubes and no discrepancy says so`;
    if (memberships > 0 && number(values, 'sampledAt') === 0) yield `resident ${n} is sampled at no time`;
  }
  for (const [n] of active) if (n > residents.length) yield `somebody in a tube is not on the roster: ${n}`;
  if ((active.get(0) ?? 0) > said('resident_unknown', 0)) yield `${active.get(0)} swabs of unidentified people and fewer discrepancies`;
}

function* tubes({ tubes, stations, discrepancies, deadlines }: Record_): Generator<string> {
  const all = [...discrepancies.values()];
  for (const [code, tube] of tubes) {
    const active = tube.members.filter((member) => member.active).length;
    if (tube.count !== active) yield `tube ${code} counts ${tube.count} and has ${active} active members`;
    const about = all.filter((one) => one.tube === code);
    if (tube.count > tube.size && !about.some(({ what }) => ['tube_full', 'tube_sealed', 'tube_voided'].includes(what))) yield `tube ${code} holds ${tube.count} of ${tube.size} and no discrepancy says so`;
    // A tube heard of by its swabs only (it has no station yet) waits for its opening.
    if (tube.state === 'open' && tube.count >= tube.size && tube.station > 0) yield `tube ${code} is full and open`;
    const holding = about.filter((one) => one.state === 'open' && one.holds).length;
    if (tube.held !== holding) yield `tube ${code} is held by ${tube.held} and ${holding} discrepancies hold it`;
    if (tube.state === 'open' && tube.count > 0 && !deadlines.has(`warn:${code}`) && !deadlines.has(`seal:${code}`)) yield `tube ${code} is open and nobody will look after it`;
    if (tube.state !== 'open' && (deadlines.has(`warn:${code}`) || deadlines.has(`seal:${code}`))) yield `tube ${code} is ${tube.state} and has a deadline`;
  }
  for (const [ordinal, values] of stations) {
    const listed = (values['tubes'] as string).split(' ').filter(Boolean).sort().join(' ');
    const open = [...tubes.values()].filter(({ station, state }) => station === ordinal && state === 'open').map(({ tube }) => tube).sort().join(' ');
    if (listed !== open) yield `station ${ordinal} lists the tubes "${listed}" and "${open}" are open there`;
  }
}

function* queue({ tickets, queue, residents, stations, deadlines }: Record_): Generator<string> {
  const left = new Map<number, number>();
  for (const [i, values] of tickets.entries()) {
    const n = i + 1;
    const [state, station, who, party] = [number(values, 'state'), number(values, 'station'), number(values, 'resident'), number(values, 'party')];
    const resident = residents[who - 1];
    const open = state === waiting || state === called;
    const score = queue.get(String(n));
    if (open && score !== (station * 2 + (state === called ? 1 : 0)) * band + number(values, 'place')) yield `ticket ${n} is open and stands at ${score} in the queue`;
    if (!open && score !== undefined) yield `ticket ${n} is over and still in the queue`;
    if ((state === skipped) !== deadlines.has(`kept:${n}`)) yield `ticket ${n} is ${state === skipped ? '' : 'not '}kept and its deadline says otherwise`;
    if ((open || state === skipped) && number(resident ?? {}, 'ticket') !== n) yield `ticket ${n} is open and resident ${who} has ticket ${number(resident ?? {}, 'ticket')}`;
    if (open || state === skipped) left.set(party, (left.get(party) ?? 0) + (number(resident ?? {}, 'marks') % 2 === 0 ? 1 : 0));
    if (!open) continue;
    const at = number(stations.get(station) ?? {}, 'state');
    const watch = at === 1 || at === 3 ? `stall:${station}` : `handOn:${station}`;
    if (!deadlines.has(watch)) yield `ticket ${n} stands at station ${station} and nobody will look after it`;
  }
  for (const [i, values] of tickets.entries()) {
    if (number(values, 'party') === i + 1 && number(values, 'partyLeft') !== (left.get(i + 1) ?? 0)) yield `party ${i + 1} has ${left.get(i + 1) ?? 0} to swab into a pool and says ${number(values, 'partyLeft')}`;
  }
  for (const n of queue.keys()) if (Number(n) > tickets.length) yield `the queue holds ticket ${n} that was never issued`;
}

function* devices({ devices, unfinished }: Record_): Generator<string> {
  const size = fixedSize(records.journalEntry);
  for (const { name, values, journal } of devices) {
    const statuses = Array.from({ length: journal.length / size }, (_, i) => journal[i * size] as number);
    const holes = statuses.filter((status) => status === 0).length;
    const lost = statuses.filter((status) => status === 4).length;
    if (journal.length % size !== 0) yield `the journal of ${name} ends in the middle of an entry`;
    if (number(values, 'holes') !== holes) yield `device ${name} has ${holes} holes and counts ${number(values, 'holes')}`;
    if (number(values, 'lost') !== lost) yield `device ${name} has ${lost} records lost and counts ${number(values, 'lost')}`;
    if (holes > 0 && number(values, 'mark') !== statuses.indexOf(0)) yield `device ${name} is received up to ${statuses.indexOf(0)} and says ${number(values, 'mark')}`;
    const missing = holes > 0 || number(values, 'assigned') > statuses.length;
    if (missing !== unfinished.has(`device:${name}`)) yield `device ${name} has ${missing ? '' : 'no '}records to come and the round's list says otherwise`;
  }
}

function* unfinished({ tubes, discrepancies, unsettled, custody, lab, unfinished }: Record_): Generator<string> {
  const expected = new Set<string>(unsettled.map((field) => `record:${field}`));
  for (const [code, tube] of tubes) if (!ended(tube)) expected.add(`tube:${code}`);
  for (const [n, { state }] of discrepancies) if (state === 'open') expected.add(`discrepancy:${n}`);
  for (const what of lab ? waitingIn(lab) : []) expected.add(what);
  for (const [n, { state }] of custody.recalls) if (state === 'open') expected.add(`recall:${n}`);
  for (const what of expected) if (!unfinished.has(what)) yield `${what} is unfinished and does not keep the round open`;
  for (const what of unfinished) if (!what.startsWith('device:') && !expected.has(what)) yield `${what} keeps the round open and is finished`;
}

function* counters({ counters, residents, tickets, stations, discrepancies, devices }: Record_): Generator<string> {
  const counted = { residents: residents.length, tickets: tickets.length, stations: stations.size, discrepancies: discrepancies.size, devices: devices.length };
  for (const [name, count] of Object.entries(counted)) if (Number(counters[name] ?? 0) !== count) yield `the cell counts ${counters[name] ?? 0} ${name} and has ${count}`;
}

interface Folded {
  problems: string[];
  residents: number;
  swabs: Map<number, number>;
  excused: Set<number>;
  tubes: Map<string, { state: TubeState['state']; count: number }>;
  tickets: Map<number, { state: number; station: number }>;
  stations: Map<number, number>;
  open: Set<string>;
  custody: CustodyFold;
  codes: CodesFold;
  /** Entries that stand for another. */
  merged: Map<number, number>;
}

/** The stream alone, from its beginning to its end. */
async function fold(redis: Redis, cell: CellName): Promise<Folded> {
  const folded: Folded = { problems: [], residents: 0, swabs: new Map(), excused: new Set(), tubes: new Map(), tickets: new Map(), stations: new Map(), open: new Set(), custody: new CustodyFold(), codes: new CodesFold(), merged: new Map() };
  for await (const event of allEvents(redis, cell)) foldOne(folded, event);
  return folded;
}

function foldOne(all: Folded, event: LedgerEvent): void {
  all.custody.take(event);
  all.codes.take(event);
  const tube = (code: string) => {
    const found = all.tubes.get(code) ?? { state: 'open' as const, count: 0 };
    all.tubes.set(code, found);
    return found;
  };
  const swabs = (resident: number, change: number) => {
    // Number 0 stands for all unidentified people.
    if (resident === 0) return 0;
    const now = (all.swabs.get(resident) ?? 0) + change;
    all.swabs.set(resident, now);
    if (now < 0) all.problems.push(`event ${event.id} takes a swab from resident ${resident} who has none`);
    return now;
  };
  const says = (told: number, counted: number) => {
    if (told !== counted) all.problems.push(`event ${event.id} (${event.event}) tells ${told} and the stream counts ${counted}`);
  };
  const ticket = (n: number, state: number, station: number) => all.tickets.set(n, { state, station });
  switch (event.event) {
    case 'residents.enrolled': all.residents += event.count; break;
    case 'resident.registered': all.residents += event.already ? 0 : 1; break;
    case 'resident.excused': all.excused.add(event.resident); break;
    case 'resident.expected': all.excused.delete(event.resident); break;
    case 'swab.reassigned': swabs(event.resident, 1); says(event.left, swabs(event.twin, -1)); break;
    case 'residents.merged': all.excused.add(event.twin); all.merged.set(event.twin, event.resident); break;
    case 'station.opened': all.stations.set(event.station, 1); break;
    case 'station.paused': all.stations.set(event.station, 2); break;
    case 'station.draining': all.stations.set(event.station, 3); break;
    case 'station.closed': all.stations.set(event.station, 4); break;
    case 'ticket.issued': ticket(event.ticket, event.state, event.station); break;
    case 'ticket.called': ticket(event.ticket, called as number, event.station); break;
    case 'ticket.skipped': ticket(event.ticket, event.state, event.station); break;
    case 'ticket.moved': ticket(event.ticket, waiting as number, event.to); break;
    case 'ticket.gone': ticket(event.ticket, gone as number, event.station); break;
    // A tube may be heard of first by what happened to it.
    case 'tube.opened': case 'tube.packed': case 'tube.leaked': case 'tube.lost': case 'tube.received': case 'tube.rejected': case 'result.released': case 'result.waits': tube(event.tube); break;
    case 'swab.taken': {
      const into = tube(event.tube);
      into.count += 1;
      says(event.count, into.count);
      swabs(event.resident, 1);
      if (event.ticket > 0) ticket(event.ticket, served as number, event.ticketStation);
      break;
    }
    case 'swab.voided': tube(event.tube).count -= 1; says(event.left, swabs(event.resident, -1)); break;
    case 'swab.moved': tube(event.from).count -= 1; tube(event.to).count += 1; break;
    case 'tube.sealed': {
      const sealed = tube(event.tube);
      says(event.count, sealed.count);
      if (sealed.state === 'open') sealed.state = 'sealed';
      break;
    }
    case 'tube.voided': {
      const gone = tube(event.tube);
      const unsampled = event.residents.filter((resident) => swabs(resident, -1) === 0 && resident > 0);
      says(new Set(event.unsampled).size, new Set(unsampled).size);
      gone.count -= event.residents.length;
      says(0, gone.count);
      gone.state = 'void';
      break;
    }
    case 'discrepancy.opened': all.open.add(String(event.discrepancy)); break;
    case 'discrepancy.resolved': {
      all.open.delete(String(event.discrepancy));
      if (event.identified > 0) swabs(event.identified, 1);
      break;
    }
    default: break;
  }
}

function* merged({ residents, tickets, tubes, deadlines }: Record_, told: Map<number, number>, index: Record<string, string>): Generator<string> {
  const kept = new Map(Object.entries(index).filter(([field]) => field.startsWith('#')).map(([field, into]) => [Number(field.slice(1)), Number(into)]));
  for (const [twin, into] of told) if (kept.get(twin) !== into) yield `resident ${twin} was merged into ${into} and stands for ${kept.get(twin)}`;
  for (const [twin, into] of kept) {
    const values = residents[twin - 1] ?? {};
    if (!told.has(twin)) yield `resident ${twin} stands for ${into} and the stream does not say so`;
    if (number(values, 'state') !== 2 || number(values, 'swabs') > 0 || number(values, 'recall') > 0) yield `resident ${twin} was merged and has a future of its own`;
    if (deadlines.has(`excuse:${twin}`)) yield `resident ${twin} was merged and will be expected again`;
    if (tickets.some((ticket) => number(ticket, 'resident') === twin && [waiting, called, skipped].includes(number(ticket, 'state')))) yield `resident ${twin} was merged and has an open ticket`;
    if ([...tubes.values()].some(({ members }) => members.some((member) => member.active && member.resident === twin))) yield `resident ${twin} was merged and is in a tube`;
  }
}

function* agreement(record: Record_, folded: Folded): Generator<string> {
  if (folded.residents !== record.residents.length) yield `the stream tells of ${folded.residents} residents, the roster has ${record.residents.length}`;
  for (const [i, values] of record.residents.entries()) {
    const n = i + 1;
    if ((folded.swabs.get(n) ?? 0) !== number(values, 'swabs')) yield `the stream gives resident ${n} ${folded.swabs.get(n) ?? 0} swabs, the record ${number(values, 'swabs')}`;
    if (folded.excused.has(n) !== (number(values, 'state') === 2)) yield `the stream and the record differ on whether resident ${n} is excused`;
  }
  const pairs = [
    ['tube', record.tubes, folded.tubes, (one: { state: string; count: number }) => `${one.state} with ${one.count}`],
    ['station', new Map([...record.stations].map(([n, values]) => [n, number(values, 'state')])), folded.stations, String],
    ['ticket', new Map(record.tickets.map((values, i) => [i + 1, `${number(values, 'state')} at ${number(values, 'station')}`])), folded.tickets, (one: unknown) => typeof one === 'string' ? one : `${(one as { state: number }).state} at ${(one as { station: number }).station}`],
  ] as [string, Map<string | number, unknown>, Map<string | number, unknown>, (one: unknown) => string][];
  for (const [what, keys, stream, show] of pairs) {
    for (const name of new Set([...keys.keys(), ...stream.keys()])) {
      const [a, b] = [keys.get(name), stream.get(name)].map((one) => (one === undefined ? 'not there' : show(one)));
      if (a !== b) yield `${what} ${name} is ${a} on the record and ${b} on the stream`;
    }
  }
  const open = [...record.discrepancies].filter(([, { state }]) => state === 'open').map(([n]) => n);
  for (const n of open) if (!folded.open.delete(n)) yield `discrepancy ${n} is open and the stream does not say so`;
  for (const n of folded.open) yield `discrepancy ${n} is open on the stream only`;
}
