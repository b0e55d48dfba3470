// Every key in Redis: name, type, what it holds. No key is named anywhere else.
//
// A cell is one hash tag, `{round:area}`: one township, or one sub-district of a city, in one round. Every step gets the same list of
// the cell's keys and then the journals of the devices that speak, so all keys of a call are known before it.

import type { CellName } from '../domain/requests.js';

/** The cell's fixed group, in the order Lua receives it. */
export const cellKeys = [
  'cell', // hash: state, clock, rules, counters
  'residents', // string: one packed record a resident
  'tickets', // string: one packed record a ticket
  'queue', // sorted set: open tickets, by station, called or waiting, and place
  'tubes', // hash: code > packed record and members
  'stations', // hash: ordinal > packed record; `@code` > ordinal; `site:ordinal` > its stations
  'names', // hash: `site:` `village:` `team:` + name > ordinal; `siteName:ordinal` > its name; `sites:ordinal` > where a village may go
  'numbers', // hash: `site:number` > ticket, as numbers are called out once a site
  'devices', // hash: device:epoch > packed record; `#ordinal` > device:epoch
  'unfinished', // sorted set: what keeps the round from closing: tubes, devices, discrepancies, quarantined records
  'deadlines', // sorted set: what becomes due, by time
  'boxes', // hash: trip > packed record; `@code` > the box's latest trip
  'households', // hash: household > its residents, packed
  'recalls', // hash: number > packed record; `of:number` > its people, packed
  'intakes', // hash: tube > packed record, in a laboratory's cell
  'results', // hash: `tube/accession/run` > packed record (in an area: a mark that it is known); `@accession` > tube
  'claims', // hash: foreign tube code > the cell it was opened in. Of the directories of codes only
  'events', // stream: the record
  'answers', // stream: refusals, kept so that a repeat hears the same
  'discrepancies', // hash: number > JSON
  'quarantine', // hash: device:epoch:number > ciphertext
  'index', // hash: keyed hash of an identity > resident; `#number` of an entry that was merged > the resident it stands for
  'vault', // hash: resident > ciphertext
  'requests', // stream: every request in order, with its arguments: what the second copy is made from
  'safe', // hash: device:epoch > highest number that a second disk holds without a hole below it
  'codes', // sorted set: ranges of printed numbers set apart, numbers that have been printed, print runs; by kind and last number
  'paired', // hash: device > packed record. Of the system's own cell only, like the next
  'accounts', // hash: account > packed record; `card:` + code > account; `#administrators` > how many there are
] as const;

export type CellKey = (typeof cellKeys)[number];

export const tagOf = ({ round, area }: CellName): string => `{${round}:${area}}`;

const group = new Map<string, readonly string[]>();

/** The cell's fixed group as full names. */
export function keysOf(cell: CellName): readonly string[] {
  const tag = tagOf(cell);
  let names = group.get(tag);
  if (!names) {
    names = cellKeys.map((key) => `${tag}:${key}`);
    // A city has hundreds of cells; a process that is asked for endless made-up ones must not remember them all.
    if (group.size > 5000) group.clear();
    group.set(tag, names);
  }
  return names;
}

export const keyOf = (cell: CellName, key: CellKey): string => `${tagOf(cell)}:${key}`;

/** String: the journal of one device with one storage. */
export const journalOf = (cell: CellName, device: string, epoch: string): string => `${tagOf(cell)}:journal:${device}:${epoch}`;

/** Keys of the system's own cell. */
export const systemKeys = {
  /** Set of `round:area` that have been opened, for those who serve all of them. */
  cells: '{system}:cells',
  /** Hash: round > wrapped keys of its personal data. */
  roundKeys: '{system}:roundKeys',
  /** Hash: `round:area` > history and position up to which its events were carried to other cells; `round:area>area` > history, number, position, behind. */
  relayed: '{system}:relayed',
  /** Hash: next free serial by kind of code; rehearsals have their own fields. */
  serials: '{system}:serials',
  /** Hash: `round:area` > how far its events have become jobs, and of which history. Under the jobs' prefix, to be lost together with them. */
  dispatched: '{jobs}:dispatched',
} as const;

/** What lives for minutes or days and is not the record: pairing codes, sessions, one-time links, counts of attempts, how devices say they are. Each is a key of its own. */
export const passKey = (kind: 'pairing' | 'session' | 'link' | 'second' | 'tries' | 'rate' | 'condition', id: string): string => `pass:${kind}:${id}`;

/** Prefix of everything BullMQ keeps; one slot, apart from the cells. */
export const queuePrefix = '{jobs}';
