// The command post on the day: opens, rests and closes tables, hears of broken tablets and unreadable records, and ends the day. One
// device, one step at a time, each by its own route.

import type { Account } from './books.js';
import type { Day } from './day.js';
import type { BodyOf, Device } from './device.js';
import { type Answer, DoorFault, eventsOf } from './door.js';
import { Lane } from './lane.js';
import { minute } from './plan.js';
import type { Lane as PlannedLane } from './township.js';
import type { Station } from './world.js';
import type { StepName } from '../../domain/requests.js';

export class CommandPost {
  readonly #day: Day;
  readonly #device: Device;
  readonly #acts: { at: number; act: (at: number) => Promise<void> }[] = [];
  #serials: { first: number; last: number }[] = [];
  /** Labels of cold boxes. */
  boxSerials = { first: 0, last: -1 };
  #spares = 0;

  constructor(day: Day, device: Device) {
    this.#day = day;
    this.#device = device;
  }

  /** Takes a step nobody may refuse. @throws DoorFault */
  async must<Step extends StepName>(step: Step, body: BodyOf<Step>, at: number): Promise<Answer & { outcome: 'applied' }> {
    const answer = await this.#device.step(this.#day.door, step, body, at);
    if (answer.outcome !== 'applied') throw new DoorFault(`${step} was answered ${JSON.stringify(answer)}`);
    return answer;
  }

  /** Teams, labels and those who need not come, before anybody arrives; and what the plan says of the tables. */
  async prepare(): Promise<void> {
    const { township, plan, door, world } = this.#day;
    const post = this.#device;
    const teams = township.teams.map(({ team, name, villages }) => post.request('assignTeam', { team, name, villages }, 0));
    // Labels for three times the tubes a table should need: some take the people of several.
    const labels = 60 + Math.ceil((township.residents.length / township.lanes.length / 10) * 3);
    const codes = township.lanes.map(({ station }) => post.request('reserveCodes', { kind: 'tube', count: labels, holder: station }, 0));
    const boxes = post.request('reserveCodes', { kind: 'box', count: 20_000, holder: 'packers' }, 0);
    const excused = township.residents.flatMap(({ excused: reason }, i) => (reason ? [post.request('excuseResident', { resident: String(world.people[i]?.number), reason }, 0)] : []));
    const { answers } = await post.outbox(door, [...teams, ...codes, boxes, ...excused], 0);
    if (answers.some(({ outcome }) => outcome !== 'applied')) throw new DoorFault('a step before the day was refused');
    const ranges = answers.flatMap((answer) => eventsOf(answer, 'codes.reserved'));
    this.#serials = ranges.filter(({ what }) => what === 'tube');
    this.boxSerials = ranges.find(({ what }) => what === 'box') ?? this.boxSerials;
    plan.lanes.forEach(({ opensAt, pause, closesAt }, lane) => {
      this.#at(opensAt, (at) => this.#open(lane, at));
      if (pause) {
        this.#at(pause.from, (at) => this.#rest(lane, at));
        this.#at(pause.to, (at) => this.#resume(lane, at));
      }
      if (closesAt !== undefined) this.#at(closesAt, (at) => this.#closeEarly(lane, at));
    });
  }

  /** Does what is to be done before `until`, now. */
  async run(now: number, until: number): Promise<void> {
    while ((this.#acts[0]?.at ?? until) < until) await this.#acts.shift()?.act(now);
  }

  get waiting(): number {
    return this.#acts.length;
  }

  #at(at: number, act: (at: number) => Promise<void>): void {
    this.#acts.push({ at, act });
    this.#acts.sort((a, b) => a.at - b.at);
  }

  async #open(i: number, at: number): Promise<void> {
    const { township, plan, door, world } = this.#day;
    const { station: code, site } = township.lanes[i] as PlannedLane;
    const answer = await this.must('openStation', { station: code, site: township.sites[site]?.site ?? '' }, at);
    const ordinal = eventsOf(answer, 'station.opened')[0]?.station as number;
    const station: Station = { ordinal, lane: i, site, open: true, waiting: 0, standing: [], standingFrom: 0, wake: undefined };
    world.stations.set(ordinal, station);
    world.stationOf[i] = station;
    const lanePlan = plan.lanes[i] as (typeof plan.lanes)[number];
    const serials = this.#serials[i];
    if (!serials) throw new DoorFault(`no labels were reserved for ${code}`);
    const device = this.#day.device(`tablet-${code}`, `sampler-${code}`, lanePlan.clockAhead, 'station', { site: township.sites[site]?.site ?? '', station: code });
    this.#day.lanes[i] = new Lane(this.#day, { i, plan: lanePlan, station, device, line: await door.line(device.account.device), serials });
  }

  async #rest(i: number, at: number): Promise<void> {
    const lane = this.#day.lanes[i];
    if (lane?.state !== 'open') return;
    lane.state = 'resting';
    lane.station.open = false;
    lane.called = [];
    this.#day.world.apply((await this.must('pauseStation', { station: lane.stationCode }, at)).events, at);
  }

  async #resume(i: number, at: number): Promise<void> {
    const lane = this.#day.lanes[i];
    if (lane?.state !== 'resting') return;
    await this.must('openStation', { station: lane.stationCode, site: this.#day.township.sites[lane.station.site]?.site ?? '' }, at);
    lane.state = 'open';
    lane.station.open = true;
  }

  /** A table ends its day early: no new people first, then the rest is handed on. */
  async #closeEarly(i: number, at: number): Promise<void> {
    const lane = this.#day.lanes[i];
    if (lane?.state !== 'open') return;
    await this.must('drainStation', { station: lane.stationCode }, at);
    lane.station.open = false;
    this.#at(at + 5 * minute, async (later) => {
      await lane.tidyUp(false);
      lane.state = 'closed';
      lane.called = [];
      lane.vial = undefined;
      this.#day.world.apply((await this.must('closeStation', { station: lane.stationCode, reason: 'no_sampler' }, later)).events, later);
    });
  }

  /** A tablet is gone for good. Two people say so, its tube is thrown away, and the table goes on with a spare one. */
  async writeOff(lane: Lane, knownTube: string | undefined): Promise<void> {
    const { account } = lane.device;
    const at = lane.clock;
    await this.must('writeOffDevice', { device: account.device, epoch: account.epoch, reason: 'broken', secondBy: this.#day.door.second }, at);
    this.#day.books.writtenOff(account);
    if (knownTube !== undefined) {
      const voided = await this.#device.step(this.#day.door, 'voidTube', { tube: knownTube, reason: 'other', secondBy: this.#day.door.second }, at);
      this.#day.comeAgain(eventsOf(voided, 'tube.voided').flatMap(({ unsampled }) => unsampled), at);
    }
    const place = { site: this.#day.township.sites[lane.station.site]?.site ?? '', station: lane.stationCode };
    lane.device = this.#day.device(`tablet-${lane.stationCode}-${++this.#spares}`, `sampler-${lane.stationCode}`, 0, 'station', place);
  }

  /** A record nobody can read is looked at by a person, who finds nothing worth entering. */
  quarantined({ device, epoch }: Account, number: number): void {
    this.#at(0, async (at) => {
      await this.must('settleQuarantined', { device, epoch, number, decision: 'rejected' }, at);
    });
  }

  /** Closes all tables but a few for those who will be called back, waits until every tube is sealed, and has the supervisor resolve what is left; gives the time. */
  async closeTables(end: number): Promise<number> {
    const { lanes, door, supervisor } = this.#day;
    let at = end;
    await this.run(at, Number.POSITIVE_INFINITY);
    const late = this.#lateLanes();
    await Promise.all(lanes.map((lane) => { lane.clock = at; return lane.tidyUp(late.includes(lane)); }));
    await this.#closeStations(lanes.filter((lane) => !late.includes(lane)), at);
    // Nobody knows yet how many will have a tube alone: each gets labels for all.
    const labels = late.map((lane) => this.#device.request('reserveCodes', { kind: 'tube', count: this.#day.township.residents.length, holder: lane.stationCode }, at));
    const ranges = (await this.#device.must(door, labels, at)).flatMap((answer) => eventsOf(answer, 'codes.reserved'));
    late.forEach((lane, i) => lane.useLabels(ranges[i] as { first: number; last: number }));
    for (let minutes = 0; ; minutes++) {
      // Signs of life: the record seals only what its owner has confirmed.
      await Promise.all(lanes.map((lane) => { lane.clock = at; return lane.send([]); }));
      await this.run(at, Number.POSITIVE_INFINITY);
      await this.#day.errandsUntil(at, at + minute);
      at += minute;
      await supervisor.run(at, { all: true });
      if ((await door.stations()).every(({ tubes }) => tubes.length === 0)) break;
      if (minutes > 90) throw new DoorFault('some tubes are still open an hour and a half after the last table has closed');
    }
    await Promise.all(lanes.filter((lane) => !late.includes(lane)).map(({ line }) => line.close()));
    return at;
  }

  /** A table at one site in four, at two at least. */
  #lateLanes(): Lane[] {
    const { lanes, township } = this.#day;
    const bySite = new Map<number, Lane>();
    for (const lane of lanes) if (lane?.state === 'open' && lane.station.open && !bySite.has(lane.station.site)) bySite.set(lane.station.site, lane);
    const all = [...bySite.values()].sort((a, b) => a.station.site - b.station.site);
    const every = Math.max(1, Math.min(4, Math.floor(all.length / 2)));
    const late = all.filter((_, i) => i % every === 0);
    this.#day.lateSites = late.map(({ station }) => station.site).filter((site) => township.sites[site]);
    return late;
  }

  async #closeStations(lanes: readonly Lane[], at: number): Promise<void> {
    const closing = lanes.filter(({ state }) => state !== 'closed').map((lane) => this.#device.request('closeStation', { station: lane.stationCode }, at));
    if (closing.length > 0) await this.#device.must(this.#day.door, closing, at);
    for (const lane of lanes) lane.state = 'closed';
  }

  /** The last tables close, and the round is declared finished, here and at the laboratory; what each is answered. */
  async closeRound(at: number): Promise<{ area: string; laboratory: string }> {
    const { lanes, door, laboratory, supervisor } = this.#day;
    const late = lanes.filter(({ state }) => state !== 'closed');
    await this.run(at, Number.POSITIVE_INFINITY);
    await this.#closeStations(late, at);
    await Promise.all(late.map(({ line }) => line.close()));
    await this.#day.errandsUntil(at, at + minute);
    await supervisor.run(at + minute, { all: true });
    const said = (answer: Answer): string => (answer.outcome === 'applied' ? 'closed' : answer.outcome === 'refused' ? `${answer.word} ${JSON.stringify(answer.detail)}` : answer.outcome);
    const area = await this.#device.step(door, 'closeRound', {}, at + minute);
    return { area: said(area), laboratory: said(await laboratory.close(at + minute)) };
  }
}
