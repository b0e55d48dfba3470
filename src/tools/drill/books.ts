// The drill's own books: every number a device gave out, every answer it was given, and from the answers alone what must stand on the
// record at the end. Written as a tablet's owner would, from what was asked and whether it was said to be done: nothing in here is read
// from the record, so the two can be compared.

import type { Body } from '../../domain/requests.js';
import { type Answer, DoorFault, eventsOf, type Sent } from './door.js';

/** A device and its numbers. */
export interface Account {
  device: string;
  epoch: string;
  /** The highest number given out. */
  assigned: number;
  /** By number: how it was answered; a number without an answer is missing. */
  outcomes: Map<number, 'applied' | 'refused' | 'quarantined'>;
  /** Numbers two people stopped waiting for. */
  lost: number;
}

/** A swab that was acknowledged. */
export interface BookedSwab {
  account: Account;
  number: number;
  /** Number of the resident in the cell; 0: nobody the record knows. */
  resident: number;
  tube: string;
}

/** Somebody in a tube, as the books have it. */
type Pool = Map<number, number>;

export interface Books {
  accounts: Account[];
  /** Every acknowledged swab, those taken off the record later among them. */
  swabs: BookedSwab[];
  /** Tube > resident > active swabs in it. */
  pools: Map<string, Pool>;
  /** Tubes acknowledged as opened. */
  opened: Set<string>;
  voided: Set<string>;
  /** Residents acknowledged as registered at the site. */
  registered: Set<number>;
  excused: Set<number>;
  discrepancies: { opened: number; resolved: number };
  /** The record's history as every receipt named it; more than one value is a fault of the service. */
  dataEpochs: Set<string>;
  /** Answers heard. */
  answers: number;
  repeats: number;
  openAccount(device: string, epoch: string): Account;
  /** Takes an answer into the books. @throws DoorFault for an answer that no device may be given */
  answered(account: Account, sent: Sent, answer: Answer): void;
  /** Told of every tube that an answer calls sealed, with the ordinal of its station. */
  onSealed: (tube: string, station: number) => void;
  /** Two people have stopped waiting for the rest of a device's numbers. */
  writtenOff(account: Account): void;
}

export function openBooks(): Books {
  const books: Books = {
    accounts: [], swabs: [], pools: new Map(), opened: new Set(), voided: new Set(), registered: new Set(), excused: new Set(),
    discrepancies: { opened: 0, resolved: 0 }, dataEpochs: new Set(), answers: 0, repeats: 0,
    onSealed: () => undefined,
    openAccount(device, epoch) {
      const account: Account = { device, epoch, assigned: 0, outcomes: new Map(), lost: 0 };
      books.accounts.push(account);
      return account;
    },
    answered(account, sent, answer) {
      if (answer.outcome === 'fault' || answer.outcome === 'unreadable') {
        throw new DoorFault(`${sent.step} ${account.device}:${sent.number} was answered ${answer.outcome} ${answer.word ?? ''}`);
      }
      if (answer.number !== sent.number) throw new DoorFault(`the answer to ${account.device}:${sent.number} bears number ${answer.number}`);
      books.answers++;
      const before = account.outcomes.get(sent.number);
      // A report of a number that was refused applies it once, as a fact; any other second answer is the first one again.
      if (before === answer.outcome) books.repeats++;
      else if (before === undefined || (before === 'refused' && sent.mode === 'report')) {
        account.outcomes.set(sent.number, answer.outcome);
        if (answer.outcome === 'applied') apply(books, account, sent, answer);
      } else throw new DoorFault(`${sent.step} ${account.device}:${sent.number} was ${before} and is now ${answer.outcome}`);
    },
    writtenOff(account) {
      account.lost = account.assigned - account.outcomes.size;
    },
  };
  return books;
}

/** Numbers of walk-ins by the device's record that registered them. */
const registrations = new WeakMap<Account, Map<number, number>>();

/** A resident's number from a request: digits, or `#n` for the walk-in of this device's record n. */
function residentOf(account: Account, ref: string): number {
  return ref.startsWith('#') ? (registrations.get(account)?.get(Number(ref.slice(1))) ?? 0) : Number(ref);
}

/** Numbers nobody was ever given: what a table without a network writes down for a card it cannot read. */
export const nobody = 900_000_000;

function apply(books: Books, account: Account, { number, step, body }: Sent, answer: Answer): void {
  books.discrepancies.opened += eventsOf(answer, 'discrepancy.opened').length;
  for (const { tube, station } of eventsOf(answer, 'tube.sealed')) books.onSealed(tube, station);
  switch (step) {
    case 'registerWalkIn': {
      const [event] = eventsOf(answer, 'resident.registered');
      if (!event) throw new DoorFault(`registerWalkIn ${account.device}:${number} was applied without an event`);
      if (event.already === 0) books.registered.add(event.resident);
      const own = registrations.get(account) ?? new Map<number, number>();
      registrations.set(account, own.set(number, event.resident));
      break;
    }
    case 'excuseResident':
      books.excused.add(Number((body as Body<'excuseResident'>).resident));
      break;
    case 'openTube':
      books.opened.add((body as Body<'openTube'>).tube);
      for (const event of eventsOf(answer, 'tube.voided')) books.voided.add(event.tube);
      break;
    case 'takeSwab': {
      const { resident: ref, tube } = body as Body<'takeSwab'>;
      const named = residentOf(account, ref);
      const resident = named >= nobody ? 0 : named;
      books.swabs.push({ account, number, resident, tube });
      put(books, tube, resident, 1);
      break;
    }
    case 'voidSwab': {
      const { resident, tube } = body as Body<'voidSwab'>;
      put(books, tube, residentOf(account, resident), -1);
      break;
    }
    case 'moveSwab': {
      const { resident, from, to } = body as Body<'moveSwab'>;
      put(books, from, residentOf(account, resident), -1);
      put(books, to, residentOf(account, resident), 1);
      break;
    }
    case 'voidTube': {
      const { tube } = body as Body<'voidTube'>;
      books.pools.delete(tube);
      books.voided.add(tube);
      break;
    }
    case 'closeStation':
    case 'runDue':
      for (const event of eventsOf(answer, 'tube.voided')) books.voided.add(event.tube);
      break;
    case 'resolveDiscrepancy': {
      const { resolution, resident } = body as Body<'resolveDiscrepancy'>;
      books.discrepancies.resolved++;
      const [event] = eventsOf(answer, 'discrepancy.resolved');
      if (resolution !== 'identified' || resident === undefined || !event) break;
      put(books, event.tube, 0, -1);
      put(books, event.tube, Number(resident), 1);
      break;
    }
    default:
  }
}

function put({ pools }: Books, tube: string, resident: number, change: 1 | -1): void {
  const pool = pools.get(tube) ?? new Map<number, number>();
  const count = (pool.get(resident) ?? 0) + change;
  if (count < 0) throw new DoorFault(`a swab of resident ${resident} was taken out of tube ${tube}, which the books do not have in it`);
  if (count === 0) pool.delete(resident);
  else pool.set(resident, count);
  pools.set(tube, pool);
}

/** Active swabs by resident over all tubes; 0: of people nobody has identified. */
export function activeSwabs({ pools }: Books): Map<number, number> {
  const active = new Map<number, number>();
  for (const pool of pools.values()) for (const [resident, count] of pool) active.set(resident, (active.get(resident) ?? 0) + count);
  return active;
}
