// After the day, from the sealed tube on: what packers, couriers and the laboratory did, held against what the area's record, the
// laboratory's record and both streams say of it; and that nobody whose tube gave no clean result was let go.

import type { LedgerEvent } from '../../domain/events.js';
import type { PersonalResult, RecallState } from '../../ledger/custody.js';
import type { TubeState } from '../../ledger/reads.js';
import type { LaboratoryLine, Reconciliation as AreaLedger } from '../../ledger/reconciliation.js';
import type { Day } from './day.js';
import type { Door } from './door.js';

/** What a stream says of the way from the rack to a result. The area's and the laboratory's are counted alike. */
export interface CustodyStream {
  sealed: Set<string>;
  expected: Set<string>;
  boxesReceived: number;
  received: Set<string>;
  rejected: Set<string>;
  missing: number;
  extra: number;
  /** The latest result that was let go, by tube. */
  results: Map<string, string>;
  /** By number of the recall. */
  recalls: Map<number, { tube: string; cause: string; closed: boolean }>;
  /** By tube: who was called back because of it. */
  calledBack: Map<string, Set<number>>;
  /** Called back, by number in the cell: has the single swab's result come? */
  people: Map<number, { settled: boolean; positive: boolean }>;
}

export const silentStream = (): CustodyStream => ({
  sealed: new Set(), expected: new Set(), boxesReceived: 0, received: new Set(), rejected: new Set(), missing: 0, extra: 0, results: new Map(), recalls: new Map(),
  calledBack: new Map(), people: new Map(),
});

const many = (codes: string): number => codes.split(' ').filter(Boolean).length;

export function countCustody(stream: CustodyStream, event: LedgerEvent): void {
  switch (event.event) {
    case 'box.sealed': stream.sealed.add(`${event.box}/${event.trip}`); break;
    case 'box.expected': if (event.box !== '') stream.expected.add(`${event.box}/${event.trip}`); break;
    case 'box.received': stream.boxesReceived++; break;
    case 'tube.received': stream.received.add(event.tube); break;
    case 'tube.rejected': stream.rejected.add(event.tube); break;
    case 'box.reconciled':
      stream.missing += many(event.missing);
      stream.extra += many(event.extra);
      break;
    case 'result.released': stream.results.set(event.tube, event.result); break;
    case 'recall.opened': stream.recalls.set(event.recall, { tube: event.tube, cause: event.cause, closed: false }); break;
    case 'recall.closed': {
      const recall = stream.recalls.get(event.recall);
      if (recall) recall.closed = true;
      break;
    }
    case 'resident.recalled': {
      const called = stream.calledBack.get(event.tube) ?? new Set<number>();
      stream.calledBack.set(event.tube, called.add(event.resident));
      stream.people.set(event.resident, { settled: false, positive: stream.people.get(event.resident)?.positive ?? false });
      break;
    }
    case 'recall.settled': {
      const person = stream.people.get(event.resident);
      if (!person) break;
      person.settled = true;
      person.positive ||= event.result === 'positive';
      break;
    }
    default:
  }
}

export async function readCustody(door: Door): Promise<CustodyStream> {
  const stream = silentStream();
  for (let after = '0'; ; ) {
    const page = await door.events(after);
    const last = page.at(-1);
    if (!last) return stream;
    for (const event of page) countCustody(stream, event);
    after = last.id;
  }
}

/** The figures of the way from the rack to a result. */
export interface CustodyFigures {
  boxes: number;
  received: number;
  missing: number;
  extra: number;
  rejected: number;
  lostTubes: number;
  leaked: number;
  unregistered: number;
  resultsNegative: number;
  resultsPositive: number;
  resultsOther: number;
  resultsHeld: number;
  resultsParked: number;
  recalls: number;
  recallsByCause: Map<string, number>;
  recalled: number;
  positivePools: number;
  positivePoolMembers: number;
  infected: number;
  gaps: number;
  roundClosed: boolean;
}

type Equal = (name: string, said: Record<string, number>) => void;

/** What is held against each other beside the drill's own books. */
export interface CustodyWitnesses {
  /** The two streams. */
  area: CustodyStream;
  laboratory: CustodyStream;
  /** The area's record of every tube. */
  tubes: readonly TubeState[];
  ledger: AreaLedger;
  laboratoryLedger: readonly LaboratoryLine[];
  recallList: readonly RecallState[];
  /** What some residents may be told, by number. */
  told: ReadonlyMap<number, PersonalResult['status']>;
}

/** Reads all but the area's stream and its tubes, which the caller has. */
export async function readWitnesses(day: Day): Promise<Pick<CustodyWitnesses, 'laboratory' | 'ledger' | 'laboratoryLedger' | 'recallList' | 'told'>> {
  const [laboratory, ledger, laboratoryLedger, recallList, told] = await Promise.all([
    readCustody(day.laboratory.door), day.door.ledger(), day.laboratory.door.laboratoryLedger(), readRecalls(day.door), askSome(day),
  ]);
  return { laboratory, ledger, laboratoryLedger, recallList, told };
}

async function readRecalls(door: Door): Promise<RecallState[]> {
  const all: RecallState[] = [];
  for (;;) {
    const page = await door.recalls((all.at(-1)?.recall ?? 0) + 1);
    if (page.length === 0) return all;
    all.push(...page);
  }
}

/** Everybody who is infected, and some who are not, ask for their result. */
async function askSome({ door, infected, world }: Day): Promise<Map<number, PersonalResult['status']>> {
  const sampled = world.people.filter((person) => person.sampled);
  const some = sampled.filter(({ i }, place) => infected.has(i) || place % Math.ceil(sampled.length / 50) === 0);
  const told = new Map<number, PersonalResult['status']>();
  for (const { number } of some) told.set(number, (await door.personalResult(number)).status);
  return told;
}

/** Compares, and gives the figures. */
export function checkCustody(day: Day, { area, laboratory, tubes, ledger, laboratoryLedger, recallList, told }: CustodyWitnesses, equal: Equal): CustodyFigures {
  const { transport, laboratory: lab, books, world, infected } = day;
  const { lost } = transport.troubles;

  equal('boxes sealed', { packers: transport.sealed.length, area: area.sealed.size, laboratory: laboratory.expected.size });
  equal('boxes received', { benches: lab.boxesReceived, laboratory: laboratory.boxesReceived, area: area.boxesReceived });
  equal('boxes sealed = received + lost', { sealed: transport.sealed.length, sum: lab.boxesReceived + (lost ? 1 : 0) });
  equal('tubes received', { benches: lab.received.size, laboratory: laboratory.received.size, area: area.received.size });
  equal('tubes rejected', { benches: lab.rejected.size, laboratory: laboratory.rejected.size, area: area.rejected.size });
  equal('tubes missing in their boxes', { benches: lab.missing.length, laboratory: laboratory.missing, area: area.missing });
  equal('tubes extra in a box', { benches: lab.extra.length, laboratory: laboratory.extra, area: area.extra });

  const found = [...lab.results];
  const with_ = (results: Iterable<string>, wanted: string): number => [...results].filter((one) => one === wanted).length;
  equal('results', { instrument: found.length, laboratory: laboratory.results.size, area: area.results.size });
  for (const wanted of ['negative', 'positive'] as const) {
    equal(`results ${wanted}`, {
      instrument: with_(found.map(([, { result }]) => result), wanted), laboratory: with_(laboratory.results.values(), wanted), area: with_(area.results.values(), wanted),
      record: tubes.filter(({ lab, result }) => lab === 'resulted' && result === wanted).length,
    });
  }

  const ends = { resulted: 0, rejected: 0, lost: 0, leaked: 0, void: 0, gaps: 0 };
  for (const tube of tubes) ends[endOf(tube)]++;
  equal('tubes opened = resulted + rejected + lost + leaked + void + gaps', { opened: tubes.length, sum: Object.values(ends).reduce((a, b) => a + b, 0) });
  equal('gaps: tubes without an end', { wanted: 0, record: ends.gaps, ledger: ledger.gaps });
  equal('tubes with a result', { record: ends.resulted, ledger: ledger.round.tubes.reached.released, laboratory: sum(laboratoryLedger, 'released') });
  equal('at the laboratory: to receive, to test, to release', {
    // Those that got lost on the way to it are awaited there for ever.
    lost: ends.lost, sum: sum(laboratoryLedger, 'toReceive') + sum(laboratoryLedger, 'toTest') + sum(laboratoryLedger, 'toRelease'),
  });
  equal('tubes leaked', { packers: transport.troubles.leaked.length, record: ends.leaked });
  equal('tubes lost', { couriers: (lost?.manifest.length ?? 0) + transport.troubles.dropped.length, record: ends.lost });

  const recalls = [...area.recalls.values()];
  equal('recalls', { heard: day.followUp.recalls.size, stream: recalls.length, record: recallList.length });
  equal('recalls open', { wanted: 0, stream: recalls.filter(({ closed }) => !closed).length, record: recallList.filter(({ state }) => state === 'open').length, ledger: ledger.recalls.open });
  const positive = found.filter(([, { result }]) => result === 'positive');
  const pools = positive.filter(([tube]) => (tubes.find((one) => one.tube === tube)?.size ?? 0) > 1);
  const left = (tube: string, people: Iterable<number>): number[] => [...people].filter((one) => one > 0 && !area.calledBack.get(tube)?.has(one));
  equal('members of positive pools who were not called back', { wanted: 0, stream: pools.flatMap(([tube, { people }]) => left(tube, people)).length });
  const spoilt = [...found.filter(([, { result }]) => result !== 'negative' && result !== 'positive').map(([tube]) => tube), ...tubes.filter((tube) => ['rejected', 'lost', 'leaked'].includes(endOf(tube))).map(({ tube }) => tube)];
  equal('members of lost, leaked, rejected and unclear tubes who were not called back', { wanted: 0, stream: spoilt.flatMap((tube) => left(tube, books.pools.get(tube)?.keys() ?? [])).length });
  equal('called back and without a result of their own', { wanted: 0, stream: [...area.people.values()].filter(({ settled }) => !settled).length });

  // The truth, which only the drill knows.
  const numbers = new Set([...infected].flatMap((i) => (world.people[i]?.sampled ? [world.people[i].number] : [])));
  const confirmed = [...area.people].filter(([, { positive }]) => positive).map(([number]) => number);
  equal('infected people found', { infected: numbers.size, found: confirmed.filter((number) => numbers.has(number)).length });
  equal('called infected and not so', { wanted: 0, found: confirmed.filter((number) => !numbers.has(number)).length });
  const wrong = [...told].filter(([number, status]) => status !== (numbers.has(number) ? 'positive' : 'negative'));
  equal('residents who asked and were told the wrong result', { wanted: 0, told: wrong.length });
  const closed = [day.closing?.area, day.closing?.laboratory].filter((said) => said === 'closed').length;
  equal('round closed, in the area and at the laboratory', { wanted: 2, closed });

  const causes = new Map<string, number>();
  for (const { cause } of recalls) causes.set(cause, (causes.get(cause) ?? 0) + 1);
  const results = [...area.results.values()];
  return {
    boxes: area.sealed.size, received: area.received.size, missing: area.missing + (lost?.manifest.length ?? 0), extra: area.extra, rejected: area.rejected.size, lostTubes: ends.lost, leaked: ends.leaked,
    unregistered: lab.unregistered, resultsNegative: with_(results, 'negative'), resultsPositive: with_(results, 'positive'),
    resultsOther: results.length - with_(results, 'negative') - with_(results, 'positive'), resultsHeld: lab.held, resultsParked: lab.parked,
    recalls: recalls.length, recallsByCause: causes, recalled: area.people.size, positivePools: pools.length, positivePoolMembers: new Set(pools.flatMap(([, { people }]) => people)).size,
    infected: numbers.size, gaps: ends.gaps, roundClosed: closed === 2,
  };
}

const sum = <Name extends 'released' | 'toReceive' | 'toTest' | 'toRelease'>(lines: readonly LaboratoryLine[], name: Name): number => lines.reduce((all, line) => all + line[name], 0);

function endOf({ state, count, lab, fate }: TubeState): 'resulted' | 'rejected' | 'lost' | 'leaked' | 'void' | 'gaps' {
  // A void tube with a swab left in it has not ended: somebody must deal with it.
  if (state === 'void') return count === 0 ? 'void' : 'gaps';
  if (fate === 'lost' || fate === 'leaked') return fate;
  return lab === 'resulted' || lab === 'rejected' ? lab : 'gaps';
}
