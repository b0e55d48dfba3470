// What the drill tells: one object for programs, a page for people, and a line of progress on the way.

import type { Day, Progress } from './day.js';
import { minute } from './plan.js';
import type { Check, Reconciliation } from './reconcile.js';

/** The drill's figures. Minutes are of the simulated day, milliseconds and swabs a second of real time. */
export interface DrillReport {
  ok: boolean;
  round: string;
  seed: string;
  residents: number;
  sampled: number;
  excused: number;
  absent: number;
  open: number;
  walkIns: number;
  swabs: number;
  lost: number;
  doubled: number;
  tubes: number;
  tubesByFill: Record<string, number>;
  sealReasons: Record<string, number>;
  /** Boxes sealed; tubes the laboratory received, missed in their boxes or boxes, found in another, could not test. */
  boxes: number;
  received: number;
  missing: number;
  extra: number;
  rejected: number;
  lostTubes: number;
  leaked: number;
  /** Taken in before any record had told of them. */
  unregistered: number;
  resultsNegative: number;
  resultsPositive: number;
  /** Inconclusive or invalid. */
  resultsOther: number;
  /** Waited for a second person; for the record of their area. */
  resultsHeld: number;
  resultsParked: number;
  recalls: number;
  recallsByCause: Record<string, number>;
  /** People who were called back, each once. */
  recalled: number;
  positivePools: number;
  positivePoolMembers: number;
  infected: number;
  /** Tubes without an end. */
  gaps: number;
  roundClosed: boolean;
  /** What kept it open, where it is not closed. */
  roundOpenBecause?: string;
  discrepancies: number;
  discrepanciesOpen: number;
  discrepanciesByWord: Record<string, number>;
  numbersAssigned: number;
  numbersRefused: number;
  numbersLost: number;
  repeats: number;
  lanes: number;
  finishMin: number;
  /** When the last result was there and the round could be closed. */
  closedMin: number;
  /** Total work over the tables there are. */
  boundMin: number;
  waitP50Min: number;
  waitP95Min: number;
  waitMaxMin: number;
  swabsPerMinute: number;
  swabsPerMinutePeak: number;
  rosterSeconds: number;
  daySeconds: number;
  /** From the last table of the day to the closed round. */
  eveningSeconds: number;
  swabsPerSecond: number;
  /** Round trip of a swab that was asked over an open line. */
  p50Ms: number;
  p99Ms: number;
  failed: Check[];
}

export function reportOf(day: Day, found: Reconciliation): DrillReport {
  const waits = day.waits().sort((a, b) => a - b);
  const trips = [...day.latencies].sort((a, b) => a - b);
  const minutes = (ms: number): number => round(ms / minute, 1);
  const perMinute = Array.from(day.perMinute, (swabs) => swabs ?? 0);
  return {
    ok: found.ok, round: `${day.cell.round}:${day.cell.area}`, seed: day.township.seed,
    residents: found.residents, sampled: found.sampled, excused: found.excused, absent: found.absent, open: found.open, walkIns: found.walkIns,
    swabs: found.swabs, lost: found.lost, doubled: found.doubled,
    tubes: found.tubes.opened, tubesByFill: inOrder(found.tubes.fill, (a, b) => Number(a) - Number(b)), sealReasons: byCount(found.tubes.reasons),
    boxes: found.boxes, received: found.received, missing: found.missing, extra: found.extra, rejected: found.rejected, lostTubes: found.lostTubes, leaked: found.leaked,
    unregistered: found.unregistered, resultsNegative: found.resultsNegative, resultsPositive: found.resultsPositive, resultsOther: found.resultsOther,
    resultsHeld: found.resultsHeld, resultsParked: found.resultsParked, recalls: found.recalls, recallsByCause: byCount(found.recallsByCause), recalled: found.recalled,
    positivePools: found.positivePools, positivePoolMembers: found.positivePoolMembers, infected: found.infected, gaps: found.gaps, roundClosed: found.roundClosed,
    ...(found.roundClosed || !day.closing ? {} : { roundOpenBecause: `area: ${day.closing.area}; laboratory: ${day.closing.laboratory}` }),
    discrepancies: found.discrepancies.opened, discrepanciesOpen: found.discrepancies.open, discrepanciesByWord: byCount(found.discrepancies.byWord),
    numbersAssigned: found.numbers.assigned, numbersRefused: found.refusals, numbersLost: found.numbers.lost, repeats: day.books.repeats,
    lanes: day.township.lanes.length, finishMin: minutes(day.lastSwabAt), closedMin: minutes(day.closedAt), boundMin: minutes(day.work / day.township.lanes.length),
    waitP50Min: minutes(at(waits, 0.5)), waitP95Min: minutes(at(waits, 0.95)), waitMaxMin: minutes(at(waits, 1)),
    swabsPerMinute: round(day.swabs / Math.max(1, day.lastSwabAt / minute), 1), swabsPerMinutePeak: Math.max(0, ...perMinute),
    rosterSeconds: round(day.took.roster / 1000, 2), daySeconds: round(day.took.day / 1000, 2), eveningSeconds: round(day.took.evening / 1000, 2),
    swabsPerSecond: round(day.swabs / (day.took.day / 1000), 0), p50Ms: round(at(trips, 0.5), 2), p99Ms: round(at(trips, 0.99), 2),
    failed: found.checks.filter(({ ok }) => !ok),
  };
}

const round = (value: number, digits: number): number => Number(value.toFixed(digits));
/** The value below which this share of a sorted list lies. */
const at = (sorted: readonly number[], share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
const inOrder = (counts: ReadonlyMap<number | string, number>, order: (a: string, b: string) => number): Record<string, number> =>
  Object.fromEntries([...counts].map(([key, count]) => [String(key), count] as const).sort(([a], [b]) => order(a, b)));
const byCount = (counts: ReadonlyMap<string, number>): Record<string, number> => Object.fromEntries([...counts].sort(([, a], [, b]) => b - a));

/** The page for people: the day first, then every equation with what each witness says. */
export function page(report: DrillReport, checks: readonly Check[]): string {
  const list = (counts: Record<string, number>): string => Object.entries(counts).map(([key, count]) => `${key} ${count}`).join(', ') || 'none';
  const rows: [string, string][] = [
    ['residents', `${report.residents} = ${report.sampled} sampled + ${report.excused} excused + ${report.absent} absent + ${report.open} open (${report.walkIns} were not on the roster)`],
    ['swabs', `${report.swabs} in ${report.tubes} tubes; lost ${report.lost}, doubled ${report.doubled}`],
    ['swabs in a tube', list(report.tubesByFill)],
    ['sealed because', list(report.sealReasons)],
    ['finished after', `${report.finishMin} min of the day; ${report.lanes} tables' work alone is ${report.boundMin} min (${(report.finishMin / report.boundMin).toFixed(2)} times)`],
    ['waits', `median ${report.waitP50Min} min, 95 in 100 under ${report.waitP95Min} min, longest ${report.waitMaxMin} min`],
    ['pace', `${report.swabsPerMinute} swabs a minute, ${report.swabsPerMinutePeak} in the busiest`],
    ['boxes', `${report.boxes} sealed; ${report.received} tubes received, ${report.missing} missing, ${report.extra} in another box, ${report.rejected} rejected, ${report.leaked} leaked, ${report.lostTubes} lost, ${report.unregistered} unknown when they came`],
    ['results', `${report.resultsNegative} negative, ${report.resultsPositive} positive, ${report.resultsOther} neither; ${report.resultsHeld} waited for a second person, ${report.resultsParked} for their area's record`],
    ['recalls', `${report.recalls} (${list(report.recallsByCause)}): ${report.recalled} people called back, ${report.positivePoolMembers} of them from ${report.positivePools} positive pools; ${report.infected} infected people found`],
    ['gaps', `${report.gaps}; the round ${report.roundClosed ? `was closed ${report.closedMin} min after the opening` : `could not be closed: ${report.roundOpenBecause}`}`],
    ['discrepancies', `${report.discrepancies}, of which ${report.discrepanciesOpen} are open: ${list(report.discrepanciesByWord)}`],
    ['numbers', `${report.numbersAssigned} given out by devices, ${report.numbersRefused} refused, ${report.numbersLost} lost with a tablet, ${report.repeats} heard twice`],
    ['took', `roster ${report.rosterSeconds} s, day ${report.daySeconds} s, evening ${report.eveningSeconds} s: ${report.swabsPerSecond} swabs a second; a swab's answer ${report.p50Ms} ms, 99 in 100 under ${report.p99Ms} ms`],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  const equations = checks.map(({ name, ok, said }) => `  ${ok ? 'yes' : 'NO '}  ${name}: ${Object.entries(said).map(([witness, value]) => `${witness} ${value}`).join(', ')}`);
  return [
    `Drill of ${report.round}, seed ${report.seed}`, '',
    ...rows.map(([name, text]) => `  ${name.padEnd(width)}  ${text}`), '',
    'Reconciliation', ...equations, '',
    report.ok ? 'Everything adds up.' : `It does not add up: ${report.failed.map(({ name }) => name).join('; ')}.`, '',
  ].join('\n');
}

const words = { roster: 'importing the roster', day: 'sampling', closing: 'closing the stations', evening: 'following the tubes' } as const;

/** Tells progress on `out`: a bar that is drawn over where it is a terminal, a line for every tenth where it is not. */
export function progressOn(out: NodeJS.WriteStream): { show(at: Progress): void; end(): void } {
  let shownAt = 0;
  let line = '';
  return {
    show({ phase, share, clock, sampled, waiting, tubes, recalls }) {
      const of = phase === 'evening' ? `${tubes} tubes under way, ${recalls} recalls open` : `${sampled} swabs, ${waiting} waiting`;
      const text = `${words[phase]} ${Math.floor(share * 100)} %${phase === 'roster' ? '' : `  ${timeOf(clock)} of the day, ${of}`}`;
      if (out.isTTY) {
        const now = Date.now();
        if (now - shownAt < 100 && share < 1) return;
        shownAt = now;
        const full = Math.round(Math.max(0, Math.min(1, share)) * 24);
        out.write(`\r\u001b[K${'█'.repeat(full)}${'░'.repeat(24 - full)} ${text}`);
        return;
      }
      const step = `${phase} ${Math.floor(share * 10)}`;
      if (step === line) return;
      line = step;
      out.write(`${text}\n`);
    },
    end() {
      if (out.isTTY) out.write('\r\u001b[K');
    },
  };
}

const timeOf = (ms: number): string => `${Math.floor(ms / (60 * minute))}:${String(Math.floor(ms / minute) % 60).padStart(2, '0')}`;
