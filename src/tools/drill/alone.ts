// A table without a network. The tablet works on: it serves whoever stands there, opens and closes its own tubes, keeps every record
// under its number, and reports them when it is back, telling first how many there are. It cannot know what others have done meanwhile,
// so here the contradictions come from that a supervisor has to look at; the ones people make are here too.

import type { StepName } from '../../domain/requests.js';
import { nobody } from './books.js';
import type { BodyOf } from './device.js';
import { DoorFault, LineBroken } from './door.js';
import type { Lane, Vial } from './lane.js';
import { second, service, type Stretch } from './plan.js';
import { CALLED, type Person } from './world.js';

/** With reports nobody says no: each of these happens once in every stretch without a network, where it can. */
interface Slips {
  /** Somebody who was swabbed elsewhere in the morning comes again. */
  resampled: boolean;
  /** A card that cannot be read is written down as it looks. */
  unknownCard: boolean;
  /** An eleventh swab goes into a tube of ten. */
  overfilled: boolean;
}

const slipsOf = new WeakMap<Lane, Slips>();
/** The tube that was on the table when the network went, and which the record knows. */
const knownVial = new WeakMap<Lane, Vial>();

const stretchOf = (lane: Lane): Stretch & { lostForGood: boolean } => {
  if (!lane.plan.offline) throw new Error(`station ${lane.stationCode} has a network all day`);
  return lane.plan.offline;
};

/** The network goes. The question that was under way may have arrived or not: the swab is taken, and its record waits. */
export async function loseNetwork(lane: Lane): Promise<void> {
  const { lostForGood } = stretchOf(lane);
  slipsOf.set(lane, { resampled: true, unknownCard: true, overfilled: true });
  if (lane.vial) knownVial.set(lane, lane.vial);
  lane.alone = true;
  lane.wasAlone = true;
  const next = lane.called.find((person) => !person.swabbed && person.presentAt <= lane.clock && person.station === lane.station.ordinal);
  const planned = next && lane.day.township.residents[next.i];
  if (lostForGood || !next || !lane.vial || planned?.single || planned?.risk !== lane.vial.risk) {
    lane.line.cut();
    return;
  }
  const sent = lane.device.request('takeSwab', { resident: String(next.number), tube: lane.vial.code }, lane.clock);
  const vain = lane.device.send(lane.line, [sent], lane.clock);
  lane.line.cut();
  try {
    await vain;
  } catch (fault) {
    if (!(fault instanceof LineBroken)) throw fault;
  }
  lane.backlog.push({ ...sent, mode: 'report' });
  done(lane, sent.number, next, lane.vial);
  if (lane.vial.count >= lane.vial.size) close(lane, 'full');
}

/** Works without a network up to `until`, or up to the end of the stretch, and then sends everything. */
export async function workAlone(lane: Lane, until: number): Promise<void> {
  const { to } = stretchOf(lane);
  while (lane.clock < until) {
    if (lane.clock >= to) return comeBack(lane);
    if (registerWalkIn(lane)) continue;
    sendExpress(lane);
    const called = lane.called.shift();
    const person = called && !called.swabbed && called.presentAt <= lane.clock ? called : lane.day.world.firstStanding(lane.station, lane.clock);
    if (person) swab(lane, person);
    else if (!called) lane.clock += 15 * second;
  }
}

/** The laboratory's van comes by and takes the last tube along, which nobody but this table has heard of. */
function sendExpress(lane: Lane): void {
  if (lane.sentExpress || lane.plan.expressAt === undefined || lane.clock < lane.plan.expressAt) return;
  if (lane.vial && lane.vial.count > 0) close(lane, 'early');
  const last = lane.backlog.findLast(({ step }) => step === 'sealTube');
  if (!last) return;
  const { tube } = last.body as { tube: string };
  const people = lane.backlog.flatMap(({ step, number, body }) => (step === 'takeSwab' && (body as { tube: string }).tube === tube ? (lane.deeds.get(number)?.i ?? []) : []));
  lane.sentExpress = true;
  lane.day.transport.express(tube, people, lane.clock);
}

function swab(lane: Lane, person: Person): void {
  const { day, random } = lane;
  const slips = slipsOf.get(lane) as Slips;
  const { single, risk } = day.township.residents[person.i] as { single: boolean; risk: Vial['risk'] };
  // Without an answer nobody is reminded: every other single-tube person ends in a pool.
  const alone = single && random.chance(0.5);
  const vial = alone ? open(lane, risk, 1) : vialFor(lane, single ? (lane.vial?.risk ?? 'normal') : risk);
  const unknown = slips.unknownCard && !single && !stretchOf(lane).lostForGood && random.chance(0.2);
  if (unknown) slips.unknownCard = false;
  const resident = unknown ? String(nobody + lane.i) : String(person.number);
  report(lane, 'takeSwab', { resident, tube: vial.code });
  if (unknown) day.unidentified.set(vial.code, person);
  done(lane, lane.device.account.assigned, person, vial, unknown);

  const again = slips.resampled && vial.size > 1 && vial.count < vial.size && random.chance(0.2) ? day.someoneSampled(vial.risk) : undefined;
  if (again) {
    slips.resampled = false;
    report(lane, 'takeSwab', { resident: String(again.number), tube: vial.code });
    vial.count++;
    lane.spend(service.personSeconds);
  }
  closeFull(lane, vial, slips);
}

/** The eleventh goes in before anybody counts; then the tube is closed. */
function closeFull(lane: Lane, vial: Vial, slips: Slips): void {
  if (vial.size === 1 || vial.count < vial.size) return;
  const eleventh = slips.overfilled ? lane.day.world.firstStanding(lane.station, lane.clock) : undefined;
  const planned = eleventh && lane.day.township.residents[eleventh.i];
  if (eleventh && !planned?.single && planned?.risk === vial.risk) {
    slips.overfilled = false;
    report(lane, 'takeSwab', { resident: String(eleventh.number), tube: vial.code });
    done(lane, lane.device.account.assigned, eleventh, vial);
  }
  close(lane, 'full');
}

/** The person's swab is in the vial, whatever the record will say. */
function done(lane: Lane, number: number, person: Person, vial: Vial, unknown = false): void {
  if (!unknown) lane.deeds.set(number, person);
  person.swabbed = true;
  person.stays = 0;
  if (person.arrivedAt < 0) person.arrivedAt = lane.clock;
  if (person.startedAt < 0) person.startedAt = lane.clock;
  vial.count++;
  lane.spend(lane.random.logNormal(service.personSeconds * lane.plan.pace, service.spread));
}

/** A walk-in who found no desk: registered on the tablet, and named by the record that did it. */
function registerWalkIn(lane: Lane): boolean {
  const visit = lane.day.plan.atTable.get(lane.i)?.find(({ at, people }) => at <= lane.clock && !lane.day.world.people[people[0] as number]?.swabbed);
  if (!visit) return false;
  const person = lane.day.world.people[visit.people[0] as number] as Person;
  const { single, risk } = lane.day.township.residents[person.i] as { single: boolean; risk: Vial['risk'] };
  const registered = lane.device.nextNumber;
  report(lane, 'registerWalkIn', lane.day.walkInBody(person));
  lane.deeds.set(registered, person);
  const vial = single ? open(lane, risk, 1) : vialFor(lane, risk);
  report(lane, 'takeSwab', { resident: `#${registered}`, tube: vial.code });
  done(lane, lane.device.account.assigned, person, vial);
  if (vial === lane.vial && vial.count >= vial.size) close(lane, 'full');
  return true;
}

function vialFor(lane: Lane, risk: Vial['risk']): Vial {
  if (lane.vial && lane.vial.risk !== risk) close(lane, 'risk_group');
  return lane.vial ?? open(lane, risk, undefined);
}

function open(lane: Lane, risk: Vial['risk'], size: 1 | undefined): Vial {
  const code = lane.nextCode();
  report(lane, 'openTube', { tube: code, station: lane.stationCode, risk, ...(size ? { size } : {}) });
  const vial: Vial = { code, size: size ?? lane.day.poolSize(risk), risk, count: 0, closedShort: false };
  lane.spend(service.tubeSeconds);
  if (vial.size > 1) lane.vial = vial;
  return vial;
}

function close(lane: Lane, reason: 'full' | 'risk_group' | 'early'): void {
  const { vial } = lane;
  if (!vial) return;
  if (vial.count > 0) report(lane, 'sealTube', { tube: vial.code, reason });
  lane.vial = undefined;
}

function report<Step extends StepName>(lane: Lane, step: Step, body: BodyOf<Step>): void {
  lane.backlog.push(lane.device.request(step, body, lane.clock, 'report'));
}

/** The network is back: how many there are is told first, then the backlog in order, and what got lost on the way a second time. */
async function comeBack(lane: Lane): Promise<void> {
  const { day, device } = lane;
  const { lostForGood } = stretchOf(lane);
  if (lostForGood || lane.random.chance(0.5)) {
    const known = device.account.outcomes.size > 0;
    const { receipt } = await device.outbox(day.door, [], lane.clock);
    // A device the record has never heard of is met with its first record, not with a sign of life.
    if (known && receipt.missing < lane.backlog.length - 1) throw new DoorFault(`${device.account.device} told ${lane.backlog.length} records to come and ${receipt.missing} are awaited`);
  }
  if (lostForGood) await breakDown(lane);
  else await sendBacklog(lane);
  for (const person of day.world.people) {
    if (person.stays !== lane.station.ordinal) continue;
    // Now they hear where they are called.
    person.stays = 0;
    const to = day.world.stations.get(person.station);
    if (!person.swabbed && to) person.presentAt = lane.clock + day.world.walk(lane.station.site, to.site);
  }
  lane.backlog = [];
  lane.deeds.clear();
  lane.called = day.world.people.filter(({ state, station, swabbed }) => state === CALLED && station === lane.station.ordinal && !swabbed);
  lane.line = await day.door.line(lane.device.account.device);
  lane.alone = false;
}

async function sendBacklog(lane: Lane): Promise<void> {
  const { day, device, backlog } = lane;
  if (lane.random.chance(0.3)) await device.outbox(day.door, backlog.slice(0, 20), lane.clock);
  const { answers, receipt } = await device.outbox(day.door, backlog, lane.clock, 1 + lane.random.int(100));
  if (receipt.missing > 0) throw new DoorFault(`${device.account.device} has sent everything and ${receipt.missing} are awaited`);
  answers.forEach((answer, i) => {
    const sent = backlog[i] as (typeof backlog)[number];
    if (answer.outcome !== 'applied') throw new DoorFault(`the report ${sent.step} ${device.account.device}:${sent.number} was answered ${answer.outcome}`);
    const person = lane.deeds.get(sent.number);
    if (person && sent.step === 'registerWalkIn') day.registered(person, answer);
    day.world.apply(answer.events, lane.clock);
    if (person && sent.step === 'takeSwab') day.swabbed(person, sent.claimedAt - device.opening);
  });
}

/** The tablet breaks with everything in it. Its tubes are thrown away, its people come again, and two people stop waiting for it. */
async function breakDown(lane: Lane): Promise<void> {
  const { day } = lane;
  const known = knownVial.get(lane);
  // Whose ticket was moved meanwhile may have a swab from another table.
  const again = [...lane.deeds.values()].filter(({ sampled }) => !sampled);
  for (const person of again) person.startedAt = -1;
  day.comeAgain(again.map(({ number }) => number), lane.clock);
  lane.vial = undefined;
  await day.post.writeOff(lane, known?.code);
}

/** A record of an app gone wrong: nobody can read it, and it must not stop those behind it. */
export async function babble(lane: Lane): Promise<void> {
  lane.babbled = true;
  const sent = lane.device.request('takeSwab', { resident: '?', tube: '' }, lane.clock, 'report');
  const { answers } = await lane.device.outbox(lane.day.door, [sent], lane.clock);
  if (answers[0]?.outcome !== 'quarantined') throw new DoorFault(`an unreadable record was answered ${answers[0]?.outcome}`);
  lane.day.post.quarantined(lane.device.account, sent.number);
}
