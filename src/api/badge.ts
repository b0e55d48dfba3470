// Badges: who is asking, which role they have at which place, and what they may do there. Every route and every record that comes in is
// judged here and nowhere else, by the one table (domain/roles.ts); what is not in it is denied.
//
// A device shows its own key, a person a session, a program that runs inside this process (the drill, the tests) a tool's key that was
// made for it in memory. A record is judged by where the device stood when it was claimed to be done, so that a tablet may still hand in
// what it did before it was moved.

import { type CellName, isSystemCell, type StepRequest } from '../domain/requests.js';
import { type Held, limitOfRead, limitOfStep, mayRead, type Placed, type ReadName, within } from '../domain/roles.js';
import { drawKey, isSecret, readKey } from '../ledger/passes.js';
import type { Account, DevicePlace, PairedDevice } from '../ledger/system.js';

export interface Badge {
  readonly kind: 'device' | 'person' | 'tool';
  /** The name under which it speaks to the record; a tool may take any. */
  readonly device: string;
  /** The account of a person; empty for others. */
  readonly account: string;
  /** A device's places, oldest first; they change under an open socket when it is moved. */
  places: readonly DevicePlace[];
  /** A person's roles. */
  grants: readonly Held[];
  /** A person who has confirmed as the second of two, and until when (ms). */
  second?: { account: string; until: number } | undefined;
}

export const deviceBadge = ({ device, places }: PairedDevice): Badge => ({ kind: 'device', device, account: '', places, grants: [] });
export const personBadge = ({ account, grants }: Account): Badge => ({ kind: 'person', device: `person.${account}`, account, places: [], grants });
const toolBadge: Badge = { kind: 'tool', device: '', account: '', places: [], grants: [] };

/** Where a device stood at a time: the last place it had reached by then, or its first. */
export function placeAt(places: readonly DevicePlace[], at: number): DevicePlace | undefined {
  let stood = places[0];
  for (const place of places) if (place.from <= at) stood = place;
  return stood;
}

/** What a badge holds at a time. */
export function heldAt({ kind, places, grants }: Badge, at: number): readonly Held[] {
  if (kind !== 'device') return grants;
  const place = placeAt(places, at);
  return place ? [place] : [];
}

/** May the holder read this there, now? */
export const badgeMayRead = (badge: Badge, read: ReadName, thing: Placed): boolean =>
  badge.kind === 'tool' || heldAt(badge, Date.now()).some((held) => mayRead(held, read, thing));

/** Has the holder anything to do with this cell, now or before? Whoever has not is told that it does not exist. */
export const knowsCell = (badge: Badge, cell: Placed): boolean =>
  badge.kind === 'tool' || (badge.kind === 'device' ? badge.places : badge.grants).some((held: Held) => within('cell', held, cell) || held.role === 'administrator');

/** A tablet's clock is known to within the time its request took, and nobody drops a swab because the move was for ten o'clock sharp. */
export const slackMs = 10_000;

function heldAround(badge: Badge, at: number): readonly Held[] {
  const [now, before] = [heldAt(badge, at), badge.kind === 'device' ? heldAt(badge, at - slackMs) : []];
  return before.length === 0 || before[0] === now[0] ? now : [...now, ...before];
}

export type Verdict =
  | 'yes'
  /** Neither this role nor any place of it. */
  | 'not_allowed'
  /** An ask in a round that knows its staff, with a card it does not know. */
  | 'staff_unknown'
  /** The second person has not confirmed. */
  | 'second_person_needed'
  /** It must be looked up at which site a station stands, or what the round's rules say; ask again after `learn`. */
  | 'unknown';

/** What must be known of a cell before a record in it can be judged. */
export interface Surroundings {
  /** The site of a station; null: there is no such station; undefined: not known yet. */
  siteOf(cell: CellName, station: string): string | null | undefined;
  /** Must staff cards be known in this round? undefined: not known yet. */
  knownStaff(cell: CellName): boolean | undefined;
  /** Is this somebody's staff card, or an account? undefined: not known yet. */
  isStaff(card: string): boolean | undefined;
}

/**
 * May this record be taken into this cell? `ahead` is by how many ms the sender's clock lags behind ours. A report is judged by role and
 * cell alone: it has happened, wherever the device was meant to stand and whoever held the card.
 */
export function judge(badge: Badge, cell: CellName, { step, mode, claimedAt, by, body }: StepRequest, ahead: number, known: Surroundings, now = Date.now()): Verdict {
  if (badge.kind === 'tool') return 'yes';
  const at = Math.min(now, claimedAt + ahead);
  const fields = body as { site?: unknown; station?: unknown; secondBy?: unknown };
  const thing: Placed = { round: cell.round, area: cell.area };
  if (mode === 'ask') {
    if (typeof fields.site === 'string') thing.site = fields.site;
    if (typeof fields.station === 'string') thing.station = fields.station;
  }

  let allowed = false;
  for (const held of heldAround(badge, at)) {
    const limit = limitOfStep(held.role, step);
    if (limit === undefined) continue;
    if (limit === 'site' && held.site !== undefined && thing.station !== undefined && thing.site === undefined) {
      const site = known.siteOf(cell, thing.station);
      if (site === undefined) return 'unknown';
      // A station that does not exist is the record's to refuse.
      thing.site = site ?? undefined;
    }
    if (within(limit, held, thing)) { allowed = true; break; }
  }
  if (!allowed) return 'not_allowed';

  const second = typeof fields.secondBy === 'string' && fields.secondBy !== '' ? fields.secondBy : undefined;
  if (badge.kind === 'person') {
    if (second !== undefined && (badge.second?.account !== second || badge.second.until < now)) return 'second_person_needed';
    return 'yes';
  }
  if (mode !== 'ask') return 'yes';
  const strict = known.knownStaff(cell);
  if (strict === undefined) return 'unknown';
  if (!strict) return 'yes';
  for (const card of [by ?? '', ...(second === undefined ? [] : [second])]) {
    const staff = card === '' ? false : known.isStaff(card);
    if (staff === undefined) return 'unknown';
    if (!staff) return 'staff_unknown';
  }
  return 'yes';
}

/** What a route asks of whoever calls it. */
export type Policy = 'anybody' | { read: ReadName } | { step: string };

export type Admission = 'yes' | 'nobody' | 'not_allowed' | 'cell_unknown';

/** May somebody with these badges call a route with this policy, for the cell in its address (if there is one)? */
export function admit(badges: readonly Badge[], policy: Policy, cell: Placed): Admission {
  if (policy === 'anybody') return 'yes';
  if (cell.round !== undefined && isSystemCell(cell as CellName)) return badges.length === 0 ? 'nobody' : 'cell_unknown';
  if (badges.length === 0) return 'nobody';
  if (cell.round !== undefined && !badges.some((badge) => knowsCell(badge, cell))) return 'cell_unknown';
  const may = badges.some((badge) => {
    if (badge.kind === 'tool') return true;
    // Records may come late, from where the device stood before; each of them is judged by its own time.
    const held = 'read' in policy && policy.read !== 'outbox' ? heldAt(badge, Date.now()) : badge.kind === 'device' ? badge.places : badge.grants;
    return held.some((one: Held) => {
      const limit = 'read' in policy ? limitOfRead(one.role, policy.read) : limitOfStep(one.role, policy.step);
      return limit !== undefined && within(limit === 'anywhere' ? 'anywhere' : 'cell', one, cell);
    });
  });
  return may ? 'yes' : 'not_allowed';
}

// Keys ------------------------------------------------------------------------------------------------------------------------------

/** Keys for programs in this process. They end with it and stand nowhere. */
export interface Tools {
  /** A key that may do everything in any device's name. */
  draw(): string;
  badgeOf(key: string): Badge | undefined;
}

export function makeTools(): Tools {
  const hashes: Buffer[] = [];
  return {
    draw() {
      const { key, hash } = drawKey('tool');
      hashes.push(Buffer.from(hash, 'hex'));
      return key;
    },
    badgeOf(key) {
      const read = readKey(key);
      return read?.device === 'tool' && hashes.some((hash) => isSecret(read.secret, hash)) ? toolBadge : undefined;
    },
  };
}
