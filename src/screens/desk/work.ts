// The work at the desk: people in, tickets out, stations called. A ticket is asked for while somebody answers, since the record knows the
// shortest queue; without an answer the desk gives out its number all the same and reports it. Calls and changes of tables are decisions
// and need the network.

import { type Signal, signal } from '@preact/signals';
import { cellPath, get } from '../door/http.js';
import type { Heard, Outbox } from '../outbox/outbox.js';
import type { BodyInput } from '../outbox/wire.js';
import { chooseLetter, skipNumbers, takeNumbers } from './numbers.js';
import type { DeskAnswer, Priority } from './words.js';

export interface Guest {
  resident: string;
  /** Masked. */
  name: string;
  village: string;
  sampled: boolean;
  deceased: boolean;
  /** Called back: comes again, once, although sampled. */
  recalled: boolean;
}

export interface Queued {
  resident: number;
  number: string;
  ticket: number;
  station: string;
  priority: string;
  at: number;
}

export interface StationRow {
  station: string;
  state: string;
  stalled: boolean;
  waiting: number;
  called: number;
  secondsPerPerson: number;
}

export interface Queue {
  at: number;
  name: string;
  waiting: Queued[];
  called: Queued[];
  skipped: Queued[];
  stations: StationRow[];
}

export interface Said {
  row: DeskAnswer;
  values?: Readonly<Record<string, string | number>>;
  about?: string | undefined;
}

export interface Slip {
  number: string;
  station: string;
  minutes: number | undefined;
  at: number;
}

interface DeskParts {
  outbox: Outbox;
  staff: Signal<string | undefined>;
  announce(said: Said): void;
  /** A call is heard at the desk too. */
  call(number: string, station: string): void;
  cannotSave(fault: unknown): void;
}

export interface Desk {
  readonly queue: Signal<Queue | undefined>;
  /** The station whose calls this desk makes. */
  readonly station: Signal<string>;
  readonly chosen: Signal<Queued | undefined>;
  readonly party: Signal<readonly Guest[] | undefined>;
  readonly priority: Signal<Priority>;
  readonly shown: Signal<Said & { turn: number }>;
  readonly slip: Signal<Slip | undefined>;
  tell(said: Said): void;
  guest(guest: Guest): Promise<void>;
  family(): void;
  issue(): Promise<void>;
  callNext(): Promise<void>;
  callAgain(): void;
  absent(): Promise<void>;
  move(to: string): Promise<void>;
  setTable(step: 'openStation' | 'pauseStation' | 'drainStation' | 'closeStation', station: string): Promise<void>;
  letter(letter: string): boolean;
  cancel(): void;
  look(): Promise<void>;
}

type Event = { event: string } & Record<string, unknown>;
const whole = (value: unknown): number => (typeof value === 'number' ? value : Number(value ?? 0));

export function openDesk({ outbox, staff, announce, call, cannotSave }: DeskParts): Desk {
  const queue = signal<Queue | undefined>(undefined);
  const station = signal('');
  const chosen = signal<Queued | undefined>(undefined);
  const party = signal<readonly Guest[] | undefined>(undefined);
  const priority = signal<Priority>('none');
  const shown = signal<Said & { turn: number }>({ row: 'start', turn: 0 });
  const slip = signal<Slip | undefined>(undefined);
  let turn = 0;

  function tell(said: Said): void {
    shown.value = { ...said, turn: ++turn };
    announce(said);
  }
  const refused = (heard: Extract<Heard, { outcome: 'refused' }>, about?: string): void =>
    tell({ row: 'refused', values: { zh: heard.zh, en: heard.en, nextZh: heard.nextZh, nextEn: heard.nextEn }, about });
  const place = () => outbox.place as NonNullable<Outbox['place']>;
  const stationOf = (ordinal: number): string => queue.value?.stations.find((one) => (one as StationRow & { ordinal?: number }).ordinal === ordinal)?.station ?? '';
  const ticketOf = (resident: number): Queued | undefined => [...(queue.value?.waiting ?? []), ...(queue.value?.called ?? []), ...(queue.value?.skipped ?? [])].find((one) => one.resident === resident);

  async function look(): Promise<void> {
    const { site } = place();
    const reply = await get<Queue>(`${cellPath(place())}/queue?${site === undefined ? '' : `site=${encodeURIComponent(site)}&`}count=500`);
    if (!reply.ok) return;
    queue.value = reply.value;
    if (station.value === '' || !reply.value.stations.some((one) => one.station === station.value)) station.value = reply.value.stations[0]?.station ?? '';
    const here = chosen.value;
    chosen.value = reply.value.called.find(({ ticket }) => ticket === here?.ticket) ?? reply.value.called.find((one) => one.station === station.value) ?? reply.value.called[0];
  }

  /** Asks for a decision; without an answer nothing was done. */
  async function decide(step: 'callNext' | 'skipTicket' | 'moveTicket' | 'openStation' | 'pauseStation' | 'drainStation' | 'closeStation', body: Record<string, unknown>): Promise<Event[] | undefined> {
    try {
      const heard = await outbox.ask(step as 'callNext', body as BodyInput<'callNext'>, { by: staff.value, otherwise: 'lapse' });
      if (heard.outcome === 'applied') return heard.events as Event[];
      if (heard.outcome === 'refused') refused(heard);
      else tell({ row: 'offline' });
    } catch (fault) {
      cannotSave(fault);
    }
    return undefined;
  }

  async function issue(guests: readonly Guest[]): Promise<void> {
    const numbers = takeNumbers(guests.length, outbox.now());
    const [first = ''] = numbers;
    const names = guests.map(({ name }) => name).join(' ');
    const body: BodyInput<'issueTicket'> = {
      site: place().site ?? '', party: guests.map(({ resident }, i) => ({ resident, number: numbers[i] as string })), ...(priority.value === 'none' ? {} : { priority: priority.value }),
    };
    const shownNumber = numbers.length > 1 ? `${first} +${numbers.length - 1}` : first;
    tell({ row: 'asking', values: { number: shownNumber }, about: names });
    try {
      const heard = await outbox.ask('issueTicket', body, { by: staff.value, otherwise: 'report' });
      priority.value = 'none';
      if (heard.outcome === 'applied') {
        const issued = (heard.events as Event[]).find(({ event }) => event === 'ticket.issued');
        // A station that was opened a moment ago is known at the second look.
        if (issued && stationOf(whole(issued['station'])) === '') await look();
        const to = issued ? stationOf(whole(issued['station'])) : '';
        const minutes = Math.ceil(whole(issued?.['waitSeconds']) / 60);
        tell({ row: 'issued', values: { number: shownNumber, station: to, ahead: whole(issued?.['ahead']), minutes }, about: names });
        slip.value = { number: shownNumber, station: to, minutes, at: outbox.now() };
      } else if (heard.outcome === 'reported') {
        tell({ row: 'issuedHere', values: { number: shownNumber }, about: names });
        slip.value = { number: shownNumber, station: '', minutes: undefined, at: outbox.now() };
      } else if (heard.outcome === 'refused') {
        await turnedDown(heard, guests, names);
      }
    } catch (fault) {
      cannotSave(fault);
    }
    void look();
  }

  async function turnedDown(heard: Extract<Heard, { outcome: 'refused' }>, guests: readonly Guest[], names: string): Promise<void> {
    const of = whole(heard.detail['resident']);
    if (heard.word === 'ticket_open') {
      await look();
      return tell({ row: 'hasTicket', values: { number: ticketOf(of)?.number ?? '', station: String(heard.detail['station'] ?? '') }, about: names });
    }
    if (heard.word === 'already_sampled') return tell({ row: 'already', about: names });
    if (heard.word === 'resident_deceased') return tell({ row: 'deceased', about: names });
    if (heard.word === 'ticket_number_used') {
      // Storage was lost, or two desks have the same letter: far enough ahead nobody has been.
      skipNumbers(50, outbox.now());
      return issue(guests);
    }
    return refused(heard, names);
  }

  return {
    queue, station, chosen, party, priority, shown, slip, tell, look,
    async guest(guest) {
      if (guest.deceased) return tell({ row: 'deceased', about: guest.name });
      if (guest.sampled && !guest.recalled) return tell({ row: 'already', about: guest.name });
      const skipped = queue.value?.skipped.find(({ resident }) => String(resident) === guest.resident);
      if (skipped && station.value !== '') {
        // Whoever was skipped comes back by being scanned again, and keeps the number.
        const events = await decide('moveTicket', { resident: guest.resident, station: skipped.station || station.value });
        if (events) tell({ row: 'moved', values: { number: skipped.number, station: skipped.station || station.value }, about: guest.name });
        return look();
      }
      if (!party.value) return issue([guest]);
      if (!party.value.some(({ resident }) => resident === guest.resident)) party.value = [...party.value, guest];
      tell({ row: 'added', values: { n: party.value.length }, about: party.value.map(({ name }) => name).join(' ') });
    },
    family() {
      party.value = party.value ? undefined : [];
      tell({ row: party.value ? 'familyOn' : 'cancelled' });
    },
    async issue() {
      const guests = party.value ?? [];
      if (guests.length === 0) return tell({ row: 'familyEmpty' });
      party.value = undefined;
      await issue(guests);
    },
    async callNext() {
      if (station.value === '') return tell({ row: 'noStation' });
      const events = await decide('callNext', { station: station.value });
      if (!events) return look();
      await look();
      const called = events.filter(({ event }) => event === 'ticket.called').map((event) => queue.value?.called.find(({ ticket }) => ticket === whole(event['ticket']))).filter((one) => one !== undefined);
      const [first] = called;
      if (!first) return;
      chosen.value = first;
      const number = called.map((one) => one.number).join(' ');
      tell({ row: 'called', values: { number, station: first.station } });
      call(first.number, first.station);
    },
    callAgain() {
      const { value } = chosen;
      if (!value) return tell({ row: 'nobodyChosen' });
      tell({ row: 'called', values: { number: value.number, station: value.station } });
      call(value.number, value.station);
    },
    async absent() {
      const { value } = chosen;
      if (!value) return tell({ row: 'nobodyChosen' });
      const events = await decide('skipTicket', { resident: String(value.resident) });
      const skipped = events?.find(({ event }) => event === 'ticket.skipped');
      if (skipped) tell({ row: whole(skipped['state']) === 5 ? 'skipped' : 'absent', values: { number: value.number } });
      chosen.value = undefined;
      await look();
    },
    async move(to) {
      const { value } = chosen;
      if (!value) return tell({ row: 'nobodyChosen' });
      if (await decide('moveTicket', { resident: String(value.resident), station: to })) tell({ row: 'moved', values: { number: value.number, station: to } });
      chosen.value = undefined;
      await look();
    },
    async setTable(step, of) {
      const body = step === 'openStation' ? { station: of, site: place().site } : { station: of };
      const events = await decide(step, body);
      await look();
      const now = queue.value?.stations.find((one) => one.station === of)?.state ?? '';
      if (events) tell({ row: 'tableChanged', values: { station: of, state: now, stateEn: now } });
    },
    letter: (letter) => chooseLetter(letter.trim().toUpperCase(), outbox.now()),
    cancel() {
      party.value = undefined;
      priority.value = 'none';
      tell({ row: 'cancelled' });
    },
  };
}
