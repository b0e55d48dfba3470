// A city's townships at work, in a process of their own: people check in at desks, stations call and swab them, screens look things up, each
// at its rate whatever the answers take.
//
// `node city.js <port>`, then lines of JSON on standard input; one line back for each:
//   a Setting   opens the lines of the stations, desks and screens of every cell
//   a Shift     works so long at these rates; acknowledged swabs are written to files of the parent's choice
//
// Reads are answered 200, or 503 with a time to come back; anything else is a fault. A screen has one read under way and waits for it; those
// that come while all screens wait are counted, as people who press again and see nothing happen.

import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CellName } from '../../src/domain/requests.js';
import { crowdTube, siteName, stationName, Tablet } from './crowd.js';
import { flow, outboxOf } from './flow.js';
import { type Distribution, Latencies } from './latencies.js';
import { has, pool, SocketLine } from './lines.js';

export interface Setting {
  cells: { cell: CellName; stationKeys: string[]; deskKeys: string[]; screenKeys: string[]; sites: number; /** Residents from 1 to this one wait at stations already. */ waiting: number; people: number }[];
}

export interface Shift {
  seconds: number;
  swabsPerSecond: number;
  readsPerSecond: number;
  /** One file for each cell: a line for each swab acknowledged since the start, `resident tube`. */
  files?: string[];
}

export interface Worked {
  seconds: number;
  /** What was answered while the shift lasted, by kind: what came only afterwards is in the times and in no rate. */
  answered: Record<string, number>;
  /** Milliseconds from when each was due. */
  times: Record<string, Distribution>;
  /** Turns of stations at which nobody waited. */
  emptyTurns: number;
  reads: { served: number; shed: number; shedWithoutTime: number; notSent: number };
  bad: number;
  firstBad?: string;
  /** The generator's own delay, ms: what is in the times and not the service's. */
  late: Distribution;
}

const perTube = 10;

class Station extends Tablet {
  line: SocketLine | undefined;
  tube = '';
  count = perTube;
  /** The turn under way; one that is due before it has ended waits for it. */
  turn: Promise<void> = Promise.resolve();
}

class Desk extends Tablet {
  line: SocketLine | undefined;
  tickets = 0;
}

class Township {
  readonly cell: CellName;
  readonly base: string;
  readonly stations: Station[];
  readonly desks: Desk[];
  readonly screens: ReturnType<typeof pool>;
  readonly sites: number;
  readonly people: number;
  readonly acknowledged: string[] = [];
  checkedIn: number;
  tubes = 0;
  turn = 0;
  desk = 0;

  constructor({ cell, stationKeys, deskKeys, screenKeys, sites, waiting, people }: Setting['cells'][number], port: number) {
    this.cell = cell;
    this.base = `/api/cells/${cell.round}/${cell.area}`;
    this.stations = stationKeys.map((_, i) => new Station(`${cell.round}-st${i}`));
    this.desks = deskKeys.map((_, i) => new Desk(`${cell.round}-d${i}`));
    this.screens = pool(port, screenKeys);
    this.sites = sites;
    this.people = people;
    this.checkedIn = waiting;
  }
}

const port = Number(process.argv[2]);
let towns: Township[] = [];

async function open({ cells }: Setting): Promise<object> {
  towns = cells.map((one) => new Township(one, port));
  for (const [i, town] of towns.entries()) {
    const { stationKeys, deskKeys } = cells[i] as Setting['cells'][number];
    const connect = async (one: Station | Desk, key: string | undefined): Promise<void> => { one.line = await SocketLine.open(port, `${town.base}/socket`, key as string); };
    await Promise.all([...town.stations.map((station, k) => connect(station, stationKeys[k])), ...town.desks.map((desk, k) => connect(desk, deskKeys[k]))]);
  }
  return {};
}

async function work({ seconds, swabsPerSecond, readsPerSecond, files }: Shift): Promise<Worked> {
  const times = new Map<string, Latencies>();
  const late = new Latencies();
  const reads = { served: 0, shed: 0, shedWithoutTime: 0, notSent: 0 };
  const underWay = new Set<Promise<void>>();
  const answered: Record<string, number> = {};
  let [emptyTurns, bad] = [0, 0];
  let over = false;
  let firstBad: string | undefined;
  const timed = (what: string, due: number) => {
    let kind = times.get(what);
    if (!kind) times.set(what, (kind = new Latencies()));
    kind.add(performance.now() - due);
    if (!over) answered[what] = (answered[what] ?? 0) + 1;
  };
  const wrong = (what: string, said: Buffer | undefined) => {
    bad++;
    firstBad ??= `${what}: ${said?.toString('utf8', 0, 700) ?? 'the line ended'}`;
  };
  const watch = (work: Promise<void>) => {
    const watched = work.finally(() => underWay.delete(watched));
    underWay.add(watched);
  };

  async function checkIn(town: Township, due: number): Promise<void> {
    if (town.checkedIn >= town.people) return;
    const i = town.desk++ % town.desks.length;
    const desk = town.desks[i] as Desk;
    const number = `${String.fromCharCode(65 + i)}${++desk.tickets}`;
    const issued = desk.request('issueTicket', { site: siteName(i % town.sites), party: [{ resident: String(++town.checkedIn), number }] });
    const answer = await (desk.line as SocketLine).ask(outboxOf(desk.device, [issued]));
    timed('issueTicket', due);
    if (!answer?.includes('"applied"')) wrong('issueTicket', answer);
  }

  /** A station's turn: it calls, swabs whom it has called, and changes tubes; every answer is awaited before the next. */
  function serve(town: Township, due: number): Promise<void> {
    const k = town.turn++ % town.stations.length;
    const station = town.stations[k] as Station;
    station.turn = station.turn.then(() => serveNext(town, station, k, due));
    return station.turn;
  }

  async function serveNext(town: Township, station: Station, k: number, due: number): Promise<void> {
    const line = station.line as SocketLine;
    const called = await line.ask(outboxOf(station.device, [station.request('callNext', { station: stationName(k) })]));
    timed('callNext', due);
    if (!called || called.includes('"problem"')) return wrong('callNext', called);
    const residents = [...called.toString('latin1').matchAll(/"event":"ticket\.called"[^}]*?"resident":(\d+)/g)].map(([, resident]) => resident as string);
    if (residents.length === 0) {
      if (called.includes('queue_empty')) emptyTurns++;
      else wrong('callNext', called);
      return;
    }
    for (const resident of residents) {
      const opening = station.count >= perTube;
      if (opening) [station.tube, station.count] = [crowdTube(++town.tubes), 0];
      station.count++;
      const { tube } = station;
      const frame = [
        ...(opening ? [station.request('openTube', { tube, station: stationName(k), risk: 'normal' })] : []),
        station.request('takeSwab', { resident, tube }),
      ];
      const from = performance.now();
      const answer = await line.ask(outboxOf(station.device, frame));
      if (opening) timed('openTube', from);
      timed('takeSwab', from);
      if (!answer || answer.includes('"refused"') || answer.includes('"problem"') || answer.includes('"fault"')) return wrong('takeSwab', answer);
      town.acknowledged.push(`${resident} ${tube}`);
      if (station.count < perTube) continue;
      const sealing = performance.now();
      const sealed = await line.ask(outboxOf(station.device, [station.request('sealTube', { tube, reason: 'early' })]));
      timed('sealTube', sealing);
      if (!sealed?.includes('"applied"')) wrong('sealTube', sealed);
    }
  }

  let looks = 0;
  async function look(town: Township, due: number): Promise<void> {
    const line = town.screens.pick();
    if (line.length > 0) {
      reads.notSent++;
      return;
    }
    // Of a hundred looks: a person scanned 60, a tube 25, the counts 10, the round 4, all stations 1.
    const kind = looks++ % 100;
    // The newest tubes may not be on the record yet.
    const tubes = town.tubes - town.stations.length;
    const path = kind < 60 || (kind < 85 && tubes < 1) ? `/residents/${1 + ((looks * 7919) % town.people)}` : kind < 85 ? `/tubes/${crowdTube(1 + ((looks * 7919) % tubes))}` : kind < 95 ? '/counts' : kind < 99 ? '' : '/stations';
    const reply = await line.get(town.base + path);
    if (reply.status === 200) {
      reads.served++;
      timed('read', due);
    } else if (reply.status === 503 && has(reply, 'reads_shed')) {
      reads.shed++;
      if (reply.retryAfter === 0) reads.shedWithoutTime++;
      timed('read shed', due);
    } else wrong(path, reply.bytes);
  }

  const town = (n: number) => towns[n % towns.length] as Township;
  const began = performance.now();
  let [arrivals, turns, asked] = [0, 0, 0];
  const noted = (due: number) => late.add(performance.now() - due);
  const ends = [
    flow(swabsPerSecond, (due) => { noted(due); watch(checkIn(town(arrivals++), due)); }),
    flow(swabsPerSecond, (due) => { noted(due); watch(serve(town(turns++), due)); }),
    flow(readsPerSecond, (due) => { watch(look(town(asked++), due)); }),
  ];
  await sleep(seconds * 1000);
  for (const end of ends) end();
  over = true;
  const worked = (performance.now() - began) / 1000;
  while (underWay.size > 0) await Promise.all(underWay);
  files?.forEach((file, i) => writeFileSync(file, (towns[i] as Township).acknowledged.join('\n')));
  return {
    seconds: worked, answered, emptyTurns, reads, bad, ...(firstBad === undefined ? {} : { firstBad }),
    times: Object.fromEntries([...times].map(([what, kind]) => [what, kind.told()])), late: late.told(),
  };
}

console.log('ready');
for await (const line of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line) as Setting | Shift;
  console.log(JSON.stringify('cells' in asked ? await open(asked) : await work(asked)));
}
