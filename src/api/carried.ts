// What one device brings of another: its second copy, sealed (a file, or pictures on its screen). The records in it are taken as the first
// device's own, under its numbers, judged by its places; so it does no harm when both send them, or two bring them. The one who brings them
// says so under a number of its own (`carryRecords`), and that is what stands on record of the way they took.

import { gunzipSync } from 'node:zlib';
import { z } from 'zod';
import { identifier } from '../domain/fields.js';
import { type bodies, type CellName, sender } from '../domain/requests.js';
import { carryBinding, carryKey, openCarried } from '../vault/offline.js';
import type { RoundVault } from '../vault/vault.js';
import { compileCheck } from './checks.js';

/** Characters of a parcel: an outbox or a frame holds one, with room for the records beside it. */
const sealedMax = 180_000;
/** Bytes of what is in it; what is packed well could be made to fill the memory. */
const openedMax = 1 << 20;
/** A tablet that carries may be carried itself. */
export const carriedDeepMax = 3;

/** The body of carryRecords over the door. */
export const carriedBody = z.strictObject({
  device: identifier,
  epoch: identifier,
  /** iv, ciphertext and tag, base64. */
  sealed: z.string().max(sealedMax).regex(/^[A-Za-z0-9+/=]+$/),
  /** ms to add to the times in it: the first device did not know the time, and the second has seen by how much it was wrong. */
  shift: z.int().min(-281_474_976_710_655).max(281_474_976_710_655).default(0),
});
export type CarriedBody = z.output<typeof carriedBody>;

/** What is in a parcel: an outbox, as the device would have sent it. */
const contentCheck = compileCheck(z.strictObject({ device: identifier, epoch: identifier, assigned: sender.assigned, requests: z.array(z.unknown()).max(200) }));
export type Carried = { device: string; epoch: string; assigned?: number | undefined; requests: unknown[] };

/** Opens a parcel; undefined: it was changed, belongs to another cell or device, or holds no outbox. */
export function readCarried(vault: RoundVault, { round, area }: CellName, { device, epoch, sealed, shift }: CarriedBody): Carried | undefined {
  const opened = openCarried(carryKey(vault, area, device, epoch), carryBinding(round, area, device, epoch), Buffer.from(sealed, 'base64'));
  if (!opened || opened.length === 0) return undefined;
  let content: unknown;
  try {
    // The first byte says whether the rest is packed: not every tablet's browser can.
    const bytes = opened[0] === 1 ? gunzipSync(opened.subarray(1), { maxOutputLength: openedMax }) : opened.subarray(1);
    content = JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
  const checked = contentCheck(content);
  if (!checked.ok || checked.value.device !== device || checked.value.epoch !== epoch) return undefined;
  return { ...checked.value, requests: shift === 0 ? checked.value.requests : checked.value.requests.map((record) => shifted(record, shift)) };
}

function shifted(record: unknown, shift: number): unknown {
  const at = (record as { claimedAt?: unknown } | null)?.claimedAt;
  return typeof at === 'number' ? { ...(record as object), claimedAt: Math.max(0, Math.round(at + shift)) } : record;
}

/** What goes on record of a parcel: whose, from which number to which, and how many. */
export function carriedOnRecord({ device, epoch, requests }: Carried): z.output<typeof bodies.carryRecords> {
  const numbers = requests.map((record) => (record as { number?: unknown } | null)?.number).filter((number): number is number => Number.isInteger(number) && (number as number) > 0);
  return { device, epoch, first: numbers.length > 0 ? Math.min(...numbers) : 0, last: numbers.length > 0 ? Math.max(...numbers) : 0, count: requests.length };
}
