// The twin's steps of the command post, the desk, the queue and the clock.

import { priorityClasses } from '../../src/domain/reasons.js';
import { minute } from '../support.js';
import type { Act, Model, Station, Steps, Ticket, Tube } from './model.js';
import { seal, voidTube } from './modelTubes.js';

const byPlace = (a: Ticket, b: Ticket) => a.place - b.place || a.n - b.n;
const at = (model: Model, ordinal: number, state: Ticket['state']) => model.tickets.filter((one) => one.station === ordinal && one.state === state).sort(byPlace);
const ahead = (model: Model, ordinal: number) => at(model, ordinal, 'waiting').length + at(model, ordinal, 'called').length;
const pace = (model: Model, station: Station) => station.pace || model.rules.secondsPerPerson * 1000;

/** Sites a village may go to. */
function sitesOf(model: Model, village: string | undefined, desk: number): readonly number[] {
  if (model.rules.assignment.rule === 'any') return [...(desk > 0 ? [desk] : []), ...model.sites.map((_, i) => i + 1).filter((site) => site !== desk)];
  const own = (village && model.villages.get(village)) || [];
  return own.length === 0 ? [desk] : model.rules.assignment.rule === 'own' ? own.slice(0, 1) : own;
}

/** The open station where a party of this size is served soonest; a stalled one only when there is no other, `moving` never. */
function choose(model: Model, sites: readonly number[], size: number, except = 0, moving = false): Station | undefined {
  const open = sites.flatMap((site) => model.stations.filter((one) => one.site === site && one.state === 'open' && one.ordinal !== except && !(moving && one.stalled)));
  const cost = (one: Station) => (ahead(model, one.ordinal) + size) * pace(model, one) + (one.stalled ? 86_400_000 : 0);
  return open.reduce<Station | undefined>((best, one) => (!best || cost(one) < cost(best) ? one : best), undefined);
}

function move(model: Model, act: Act, ticket: Ticket, to: Station): void {
  act.events.push(`ticket.moved ${ticket.n} ${ticket.station}>${to.ordinal}`);
  ticket.station = to.ordinal;
  if (ticket.state === 'called') ticket.state = 'waiting';
  if (ticket.state === 'waiting') model.dueFirst(`stall:${to.ordinal}`, model.now + model.rules.stallMinutes * minute);
}

/** The people of a station go to others, the called first, parties undivided; those for whom nothing is open stay. */
function handOn(model: Model, act: Act, { ordinal, site }: { ordinal: number; site: number }, moving = false): void {
  const places = new Map<number, Station | undefined>();
  let [moved, stayed, more] = [0, 0, false];
  for (const state of ['called', 'waiting'] as const) {
    const list = at(model, ordinal, state);
    for (const ticket of list) {
      if (moved >= 50 && !places.has(ticket.party)) { more = true; break; }
      if (!places.has(ticket.party)) {
        const size = list.filter(({ party }) => party === ticket.party).length;
        places.set(ticket.party, choose(model, [site], size, ordinal, moving) ?? choose(model, sitesOf(model, model.residents[ticket.resident - 1]?.village, ticket.site), size, ordinal, moving));
      }
      const to = places.get(ticket.party);
      if (to) { move(model, act, ticket, to); moved += 1; } else stayed += 1;
    }
  }
  if (more) model.deadlines.set(`handOn:${ordinal}`, model.now);
  else if (stayed > 0) model.deadlines.set(`handOn:${ordinal}`, model.now + minute);
  else model.deadlines.delete(`handOn:${ordinal}`);
}

/** The station of this code in one of these states; else the step is against the record. */
function standing(model: Model, act: Act, code: string, ...states: Station['state'][]): Station {
  const station = model.station(code);
  if (!station) model.against(act, 'station_unknown');
  else if (!states.includes(station.state)) model.against(act, 'station_not_open');
  return station as Station;
}

const due: Record<string, (model: Model, act: Act, subject: string) => void> = {
  warn(model, act, code) {
    const tube = model.tubes.get(code);
    if (tube?.state !== 'open') return;
    tube.warned = true;
    act.events.push(`tube.warned ${code}`);
    model.deadlines.set(`seal:${code}`, tube.firstSwabAt + model.rules.tubeSealMinutes * minute);
  },
  seal(model, act, code) {
    const tube = model.tubes.get(code);
    if (tube?.state !== 'open') return;
    if (!tube.begun && model.confirmed(act, tube.owner)) {
      if (model.active(tube).length === 0) voidTube(model, act, tube, 'unused');
      else seal(model, act, tube, model.stations[tube.station - 1]?.state === 'closed' ? 'station_closed' : 'timer');
      return;
    }
    if (!tube.overdue) act.events.push(`tube.overdue ${code}`);
    tube.overdue = true;
    model.deadlines.set(`seal:${code}`, model.now + minute);
  },
  kept(model, act, n) {
    const ticket = model.tickets[Number(n) - 1] as Ticket;
    if (ticket.state !== 'skipped') return;
    ticket.state = 'gone';
    act.events.push(`ticket.gone ${n}`);
  },
  handOn(model, act, ordinal) {
    const station = model.stations[Number(ordinal) - 1] ?? { ordinal: 0, site: 0, state: 'closed' };
    if (station.state === 'paused' || station.state === 'closed') handOn(model, act, station);
  },
  stall(model, act, ordinal) {
    const station = model.stations[Number(ordinal) - 1] as Station;
    const first = at(model, station.ordinal, 'waiting')[0] ?? at(model, station.ordinal, 'called')[0];
    if (!first || station.state === 'paused' || station.state === 'closed') return;
    const came = first.place + (first.priority > 0 ? model.rules.priorityLeadMinutes * minute : 0);
    const last = Math.max(station.lastSwabAt, station.openedAt, came, ...station.tubes.map((code) => (model.tubes.get(code) as Tube).lastSwabAt));
    const patience = model.rules.stallMinutes * minute;
    if (model.now - last < patience) { model.deadlines.set(`stall:${ordinal}`, last + patience); return; }
    if (!station.stalled) act.events.push(`station.stalled ${ordinal}`);
    station.stalled = true;
    handOn(model, act, station, true);
    model.deadlines.delete(`handOn:${ordinal}`);
    model.deadlines.set(`stall:${ordinal}`, model.now + patience);
  },
  excuse(model, act, n) {
    const resident = model.residents[Number(n) - 1];
    if (!resident?.excused || resident.deceased) return;
    resident.excused = false;
    act.events.push(`resident.expected ${n}`);
  },
};

export const queueSteps: Steps = {
  enrolResidents(model, act, { residents }) {
    let count = 0;
    for (const row of residents) {
      if (row.index && model.indexes.has(row.index)) continue;
      const n = model.residents.length + 1;
      if (row.index) model.indexes.set(row.index, n);
      model.residents.push({ n, excused: false, deceased: false, single: row.single, risk: row.risk, priority: priorityClasses.indexOf(row.priority), village: row.village, household: row.household, ticket: 0 });
      count += 1;
    }
    act.events.push(`residents.enrolled ${count}`);
  },
  registerWalkIn(model, act, { index, village, household, risk, priority, single }) {
    const there = index ? model.indexes.get(index) : undefined;
    if (there && !act.reported) model.against(act, 'resident_known');
    if (!model.villages.has(village)) {
      model.villages.set(village, []);
      act.events.push(`village.named ${village}`);
    }
    const n = there ?? model.residents.length + 1;
    if (!there) {
      if (index) model.indexes.set(index, n);
      model.residents.push({ n, excused: false, deceased: false, single, risk, priority: priorityClasses.indexOf(priority), village, household, ticket: 0 });
    }
    act.registered = n;
    act.events.push(`resident.registered ${n}`);
    model.openDiscrepancies(act, '', n);
  },
  excuseResident(model, act, { resident: ref, reason, until }) {
    const resident = model.resident(act, ref);
    if (!resident) { model.against(act, 'resident_unknown'); return; }
    if (model.swabs(resident.n) > 0) model.against(act, 'already_sampled');
    resident.excused = true;
    if (reason === 'deceased') resident.deceased = true;
    act.events.push(`resident.excused ${resident.n}`);
    if (until) model.deadlines.set(`excuse:${resident.n}`, until);
    else model.deadlines.delete(`excuse:${resident.n}`);
  },
  openStation(model, act, { station: code, site: name }) {
    const site = model.sites.indexOf(name) + 1;
    if (site === 0) model.against(act, 'site_unknown');
    const there = model.station(code);
    if (there && there.site !== site) model.against(act, 'station_elsewhere');
    if (there?.state === 'open') model.against(act, 'station_open');
    const station: Station = there ?? { ordinal: model.stations.length + 1, code, site, state: 'open', stalled: false, pace: 0, lastSwabAt: 0, openedAt: 0, tubes: [] };
    if (!there) model.stations.push(station);
    Object.assign(station, { state: 'open', stalled: false, openedAt: model.now });
    model.deadlines.delete(`handOn:${station.ordinal}`);
    act.events.push(`station.opened ${station.ordinal}`);
    if (ahead(model, station.ordinal) > 0) model.dueFirst(`stall:${station.ordinal}`, model.now + model.rules.stallMinutes * minute);
  },
  pauseStation(model, act, { station: code }) {
    const station = standing(model, act, code, 'open', 'draining');
    Object.assign(station, { state: 'paused', stalled: false });
    act.events.push(`station.paused ${station.ordinal}`);
    handOn(model, act, station);
  },
  drainStation(model, act, { station: code }) {
    const station = standing(model, act, code, 'open');
    station.state = 'draining';
    act.events.push(`station.draining ${station.ordinal}`);
  },
  closeStation(model, act, { station: code }) {
    const station = standing(model, act, code, 'open', 'draining', 'paused');
    Object.assign(station, { state: 'closed', stalled: false });
    act.events.push(`station.closed ${station.ordinal}`);
    for (const tube of station.tubes.map((one) => model.tubes.get(one) as Tube)) {
      if (!model.confirmed(act, tube.owner)) model.deadlines.set(`seal:${tube.code}`, model.now);
      else if (model.active(tube).length === 0) voidTube(model, act, tube, 'unused');
      else seal(model, act, tube, 'station_closed');
    }
    handOn(model, act, station);
  },
  issueTicket(model, act, { site: name, party, station: given, priority: asked }) {
    const site = model.sites.indexOf(name) + 1;
    if (site === 0) model.against(act, 'site_unknown');
    let to = given ? model.station(given) : undefined;
    if (given && !to) model.against(act, 'station_unknown');
    const people: { n: number; number: string; state: Ticket['state'] }[] = [];
    const named = new Set<string>();
    for (const { resident: ref, number } of party) {
      const resident = model.resident(act, ref);
      if (!resident) { model.against(act, 'resident_unknown'); continue; }
      if (people.some(({ n }) => n === resident.n)) { model.against(act, 'ticket_open'); continue; }
      if (resident.deceased) model.against(act, 'resident_deceased');
      const [sampled, open] = [model.swabs(resident.n) > 0, model.openTicket(resident)];
      if (sampled && !act.reported) model.against(act, 'already_sampled');
      if (open && !act.reported) model.against(act, 'ticket_open');
      if (model.numbers.has(`${site}:${number}`) || named.has(number)) model.against(act, 'ticket_number_used');
      named.add(number);
      people.push({ n: resident.n, number, state: open ? 'gone' : sampled ? 'served' : 'waiting' });
    }
    const residents = people.map(({ n }) => model.residents[n - 1] as Model['residents'][0]);
    const priority = (asked ? priorityClasses.indexOf(asked) : 0) || (residents.find((one) => one.priority > 0)?.priority ?? 0);
    if (!to) {
      to = choose(model, sitesOf(model, residents[0]?.village, site), people.length) ?? (site > 0 ? choose(model, [site], people.length) : undefined);
      if (!to && !act.reported) model.against(act, 'no_station_open');
    }
    const before = to ? ahead(model, to.ordinal) : 0;
    const wait = to && people.length > 0 ? Math.floor((pace(model, to) * before) / 1000) : 0;
    const came = model.happenedAt(act);
    const place = priority > 0 ? Math.max(0, came - model.rules.priorityLeadMinutes * minute) : came;
    const first = model.tickets.length + 1;
    for (const { n, number, state } of people) {
      const ticket: Ticket = { n: model.tickets.length + 1, state, resident: n, station: to?.ordinal ?? 0, site: to?.site ?? site, party: first, priority, place, absences: 0 };
      model.tickets.push(ticket);
      model.numbers.set(`${site}:${number}`, ticket.n);
      if (state === 'waiting') (model.residents[n - 1] as Model['residents'][0]).ticket = ticket.n;
      act.events.push(`ticket.issued ${ticket.n} ${n} ${ticket.station} ${before} ${wait} ${state}`);
    }
    if (people.some(({ state }) => state === 'waiting')) {
      if (to && (to.state === 'open' || to.state === 'draining')) model.dueFirst(`stall:${to.ordinal}`, model.now + model.rules.stallMinutes * minute);
      else model.dueFirst(`handOn:${to?.ordinal ?? 0}`, to ? model.now : model.now + minute);
    }
    model.openDiscrepancies(act, '', people[0]?.n ?? 0);
  },
  callNext(model, act, { station: code }) {
    const station = standing(model, act, code, 'open', 'draining');
    const list = at(model, station.ordinal, 'waiting');
    if (list.length === 0) model.against(act, 'queue_empty');
    const party = list.slice(0, 20).filter((one) => one.party === list[0]?.party);
    for (const ticket of party) {
      ticket.state = 'called';
      act.events.push(`ticket.called ${ticket.n}`);
    }
    station.stalled = false;
    if (model.rules.household !== 'together') return;
    const left = model.partyLeft(party[0]?.party ?? 0);
    for (const tube of station.tubes.map((one) => model.tubes.get(one) as Tube)) {
      const count = model.active(tube).length;
      if (tube.size > 1 && tube.owner === act.device.key && count > 0 && left > tube.size - count && left <= tube.size) seal(model, act, tube, 'party');
    }
  },
  skipTicket(model, act, { resident: ref }) {
    const resident = model.resident(act, ref);
    if (!resident) { model.against(act, 'resident_unknown'); return; }
    const ticket = model.openTicket(resident);
    if (!ticket) { model.against(act, 'ticket_unknown'); return; }
    if (ticket.state !== 'called') model.against(act, 'ticket_not_called');
    ticket.absences += 1;
    if (ticket.absences >= model.rules.absencesMax) {
      ticket.state = 'skipped';
      model.deadlines.set(`kept:${ticket.n}`, model.now + model.rules.keepSkippedMinutes * minute);
    } else {
      const behind = at(model, ticket.station, 'waiting').slice(0, 2).at(-1);
      ticket.state = 'waiting';
      if (behind) ticket.place = Math.max(ticket.place, behind.place + 1);
    }
    act.events.push(`ticket.skipped ${ticket.n} ${ticket.absences} ${ticket.state}`);
  },
  moveTicket(model, act, { resident: ref, station: code }) {
    const to = standing(model, act, code, 'open');
    const resident = model.resident(act, ref);
    if (!resident) { model.against(act, 'resident_unknown'); return; }
    const ticket = model.openTicket(resident);
    if (!ticket) { model.against(act, 'ticket_unknown'); return; }
    if (ticket.state === 'skipped') {
      model.deadlines.delete(`kept:${ticket.n}`);
      Object.assign(ticket, { state: 'waiting', absences: 0 });
    }
    move(model, act, ticket, to);
  },
  settleQuarantined(model, act, { device, epoch, number }) {
    const record = `${device}:${epoch}:${number}`;
    const state = model.quarantined.get(record);
    if (!state) model.against(act, 'record_unknown');
    if (state === 'settled') model.against(act, 'record_settled');
    model.quarantined.set(record, 'settled');
    act.events.push('record.settled');
  },
  writeOffDevice(model, act, { device: name, epoch, secondBy }) {
    if (name === act.device.name) model.against(act, 'device_present');
    const device = model.devices.get(`${name}:${epoch}`);
    if (!device) { model.against(act, 'device_unknown'); return; }
    if (act.by === '' || secondBy === act.by) model.against(act, 'second_person_needed');
    const missing = model.missing(device);
    if (missing.length === 0) model.against(act, 'nothing_missing');
    for (const n of missing) device.journal.set(n, { is: 'lost', content: '', answer: { outcome: 'quarantined' } });
    device.listed = false;
    act.events.push(`device.writtenOff ${missing.length}`);
  },
  closeRound(model, act) {
    const kinds = new Set([...model.unfinished()].map((what) => what.split(':')[0]));
    if (kinds.has('tube')) model.against(act, 'tubes_unfinished');
    if (kinds.has('device')) model.against(act, 'devices_unfinished');
    if (kinds.size > 0) model.against(act, 'discrepancies_open');
    model.closed = true;
    act.events.push('round.closed');
  },
  advanceClock(model, act, { to }) {
    if (to < model.now) model.against(act, 'clock_backwards');
    model.now = to;
    act.events.push('clock.advanced');
  },
  runDue(model, act, { limit }) {
    const list = [...model.deadlines].filter(([, time]) => time <= model.now).sort(([a, x], [b, y]) => x - y || (a < b ? -1 : 1)).slice(0, limit);
    for (const [name] of list) {
      model.deadlines.delete(name);
      const [kind, subject] = name.split(':') as [string, string];
      due[kind]?.(model, act, subject);
    }
  },
};
