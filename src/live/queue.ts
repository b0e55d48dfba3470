// The queue as the stream tells of it: who waits where and in which order, who was called, and how long somebody who comes now will wait.
//
// It is the record's queue over again (issueTicket.lua, skipTicket.lua, assignment.lua, and measurePace in prelude.lua), and test/live holds
// the two against each other: the fold knows the printed numbers beside it, which the record keeps only the other way round.

import type { LedgerEvent } from '../domain/events.js';
import { type Call, grow, type StationTally, type Tally, type TubeTally } from './tally.js';

const WAITING = 1;
const CALLED = 2;
const KEPT = 5;

const minuteMs = 60_000;
/** Calls a board shows. */
const callsKept = 10;

type Of<N extends LedgerEvent['event']> = Extract<LedgerEvent, { event: N }>;

export function ticketIssued(tally: Tally, event: Of<'ticket.issued'>, at: number): void {
  const tickets = grow(tally.tickets, event.ticket);
  const n = event.ticket;
  [tickets.resident[n], tickets.number[n], tickets.priority[n], tickets.site[n]] = [event.resident, packNumber(event.number), event.priority, event.site];
  tickets.place[n] = event.priority > 0 ? Math.max(0, at - (tally.round.rules?.priorityLeadMinutes ?? 0) * minuteMs) : at;
  [tickets.issuedAt[n], tickets.changedAt[n]] = [at, at];
  changeTicket(tally, n, event.state, event.station);
}

export function ticketCalled(tally: Tally, { ticket, station, at }: Of<'ticket.called'>): void {
  const { calls, number, changedAt } = grow(tally.tickets, ticket);
  const again = (calls[ticket] ?? 0) > 0;
  [calls[ticket], changedAt[ticket]] = [Math.min(255, (calls[ticket] ?? 0) + 1), at];
  changeTicket(tally, ticket, CALLED, station);
  const site = tally.stations.get(station)?.site ?? 0;
  const call: Call = { number: unpackNumber(number[ticket] ?? 0), station, at, again };
  tally.calls.set(site, [call, ...(tally.calls.get(site) ?? [])].slice(0, callsKept));
}

export function ticketSkipped(tally: Tally, { ticket, station, state, at }: Of<'ticket.skipped'>): void {
  const { place, changedAt } = grow(tally.tickets, ticket);
  if (state === WAITING) {
    // Behind the next two.
    const ahead = waitingAt(tally, station).filter((other) => other !== ticket).slice(0, 2).at(-1);
    if (ahead !== undefined) place[ticket] = Math.max(place[ticket] ?? 0, (place[ahead] ?? 0) + 1);
  }
  changedAt[ticket] = at;
  changeTicket(tally, ticket, state, station);
}

export const ticketMoved = (tally: Tally, { ticket, to }: Of<'ticket.moved'>): void => changeTicket(tally, ticket, WAITING, to);

/** Served or gone. */
export function ticketEnded(tally: Tally, ticket: number, state: number, at: number): void {
  const { changedAt, station } = grow(tally.tickets, ticket);
  changedAt[ticket] = at;
  changeTicket(tally, ticket, state, station[ticket] ?? 0);
}

function changeTicket(tally: Tally, ticket: number, state: number, station: number): void {
  const tickets = grow(tally.tickets, ticket);
  countTicket(tally, ticket, tickets.state[ticket] ?? 0, tickets.station[ticket] ?? 0, -1);
  [tickets.state[ticket], tickets.station[ticket]] = [state, station];
  countTicket(tally, ticket, state, station, 1);
}

function countTicket({ total, stations, queue }: Tally, ticket: number, state: number, station: number, sign: 1 | -1): void {
  if (state === KEPT) {
    if (sign > 0) queue.kept.add(ticket);
    else queue.kept.delete(ticket);
  }
  if (state !== WAITING && state !== CALLED) return;
  const what = state === WAITING ? 'waiting' : 'called';
  total[what] += sign;
  const at = stations.get(station);
  if (at) at[what] += sign;
  let here = queue.at.get(station);
  if (!here) queue.at.set(station, (here = new Set()));
  if (sign > 0) here.add(ticket);
  else here.delete(ticket);
}

const inOrder = ({ tickets: { place } }: Tally, list: number[]): number[] => list.sort((a, b) => (place[a] ?? 0) - (place[b] ?? 0) || a - b);

/** Tickets that wait at a station, in order. */
export const waitingAt = (tally: Tally, station: number): number[] => inOrder(tally, [...(tally.queue.at.get(station) ?? [])].filter((ticket) => tally.tickets.state[ticket] === WAITING));

/** Where a ticket is: at its station's site, or where it was given out while no station is open for it. */
export const siteOfTicket = ({ tickets, stations }: Tally, ticket: number): number => stations.get(tickets.station[ticket] ?? 0)?.site ?? tickets.site[ticket] ?? 0;

export interface SiteQueue {
  /** In the order they will be called, station by station as they come. */
  waiting: number[];
  /** Longest ago first, like the next. */
  called: number[];
  kept: number[];
}

export function queueOfSite(tally: Tally, site: number): SiteQueue {
  const { state, changedAt } = tally.tickets;
  const open = [...tally.queue.at].flatMap(([station, tickets]) => (station === 0 || tally.stations.get(station)?.site === site ? [...tickets] : [])).filter((ticket) => siteOfTicket(tally, ticket) === site);
  const oldest = (list: number[]) => list.sort((a, b) => (changedAt[a] ?? 0) - (changedAt[b] ?? 0) || a - b);
  return {
    waiting: inOrder(tally, open.filter((ticket) => state[ticket] === WAITING)),
    called: oldest(open.filter((ticket) => state[ticket] === CALLED)),
    kept: oldest([...tally.queue.kept].filter((ticket) => siteOfTicket(tally, ticket) === site)),
  };
}

/** Where an open ticket stands, for the one who holds it; undefined when it is open no more. */
export function standingOf(tally: Tally, ticket: number): { state: 'waiting' | 'called' | 'kept'; number: string; station: string; ahead: number; minutes: number | undefined } | undefined {
  const state = ({ [WAITING]: 'waiting', [CALLED]: 'called', [KEPT]: 'kept' } as const)[tally.tickets.state[ticket] ?? 0];
  if (state === undefined) return undefined;
  const station = tally.stations.get(tally.tickets.station[ticket] ?? 0);
  // Without a station it waits for any of its site, and everybody there is ahead.
  const queue = station ? waitingAt(tally, tally.tickets.station[ticket] ?? 0) : queueOfSite(tally, siteOfTicket(tally, ticket)).waiting;
  const ahead = state === 'waiting' ? Math.max(0, queue.indexOf(ticket)) : 0;
  const minutes = station && state === 'waiting' ? Math.ceil(((ahead + station.called) * personMsAt(tally, station)) / minuteMs) : undefined;
  return { state, number: unpackNumber(tally.tickets.number[ticket] ?? 0), station: station?.code ?? '', ahead, minutes };
}

/** Milliseconds a person takes at a station; before it was measured, what the round says. */
export const personMsAt = ({ round }: Tally, station: StationTally): number => station.personMs || (round.rules?.secondsPerPerson ?? 37) * 1000;

/** Minutes somebody who comes to a site now will wait, by the queue's rule: the least of its open stations. Undefined: none is open. */
export function minutesAt(tally: Tally, site: number): number | undefined {
  const open = [...tally.stations.values()].filter((station) => station.site === site && station.state === 'open');
  const moving = open.filter(({ stalled }) => !stalled);
  const waits = (moving.length > 0 ? moving : open).map((station) => (station.waiting + station.called) * personMsAt(tally, station));
  return waits.length > 0 ? Math.ceil(Math.min(...waits) / minuteMs) : undefined;
}

/** Milliseconds one person takes, from a tube that is being sealed: prelude.lua says how. */
export function measurePace(station: StationTally, { count, firstSwabAt, lastSwabAt }: TubeTally): void {
  if (count === 0 || lastSwabAt === 0) return;
  let each = 0;
  if (station.lastSwabAt > 0 && firstSwabAt >= station.lastSwabAt && firstSwabAt - station.lastSwabAt < 300_000) each = (lastSwabAt - station.lastSwabAt) / count;
  else if (count > 1) each = (lastSwabAt - firstSwabAt) / (count - 1);
  station.lastSwabAt = Math.max(station.lastSwabAt, lastSwabAt);
  if (each <= 0) return;
  each = Math.max(5000, Math.min(600_000, each));
  station.personMs = Math.floor(station.personMs === 0 ? each : station.personMs * 0.7 + each * 0.3);
}

// A printed number is one or two letters and one to five digits, kept as one number: letters, how many digits, their value.

export function packNumber(text: string): number {
  const [, first, second, digits] = /^([A-Z])([A-Z]?)([0-9]{1,5})$/.exec(text) ?? [];
  if (first === undefined || digits === undefined) return 0;
  const letters = (first.charCodeAt(0) - 64) * 27 + (second ? second.charCodeAt(0) - 64 : 0);
  return (letters * 5 + digits.length - 1) * 100_000 + Number(digits);
}

export function unpackNumber(packed: number): string {
  if (packed === 0) return '';
  const head = Math.floor(packed / 100_000);
  const letters = Math.floor(head / 5);
  const letter = (n: number) => (n === 0 ? '' : String.fromCharCode(64 + n));
  return letter(Math.floor(letters / 27)) + letter(letters % 27) + String(packed % 100_000).padStart((head % 5) + 1, '0');
}
