// The twin's steps at the station and of those who look after tubes, swabs and discrepancies.

import { minute } from '../support.js';
import type { Act, Model, Resident, Station, Steps, Tube } from './model.js';

const secondMissing = (act: Act, secondBy: string | undefined) => !secondBy || secondBy === act.by;

/** Milliseconds one person takes here, learnt from a tube that is being sealed: from the last swab of the tube before if this one followed
 *  within five minutes, else from its own first swab; smoothed, and never below 5 s or above 10 minutes. */
function learnPace(station: Station, tube: Tube, count: number): void {
  if (count === 0 || tube.lastSwabAt === 0) return;
  const gap = tube.firstSwabAt - station.lastSwabAt;
  let each: number | undefined;
  if (station.lastSwabAt > 0 && gap >= 0 && gap < 5 * minute) each = (tube.lastSwabAt - station.lastSwabAt) / count;
  else if (count > 1) each = (tube.lastSwabAt - tube.firstSwabAt) / (count - 1);
  station.lastSwabAt = Math.max(station.lastSwabAt, tube.lastSwabAt);
  if (each === undefined || each <= 0) return;
  each = Math.min(600_000, Math.max(5_000, each));
  station.pace = Math.floor(station.pace === 0 ? each : station.pace * 0.7 + each * 0.3);
}

const leave = (model: Model, tube: Tube): void => {
  for (const station of model.stations) station.tubes = station.tubes.filter((code) => code !== tube.code);
  model.deadlines.delete(`warn:${tube.code}`);
  model.deadlines.delete(`seal:${tube.code}`);
};

export function seal(model: Model, act: Act, tube: Tube, reason: string, counted?: number): void {
  const station = model.stations[tube.station - 1];
  const count = model.active(tube).length;
  if (station) {
    learnPace(station, tube, count);
    station.stalled = false;
  }
  leave(model, tube);
  Object.assign(tube, { state: 'sealed', reason, counted, sealedBy: act.device.key, sealedNumber: act.number });
  act.events.push(`tube.sealed ${tube.code} ${reason} ${count}`);
}

export function voidTube(model: Model, act: Act, tube: Tube, reason: string): void {
  const out = model.active(tube);
  const before = new Map(out.map(({ resident }) => [resident, model.swabs(resident)]));
  for (const member of out) member.is = 'void';
  const unsampled = out.map(({ resident }) => resident).filter((n, i, all) => n > 0 && (before.get(n) ?? 0) > 0 && model.swabs(n) === 0 && all.indexOf(n) === i);
  leave(model, tube);
  tube.state = 'void';
  act.events.push(`tube.voided ${tube.code} ${reason} [${out.map(({ resident }) => resident)}] [${unsampled.sort((a, b) => a - b)}]`);
}

/** The first to go in decides whom the tube is for. */
const begin = (tube: Tube, resident: Resident | undefined): void => {
  tube.household = resident?.household ?? 0;
  if (resident && tube.size > 1) tube.risk = resident.risk;
};

const fence = (code: string): boolean => !/^[13]\d{11}$/.test(code) || code[1] === '9';

export const tubeSteps: Steps = {
  openTube(model, act, { tube: code, station: at, risk, size: asked }) {
    const station = model.station(at);
    if (!station) model.against(act, 'station_unknown');
    else if (station.state === 'paused' || station.state === 'closed') model.against(act, 'station_not_open');
    if (!fence(code)) model.against(act, 'wrong_fence');
    const there = model.tubes.get(code);
    const begun = there?.begun === true && there.owner === act.device.key && there.state !== 'void';
    if (there && !begun) model.against(act, 'tube_code_used');
    const size = asked ?? model.poolSize(risk);
    if (size > model.poolSize(risk)) model.against(act, 'size_not_allowed');
    if (begun && model.active(there).length > size) model.against(act, 'tube_full');

    if (station && size > 1) {
      for (const other of station.tubes.map((one) => model.tubes.get(one) as Tube)) {
        if (other.owner !== act.device.key || other.size === 1 || other.code === code) continue;
        if (model.active(other).length === 0) voidTube(model, act, other, 'replaced');
        else seal(model, act, other, 'next_tube');
      }
    }
    if (station) station.stalled = false;
    if (there && !begun) {
      model.openDiscrepancies(act, code, 0);
      act.events.push(`tube.opened ${code} ${size}`);
      return;
    }
    act.events.push(`tube.opened ${code} ${size}`);
    model.openDiscrepancies(act, code, 0);
    const tube: Tube = there ?? { code, size, risk, household: 0, state: 'open', begun: false, warned: false, overdue: false, station: 0, owner: act.device.key, members: [], firstSwabAt: 0, lastSwabAt: 0 };
    model.tubes.set(code, tube);
    Object.assign(tube, { size, begun: false, station: station?.ordinal ?? 0 });
    if (model.active(tube).length === 0) tube.risk = risk;
    if (tube.state !== 'open') return;
    station?.tubes.push(code);
    if (model.active(tube).length >= size) seal(model, act, tube, 'full');
  },

  takeSwab(model, act, { resident: ref, tube: code }) {
    const resident = model.resident(act, ref);
    const n = resident?.n ?? 0;
    const before = resident ? model.swabs(n) : 0;
    if (!resident) model.against(act, 'resident_unknown');
    else {
      if (resident.deceased) model.against(act, 'resident_deceased');
      if (before > 0) model.against(act, 'already_sampled');
    }
    if (!fence(code)) model.against(act, 'wrong_fence');
    let tube = model.tubes.get(code);
    if (!tube) {
      model.against(act, 'tube_unknown');
      tube = { code, size: model.poolSize('normal'), risk: resident?.risk ?? 'normal', household: 0, state: 'open', begun: true, warned: false, overdue: false, station: 0, owner: act.device.key, members: [], firstSwabAt: 0, lastSwabAt: 0 };
    }
    const count = model.active(tube).length;
    const pool = tube.size > 1;
    if (tube.state === 'void') model.against(act, 'tube_voided');
    else {
      const late = tube.state === 'sealed' && act.reported && tube.sealedBy === act.device.key && act.number < (tube.sealedNumber ?? 0);
      if (count >= tube.size) model.against(act, 'tube_full');
      else if (tube.state === 'sealed' && !late) model.against(act, 'tube_sealed');
    }
    if (resident) {
      if (resident.single && pool) model.against(act, 'single_tube_only');
      if (pool && (count > 0 ? resident.risk !== tube.risk : model.poolSize(resident.risk) < tube.size)) model.against(act, 'risk_group_differs');
      if (model.rules.household === 'own' && pool && count > 0 && resident.household !== tube.household) model.against(act, 'household_differs');
    }
    const ticket = resident && model.openTicket(resident);
    if (ticket && !act.reported && model.rules.household === 'together' && pool && count > 0) {
      const left = model.partyLeft(ticket.party);
      if (left > tube.size - count && left <= tube.size) model.against(act, 'party_does_not_fit');
    }
    if (act.reported && tube.owner !== act.device.key) model.against(act, 'tube_not_owned');

    const at = model.happenedAt(act);
    model.tubes.set(code, tube);
    if (tube.firstSwabAt === 0) tube.firstSwabAt = at;
    if (count === 0) begin(tube, resident);
    tube.lastSwabAt = Math.max(tube.lastSwabAt, at);
    const was = ticket?.state;
    if (ticket) model.endTicket(ticket, 'served');
    tube.members.push({ resident: n, is: 'active', second: before > 0 });
    act.events.push(`swab.taken ${n} ${code} ${count + 1} ${was ?? ''}`);
    model.openDiscrepancies(act, code, n);
    if (tube.state !== 'open') return;
    if (!tube.begun && count + 1 >= tube.size) seal(model, act, tube, 'full');
    else if (count === 0) model.dueFirst(`warn:${code}`, at + model.rules.tubeWarnMinutes * minute);
  },

  voidSwab(model, act, { resident: ref, tube: code, secondBy }) {
    const resident = model.resident(act, ref);
    if (!resident) model.against(act, 'resident_unknown');
    const tube = model.tubes.get(code);
    if (!tube) model.against(act, 'tube_unknown');
    const member = resident && tube && model.active(tube).find((one) => one.resident === resident.n);
    if (resident && tube && !member) model.against(act, 'swab_unknown');
    if (tube && tube.state !== 'open' && secondMissing(act, secondBy)) model.against(act, 'second_person_needed');
    if (member && resident && tube) {
      member.is = 'void';
      act.events.push(`swab.voided ${resident.n} ${code} ${model.swabs(resident.n)}`);
    }
    model.openDiscrepancies(act, tube ? code : '', resident?.n ?? 0);
  },

  moveSwab(model, act, { resident: ref, from: fromCode, to: toCode, secondBy }) {
    if (fromCode === toCode) model.against(act, 'same_tube');
    const resident = model.resident(act, ref);
    if (!resident) model.against(act, 'resident_unknown');
    const [from, to] = [model.tubes.get(fromCode), model.tubes.get(toCode)];
    if (!from || !to) model.against(act, 'tube_unknown');
    if (to?.state === 'void') model.against(act, 'tube_voided');
    const member = resident && from && model.active(from).find((one) => one.resident === resident.n);
    if (from && resident && !member) model.against(act, 'swab_unknown');
    if (to && model.active(to).length >= to.size) model.against(act, 'tube_full');
    if (to && resident?.single && to.size > 1) model.against(act, 'single_tube_only');
    if (from && to && (from.state !== 'open' || to.state !== 'open') && secondMissing(act, secondBy)) model.against(act, 'second_person_needed');
    if (!resident || !member || !from || !to || from === to) {
      model.openDiscrepancies(act, from ? fromCode : to ? toCode : '', resident?.n ?? 0);
      return;
    }
    if (model.active(to).length === 0) begin(to, resident);
    if (to.firstSwabAt === 0) Object.assign(to, { firstSwabAt: from.firstSwabAt, lastSwabAt: from.lastSwabAt });
    member.is = 'moved';
    to.members.push({ ...member, is: 'active' });
    act.events.push(`swab.moved ${resident.n} ${fromCode} ${toCode}`);
    model.openDiscrepancies(act, toCode, resident.n);
    if (to.state !== 'open') return;
    if (!to.begun && model.active(to).length >= to.size) seal(model, act, to, 'full');
    else model.dueFirst(`warn:${toCode}`, to.firstSwabAt + model.rules.tubeWarnMinutes * minute);
  },

  sealTube(model, act, { tube: code, reason, counted }) {
    const tube = model.tubes.get(code);
    if (!tube) {
      model.against(act, 'tube_unknown');
      model.openDiscrepancies(act, '', 0);
      return;
    }
    const count = model.active(tube).length;
    if (tube.state === 'void') model.against(act, 'tube_voided');
    // Reported for a tube that is sealed already: closed, as both say.
    else if (tube.state === 'sealed') { if (!act.reported) model.against(act, 'tube_sealed'); }
    else if (count === 0) model.against(act, 'tube_empty');
    if (counted !== undefined && counted !== count) model.against(act, 'count_differs');
    if (tube.state === 'open') seal(model, act, tube, reason, counted);
    else {
      act.events.push(`tube.sealed ${code} ${reason} ${count}`);
      if (counted !== undefined) tube.counted = counted;
      // The owner says when it closed the vial: its swabs before that came late.
      if (tube.state === 'sealed' && tube.owner === act.device.key && tube.sealedBy !== act.device.key) Object.assign(tube, { sealedBy: act.device.key, sealedNumber: act.number });
    }
    model.openDiscrepancies(act, code, 0);
  },

  voidTube(model, act, { tube: code, reason, secondBy }) {
    const tube = model.tubes.get(code);
    if (!tube) {
      model.against(act, 'tube_unknown');
      model.openDiscrepancies(act, '', 0);
      return;
    }
    // Reported once more, what was reported into it since is gone with it.
    if (tube.state === 'void' && !act.reported) model.against(act, 'tube_voided');
    if (model.active(tube).length > 0 && secondMissing(act, secondBy)) model.against(act, 'second_person_needed');
    voidTube(model, act, tube, reason);
    model.openDiscrepancies(act, code, 0);
  },

  resolveDiscrepancy(model, act, { discrepancy, resolution, resident: ref }) {
    const found = model.discrepancies[Number(discrepancy) - 1];
    if (!found) { model.against(act, 'discrepancy_unknown'); return; }
    if (!found.open) model.against(act, 'discrepancy_resolved');
    if (resolution === 'identified') {
      const resident = ref ? model.resident(act, ref) : undefined;
      const tube = model.tubes.get(found.tube);
      const nobody = tube && model.active(tube).find((member) => member.resident === 0);
      if (!resident || !nobody || found.what !== 'resident_unknown') { model.against(act, 'resident_unknown'); return; }
      if (model.swabs(resident.n) > 0) model.against(act, 'already_sampled');
      Object.assign(nobody, { resident: resident.n, second: false });
    }
    found.open = false;
    act.events.push(`discrepancy.resolved ${found.n} ${resolution}`);
  },
};
