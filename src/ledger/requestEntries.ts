// The entries of the stream `requests`: all that a second copy needs to take the same steps again, with the same outcome (replay.lua).
// What a step decides by is the record, its arguments, the time and which device speaks: everything else would be lost in the copy.
// An entry begins with its kind; new kinds and new fields come last.

import type { FieldType } from '../domain/events.js';

type Layout = Record<string, FieldType>;

/** From here on the steps were taken by this library. */
const libraryEntry = { kind: 'u8', library: 'code' } as const satisfies Layout;

/** A device was heard for the first time, as `event` says. */
const metEntry = { kind: 'u8', at: 'time', device: 'u16', event: 'id' } as const satisfies Layout;

/** A device used a number again for other content, as `event` says. */
const suspectEntry = { kind: 'u8', device: 'u16', number: 'u32', event: 'id' } as const satisfies Layout;

/** A request that was applied, or set aside as unreadable (`step` is `quarantine`). */
const requestEntry = {
  kind: 'u8',
  device: 'u16',
  number: 'u32',
  fingerprint: 'time',
  /** The cell's time when it was taken. */
  at: 'time',
  claimedAt: 'time',
  offset: 'i32',
  reported: 'u8',
  by: 'code',
  step: 'code',
  /** Its events: how many, and where the first stands. */
  events: 'u16',
  first: 'id',
  /** The arguments in the order of the step's table, each with its length before it (u32). */
  args: 'bytes',
} as const satisfies Layout;

/** A request that was refused; word and detail stand in `answers`. */
const refusalEntry = { kind: 'u8', device: 'u16', number: 'u32', fingerprint: 'time', answer: 'id' } as const satisfies Layout;

/** What is known of a device besides its requests has changed. */
const deviceEntry = {
  kind: 'u8',
  at: 'time',
  device: 'u16',
  /** Its record as it stands now. */
  record: 'bytes',
  /** Does it keep the round open? 0 as before, 1 from now on, 2 no longer. */
  unfinished: 'u8',
} as const satisfies Layout;

/** The kinds of those entries. */
export const entryKinds = { libraryEntry: 1, metEntry: 2, suspectEntry: 3, requestEntry: 4, refusalEntry: 5, deviceEntry: 6 } as const;

/** Their layouts by name. */
export const requestEntries = { libraryEntry, metEntry, suspectEntry, requestEntry, refusalEntry, deviceEntry } as const;
