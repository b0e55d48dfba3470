// The fold: how each event changes the tally of its cell.
//
// Pure and deterministic: the same events give the same tally, on any process and after any restart, and it says what the record says
// (test/live compares the two after random traffic). An event costs the same at the first resident and at the last.
//
// A person, ticket or tube changes in three moves: its old share is taken out of the sums, the change is made, its new share is put in.
// So no event needs to know which sums it touches.

import type { LedgerEvent } from '../domain/events.js';
import type { RoundRules } from '../domain/roundRules.js';
import { countOnWay, foldBox, foldRecall, foldTubeOnWay, type TubeEvent } from './custody.js';
import { countInMinute } from './minutes.js';
import { countOne, newPace } from './pace.js';
import { measurePace, ticketCalled, ticketEnded, ticketIssued, ticketMoved, ticketSkipped } from './queue.js';
import { type DeviceTally, grow, noPeople, type StationTally, type Tally, type TubeTally, type VillageTally } from './tally.js';

const ON_ROSTER = 1;
export const EXCUSED = 2;
const WALK_IN = 4;
const ABSENT = 8;
export const ALONE = 16;
export const DECEASED = 32;
const WAITING = 1;
const SERVED = 3;
const GONE = 4;

/** Takes one event into the tally, which it changes. Events come in the order of the stream, each once. */
export function fold(tally: Tally, event: LedgerEvent): void {
  tally.at = Math.max(tally.at, event.at);
  if (event.device > 0) deviceOf(tally, event.device).lastAt = event.at;
  switch (event.event) {
    case 'round.opened':
      tally.round = { name: event.name, state: 'open', rehearsal: event.rehearsal === 1, openedAt: event.at, laboratory: event.laboratory === 1, rules: JSON.parse(Buffer.from(event.rules).toString()) as RoundRules };
      break;
    case 'round.closed': tally.round.state = 'closed'; break;
    case 'clock.advanced': tally.at = Math.max(tally.at, event.to); break;
    case 'device.met': {
      const device = deviceOf(tally, event.ordinal);
      [device.name, device.epoch] = [event.name, event.epoch];
      break;
    }
    case 'device.writtenOff': tally.lost += event.lost; break;
    case 'device.suspect': deviceOf(tally, event.ordinal).suspect = true; break;
    case 'record.quarantined': tally.quarantined.received++; break;
    case 'record.settled': tally.quarantined.settled++; break;
    case 'site.named': tally.sites.set(event.ordinal, { site: event.site, name: event.name }); break;
    case 'village.named': {
      const village = villageOf(tally, event.ordinal);
      [village.name, village.site] = [event.name, event.ownSite];
      break;
    }
    case 'team.assigned': for (const village of event.villages) villageOf(tally, village).team = event.team; break;
    case 'station.opened': {
      const station = stationOf(tally, event.station);
      Object.assign(station, { code: event.code, site: event.site, state: 'open', stalled: false });
      break;
    }
    case 'station.paused': Object.assign(stationOf(tally, event.station), { state: 'paused', stalled: false }); break;
    case 'station.draining': stationOf(tally, event.station).state = 'draining'; break;
    case 'station.closed': Object.assign(stationOf(tally, event.station), { state: 'closed', stalled: false }); break;
    case 'station.stalled': stationOf(tally, event.station).stalled = true; break;
    case 'residents.enrolled':
      for (let i = 0; i < event.count; i++) {
        const row = Buffer.from(event.packed.buffer, event.packed.byteOffset + i * 9, 9);
        enters(tally, event.first + i, ON_ROSTER, { village: row.readUInt16BE(0), household: row.readUInt32BE(2), risk: row.readUInt8(6), priority: row.readUInt8(7), single: row.readUInt8(8) });
      }
      break;
    case 'resident.registered':
      if (event.already === 0) enters(tally, event.resident, ON_ROSTER | WALK_IN, event);
      break;
    case 'resident.excused': changePerson(tally, event.resident, event.reason === 'deceased' ? EXCUSED | DECEASED : EXCUSED, 0); break;
    case 'resident.expected': changePerson(tally, event.resident, 0, EXCUSED); break;
    case 'swab.reassigned':
      changeSwabs(tally, event.twin, event.left);
      changeSwabs(tally, event.resident, Math.min(255, (tally.people.swabs[event.resident] ?? 0) + 1), event.station);
      break;
    case 'residents.merged':
      changePerson(tally, event.twin, EXCUSED, 0);
      changePerson(tally, event.resident, event.single === 1 ? ALONE : 0, 0);
      [tally.people.risk[event.resident], tally.people.priority[event.resident]] = [event.risk, event.priority];
      if (event.ticket > 0) tally.tickets.resident[event.ticket] = event.resident;
      break;
    case 'ticket.issued':
      worksAt(tally, event.device, 0);
      ticketIssued(tally, event, happenedAt(event));
      if (event.state === WAITING) changePerson(tally, event.resident, 0, ABSENT);
      break;
    case 'ticket.called':
      worksAt(tally, event.device, 0);
      ticketCalled(tally, event);
      stationOf(tally, event.station).stalled = false;
      break;
    case 'ticket.skipped': ticketSkipped(tally, event); break;
    case 'ticket.moved': ticketMoved(tally, event); break;
    case 'ticket.gone':
      ticketEnded(tally, event.ticket, GONE, event.at);
      changePerson(tally, event.resident, ABSENT, 0);
      break;
    case 'tube.opened': tubeOpened(tally, event); break;
    case 'swab.taken': swabTaken(tally, event); break;
    case 'swab.voided':
      changeSwabs(tally, event.resident, event.left);
      changeTube(tally, event.tube, (tube) => { tube.count--; });
      comesBack(tally, event.resident, tally.tubes.get(event.tube));
      break;
    case 'swab.moved': {
      const from = tally.tubes.get(event.from);
      changeTube(tally, event.from, (tube) => { tube.count--; });
      changeTube(tally, event.to, (tube) => {
        tube.count = Math.min(255, tube.count + 1);
        if (tube.firstSwabAt === 0) [tube.firstSwabAt, tube.lastSwabAt] = [from?.firstSwabAt ?? 0, from?.lastSwabAt ?? 0];
      });
      comesBack(tally, event.resident, from);
      answers(tally, event.resident, tally.tubes.get(event.to));
      break;
    }
    case 'tube.sealed': tubeSealed(tally, event); break;
    case 'tube.voided': {
      for (const resident of event.residents) {
        if (resident === 0) tally.total.unidentified--;
        else if ((tally.people.swabs[resident] ?? 0) > 0) {
          changeSwabs(tally, resident, (tally.people.swabs[resident] ?? 0) - 1);
          comesBack(tally, resident, tally.tubes.get(event.tube));
        }
      }
      changeTube(tally, event.tube, (tube) => { [tube.state, tube.count] = ['void', tube.count - event.residents.length]; });
      break;
    }
    case 'discrepancy.opened':
      tally.discrepancies.opened++;
      tally.discrepancies.byWord.set(event.what, (tally.discrepancies.byWord.get(event.what) ?? 0) + 1);
      break;
    case 'discrepancy.resolved': {
      tally.discrepancies.resolved++;
      const left = (tally.discrepancies.byWord.get(event.what) ?? 0) - 1;
      if (left > 0) tally.discrepancies.byWord.set(event.what, left);
      else tally.discrepancies.byWord.delete(event.what);
      if (event.identified > 0) {
        tally.total.unidentified--;
        changeSwabs(tally, event.identified, 1, tally.tubes.get(event.tube)?.station ?? 0);
      }
      break;
    }
    case 'box.opened': case 'box.sealed': case 'box.handedOver': case 'box.received': case 'box.reconciled':
      if (!tally.round.laboratory) foldBox(tally, event);
      break;
    case 'tube.packed': case 'tube.unpacked': case 'tube.missing': case 'tube.lost': case 'tube.leaked': case 'tube.found':
    case 'tube.received': case 'tube.rejected': case 'result.released': case 'result.waits':
      if (!tally.round.laboratory) tubeOnWay(tally, event);
      break;
    case 'recall.opened': case 'contact.recorded': case 'recall.settled': case 'recall.late': case 'recall.closed': foldRecall(tally, event); break;
    case 'resident.recalled':
      foldRecall(tally, event);
      changePerson(tally, event.resident, ALONE, 0);
      tally.recalled.set(event.resident, { recall: event.recall, toCome: true });
      break;
    case 'resident.freed':
      changePerson(tally, event.resident, event.single === 1 ? ALONE : 0, event.single === 1 ? 0 : ALONE);
      if (event.recall === 0) tally.recalled.delete(event.resident);
      else tally.recalled.set(event.resident, { recall: event.recall, toCome: event.recalled === 1 });
      break;
    // What a laboratory holds is its own record's; where a box goes and that it is late follows from the rest and the clock.
    case 'box.redirected': case 'box.late': case 'tube.late': case 'result.held': case 'result.parked': case 'box.expected': case 'tube.registered':
    case 'tube.claimed': case 'claim.lost':
    // Ages of tubes are told by the clock, and the system's own cell is not tallied.
    case 'tube.warned': case 'tube.overdue': case 'codes.reserved': case 'codes.printed': case 'records.carried':
    case 'device.paired': case 'device.moved': case 'device.revoked': case 'role.set': case 'personal.revealed':
      break;
    default: event satisfies never;
  }
  tally.position = event.id;
}

type Of<N extends LedgerEvent['event']> = Extract<LedgerEvent, { event: N }>;

// Tubes ------------------------------------------------------------------------------------------------------------------------------

function tubeOpened(tally: Tally, event: Of<'tube.opened'>): void {
  worksAt(tally, event.device, event.station);
  if (event.station > 0) stationOf(tally, event.station).stalled = false;
  const there = tally.tubes.get(event.tube);
  // A code that is on record already makes the tube contested and leaves it as it is; only the owner's late opening completes it.
  if (there && !(there.begun && there.state !== 'void' && (there.owner === event.device || there.owner === 0))) return;
  changeTube(tally, event.tube, (tube) => Object.assign(tube, { size: event.size, station: event.station, owner: event.device, begun: false }));
}

function swabTaken(tally: Tally, event: Of<'swab.taken'>): void {
  worksAt(tally, event.device, event.station);
  const there = tally.tubes.has(event.tube);
  changeTube(tally, event.tube, (tube) => {
    if (!there) Object.assign(tube, { size: event.size, owner: event.device, begun: true });
    // A packer's report may have been the first to speak of the tube.
    else if (tube.owner === 0) tube.owner = event.device;
    tube.count = event.count;
    if (tube.firstSwabAt === 0) tube.firstSwabAt = happenedAt(event);
    tube.lastSwabAt = Math.max(tube.lastSwabAt, happenedAt(event));
  });
  if (event.resident === 0) tally.total.unidentified++;
  else {
    changeSwabs(tally, event.resident, Math.min(255, (tally.people.swabs[event.resident] ?? 0) + 1), event.station);
    answers(tally, event.resident, tally.tubes.get(event.tube));
  }
  if (event.ticketFrom > 0) ticketEnded(tally, event.ticket, SERVED, event.at);
  countOne(tally.total.pace, tally.at);
  countInMinute(tally.minutes, 'swabs', tally.at);
  if (event.village > 0) countOne(villageOf(tally, event.village).pace, tally.at);
  if (event.station > 0) countOne(stationOf(tally, event.station).pace, tally.at);
}

function tubeSealed(tally: Tally, event: Of<'tube.sealed'>): void {
  changeTube(tally, event.tube, (tube) => {
    if (tube.state !== 'open') return;
    tube.state = 'sealed';
    countInMinute(tally.minutes, 'sealed', tally.at);
    if (tube.station === 0) return;
    const station = stationOf(tally, tube.station);
    station.stalled = false;
    measurePace(station, tube);
  });
}

/** As prelude.lua has it: now for an ask; for a report the device's time, corrected by its offset and never in the future. */
function happenedAt(event: LedgerEvent): number {
  return event.reported === 0 ? event.at : Math.max(0, Math.min(event.at, event.claimedAt + event.offset * 1000));
}

function changeTube(tally: Tally, code: string, change: (tube: TubeTally) => void): void {
  let tube = tally.tubes.get(code);
  if (tube) countTube(tally, tube, -1);
  else {
    tube = { code, state: 'open', size: 0, count: 0, station: 0, owner: 0, begun: false, firstSwabAt: 0, lastSwabAt: 0, answers: 0, box: 0, fate: 'none', lab: 'none', result: '' };
    tally.tubes.set(code, tube);
    tally.sums.opened++;
  }
  change(tube);
  countTube(tally, tube, 1);
  if (tube.state === 'open') tally.open.set(code, tube);
  else tally.open.delete(code);
}

/** What is told of a tube after its table. It may be the first that is told of it at all: its tablet is offline, and completes it later. */
function tubeOnWay(tally: Tally, event: TubeEvent): void {
  const there = tally.tubes.has(event.tube);
  changeTube(tally, event.tube, (tube) => {
    if (!there) Object.assign(tube, { begun: true, size: tally.round.rules?.poolSizes.normal ?? 0 });
    foldTubeOnWay(tally, tube, event);
  });
}

function countTube(tally: Tally, tube: TubeTally, sign: 1 | -1): void {
  const { sums, stations } = tally;
  countOnWay(tally, tube, sign);
  if (tube.state === 'sealed') {
    sums.sealed += sign;
    const filled = (sums.fill.get(tube.count) ?? 0) + sign;
    if (filled > 0) sums.fill.set(tube.count, filled);
    else sums.fill.delete(tube.count);
    if (tube.count < tube.size) sums.short += sign;
  } else if (tube.state === 'void') sums.void += sign;
  const station = stations.get(tube.station);
  if (!station) return;
  station.swabs += sign * tube.count;
  if (tube.state === 'open') station.openTubes += sign;
}

// People -----------------------------------------------------------------------------------------------------------------------------

function changePerson(tally: Tally, resident: number, set: number, clear: number): void {
  const people = grow(tally.people, resident);
  countPerson(tally, resident, -1);
  people.marks[resident] = ((people.marks[resident] ?? 0) | set) & ~clear;
  countPerson(tally, resident, 1);
}

/** Somebody is on the roster from now on. */
function enters(tally: Tally, resident: number, marks: number, { village, household, risk, priority, single }: { village: number; household: number; risk: number; priority: number; single: number }): void {
  const people = grow(tally.people, resident);
  [people.village[resident], people.household[resident], people.risk[resident], people.priority[resident]] = [village, household, risk, priority];
  changePerson(tally, resident, marks | (single === 1 ? ALONE : 0), 0);
}

/** As recalls.lua has it: a recalled person's swab in a tube of their own answers the recall ... */
function answers(tally: Tally, resident: number, tube: TubeTally | undefined): void {
  const called = tally.recalled.get(resident);
  if (!called?.toCome || tube?.size !== 1 || tube.state === 'void') return;
  tube.answers = Math.max(tube.answers, called.recall);
  called.toCome = false;
}

/** ... and when it is taken out of that tube they have to come again. */
function comesBack(tally: Tally, resident: number, tube: TubeTally | undefined): void {
  const called = tally.recalled.get(resident);
  if (called && tube?.size === 1 && tube.answers >= called.recall) called.toCome = true;
}

/** `station` counts only for somebody who had no swab: a person is sampled where the first active swab was taken. */
function changeSwabs(tally: Tally, resident: number, swabs: number, station?: number): void {
  const people = grow(tally.people, resident);
  countPerson(tally, resident, -1);
  if (station !== undefined && people.swabs[resident] === 0) people.station[resident] = station;
  people.swabs[resident] = swabs;
  countPerson(tally, resident, 1);
}

function countPerson(tally: Tally, resident: number, sign: 1 | -1): void {
  const { swabs, marks, village, station } = tally.people;
  const mark = marks[resident] ?? 0;
  if (mark === 0) return;
  const taken = swabs[resident] ?? 0;
  for (const sum of [tally.total, villageOf(tally, village[resident] ?? 0)]) {
    sum.residents += sign;
    sum.swabs += sign * taken;
    if (mark & WALK_IN) sum.walkIns += sign;
    if (taken > 0) sum.sampled += sign;
    else if (mark & EXCUSED) sum.excused += sign;
    else if (mark & ABSENT) sum.absent += sign;
  }
  const at = taken > 0 ? tally.stations.get(station[resident] ?? 0) : undefined;
  if (at) at.sampled += sign;
}

// Places, devices -----------------------------------------------------------------------------------------------------------

function villageOf({ villages }: Tally, ordinal: number): VillageTally {
  let village = villages.get(ordinal);
  if (!village) {
    village = { ...noPeople(), name: '', site: 0, team: '', pace: newPace() };
    villages.set(ordinal, village);
  }
  return village;
}

function stationOf({ stations }: Tally, ordinal: number): StationTally {
  let station = stations.get(ordinal);
  if (!station) {
    station = { code: '', site: 0, state: 'closed', stalled: false, sampled: 0, swabs: 0, waiting: 0, called: 0, openTubes: 0, pace: newPace(), personMs: 0, lastSwabAt: 0 };
    stations.set(ordinal, station);
  }
  return station;
}

function deviceOf({ devices }: Tally, ordinal: number): DeviceTally {
  let device = devices.get(ordinal);
  if (!device) {
    device = { name: '', epoch: '', lastAt: 0, field: false, station: 0, suspect: false };
    devices.set(ordinal, device);
  }
  return device;
}

function worksAt(tally: Tally, ordinal: number, station: number): void {
  if (ordinal === 0) return;
  const device = deviceOf(tally, ordinal);
  device.field = true;
  if (station > 0) device.station = station;
}
