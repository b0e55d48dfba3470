// What lets somebody in for a while and is not the record: pairing codes, sessions, one-time links, and the counts of attempts that keep
// them from being guessed. Redis forgets each by itself; losing them all means that people sign in again.
//
// Nothing here can be used by whoever reads Redis: of every secret only its SHA-256 is kept, and the secrets are random and long enough
// for that. What a person types (a password) is not kept here.

import { createHash, hash as hashOnce, randomBytes, randomInt, timingSafeEqual } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { Role } from '../domain/roles.js';
import { passKey } from './keys.js';

// Keys of devices --------------------------------------------------------------------------------------------------------------------

/** A key as a device keeps it, `<device>.<43 characters>`: 256 random bits, of which only the hash is ever stored. */
export function drawKey(device: string): { key: string; hash: string } {
  const secret = randomBytes(32).toString('base64url');
  return { key: `${device}.${secret}`, hash: createHash('sha256').update(secret).digest('hex') };
}

/** The parts of a key, or undefined for what has not its form. */
export function readKey(key: string): { device: string; secret: string } | undefined {
  const dot = key.lastIndexOf('.');
  const secret = key.slice(dot + 1);
  return dot > 0 && dot <= 32 && /^[\w-]{43}$/.test(secret) ? { device: key.slice(0, dot), secret } : undefined;
}

/** Is this the secret whose hash is kept? In constant time. */
export const isSecret = (secret: string, hash: Buffer): boolean => {
  // In one call: it is asked at every request of every tablet.
  const given = hashOnce('sha256', secret, 'buffer');
  return given.length === hash.length && timingSafeEqual(given, hash);
};

// Pairing codes -----------------------------------------------------------------------------------------------------------------------

/** What a device becomes when it gives the code. */
export interface PairingOffer {
  device: string;
  role: Role;
  round: string;
  area: string;
  site?: string | undefined;
  station?: string | undefined;
  /** The account that made the code. */
  by: string;
}

export interface PairingCode {
  /** For the QR code: slot and 128 random bits. */
  long: string;
  /** For typing: 12 digits, four that find the code and eight that prove it. */
  short: string;
  expiresAt: number;
}

const pairingSeconds = 15 * 60;
/** Wrong tries until a code is void: five of 10^8 is a chance of one in twenty million. */
const pairingTriesMax = 5;

export type Redeemed = { ok: true; offer: PairingOffer } | { ok: false; why: 'code_unknown' | 'code_void' };

/** A pairing code for one device, good once, for 15 minutes. */
export async function makePairingCode(redis: Redis, offer: PairingOffer): Promise<PairingCode> {
  const [proof, typed] = [randomBytes(16).toString('base64url'), String(randomInt(1e8)).padStart(8, '0')];
  for (;;) {
    const slot = String(randomInt(1e4)).padStart(4, '0');
    const kept = JSON.stringify({ offer, long: sha256(proof), short: sha256(typed) });
    if ((await redis.set(passKey('pairing', slot), kept, 'EX', pairingSeconds, 'NX')) !== 'OK') continue;
    // The slot's former code may have been guessed at.
    await redis.del(passKey('tries', `pairing:${slot}`));
    return { long: `${slot}.${proof}`, short: slot + typed, expiresAt: Date.now() + pairingSeconds * 1000 };
  }
}

/** Gives a pairing code up for what it offers. Of two who give it at once one gets it; after five wrong tries nobody does. */
export async function redeemPairingCode(redis: Redis, code: string): Promise<Redeemed> {
  const [, slot, proof] = /^(\d{4})\.([\w-]{22})$/.exec(code) ?? /^(\d{4})(\d{8})$/.exec(code) ?? [];
  if (!slot || !proof) return { ok: false, why: 'code_unknown' };
  const key = passKey('pairing', slot);
  // Counted before it is looked at: a thousand tries at once are a thousand tries.
  const tries = await countAttempt(redis, `pairing:${slot}`, pairingSeconds);
  const kept = await redis.get(key);
  if (kept === null) return { ok: false, why: 'code_unknown' };
  if (tries > pairingTriesMax) {
    await redis.del(key);
    return { ok: false, why: 'code_void' };
  }
  const { offer, long, short } = JSON.parse(kept) as { offer: PairingOffer; long: string; short: string };
  if (!sameHash(sha256(proof), proof.length === 8 ? short : long)) return { ok: false, why: 'code_unknown' };
  const taken = await redis.getdel(key);
  return taken === kept ? { ok: true, offer } : { ok: false, why: 'code_unknown' };
}

// Sessions ------------------------------------------------------------------------------------------------------------------------

export interface Session {
  account: string;
  /** When the person signed in: a session ends twelve hours later, used or not. */
  since: number;
  /** When its secret was drawn. */
  drawn: number;
  /** Tells the password it was opened with from a later one, so that changing the password ends it. */
  password: string;
}

const idleSeconds = 30 * 60;
const sessionMs = 12 * 3600 * 1000;
/** A session's secret is replaced this often; the old one is good for a minute more, for requests already on their way. */
const drawnMs = 15 * 60 * 1000;

/** Opens a session; gives its secret, which is kept nowhere. */
export async function openSession(redis: Redis, account: string, password: string): Promise<string> {
  const now = Date.now();
  return keepSession(redis, { account, since: now, drawn: now, password: markOf(password) });
}

async function keepSession(redis: Redis, session: Session): Promise<string> {
  const secret = randomBytes(32).toString('base64url');
  await redis.set(passKey('session', sha256(secret)), JSON.stringify(session), 'EX', idleSeconds);
  return secret;
}

/** The session of a secret, kept alive by this; `fresh` is the secret to use from now on, when it is time for another. */
export async function readSession(redis: Redis, secret: string): Promise<{ session: Session; fresh?: string } | undefined> {
  const key = passKey('session', sha256(secret));
  const [[, kept], [, left]] = (await redis.multi().get(key).ttl(key).exec()) as [[unknown, string | null], [unknown, number]];
  if (kept === null) return undefined;
  const session = JSON.parse(kept) as Session & { ending?: true };
  const now = Date.now();
  if (now - session.since > sessionMs) {
    await redis.del(key);
    return undefined;
  }
  if (session.ending) return { session };
  if (now - session.drawn < drawnMs) {
    // Once a minute is often enough: every change is written to disk before it is answered.
    if (left < idleSeconds - 60) await redis.expire(key, idleSeconds);
    return { session };
  }
  const fresh = await keepSession(redis, { ...session, drawn: now });
  await redis.set(key, JSON.stringify({ ...session, ending: true }), 'EX', 60);
  return { session, fresh };
}

export async function endSession(redis: Redis, secret: string): Promise<void> {
  await redis.del(passKey('session', sha256(secret)));
}

/** Tells one stored password from another without saying anything about either. */
export const markOf = (password: string): string => sha256(`password ${password}`).slice(0, 16);

// One-time links --------------------------------------------------------------------------------------------------------------------

/** What a one-time link is good for. Without an account: whoever has it names a new one, the first administrator. */
export interface Link {
  account?: string | undefined;
  /** The account that made it, or `console`. */
  by: string;
}

const linkSeconds = 24 * 3600;

/** A one-time link's secret, good once, for a day. */
export async function makeLink(redis: Redis, link: Link): Promise<string> {
  const secret = randomBytes(32).toString('base64url');
  await redis.set(passKey('link', sha256(secret)), JSON.stringify(link), 'EX', linkSeconds);
  return secret;
}

/** What the link is good for, without using it up. */
export async function readLink(redis: Redis, secret: string): Promise<Link | undefined> {
  const kept = await redis.get(passKey('link', sha256(secret)));
  return kept === null ? undefined : (JSON.parse(kept) as Link);
}

/** Uses a link up; of two at once one gets it. */
export async function useLink(redis: Redis, secret: string): Promise<Link | undefined> {
  const kept = await redis.getdel(passKey('link', sha256(secret)));
  return kept === null ? undefined : (JSON.parse(kept) as Link);
}

// The second of two people ----------------------------------------------------------------------------------------------------------

const confirmedSeconds = 5 * 60;

/** Somebody has confirmed, by card and PIN, as the second person beside `first`; gives what proves it for five minutes. */
export async function makeConfirmation(redis: Redis, account: string, first: string): Promise<string> {
  const secret = randomBytes(32).toString('base64url');
  await redis.set(passKey('second', sha256(secret)), JSON.stringify({ account, first }), 'EX', confirmedSeconds);
  return secret;
}

/** Who has confirmed beside `first`, and until when. */
export async function readConfirmation(redis: Redis, secret: string, first: string): Promise<{ account: string; until: number } | undefined> {
  const key = passKey('second', sha256(secret));
  const [kept, left] = await Promise.all([redis.get(key), redis.pttl(key)]);
  if (kept === null) return undefined;
  const read = JSON.parse(kept) as { account: string; first: string };
  return read.first === first && read.account !== first ? { account: read.account, until: Date.now() + left } : undefined;
}

// Attempts --------------------------------------------------------------------------------------------------------------------------

/** Counts an attempt; gives how many there were since the first, within `seconds` of it. */
export async function countAttempt(redis: Redis, what: string, seconds: number): Promise<number> {
  const key = passKey('tries', what);
  const [[, count]] = (await redis.multi().incr(key).expire(key, seconds, 'NX').exec()) as [[unknown, number]];
  return count;
}

/** The attempt was a good one and does not count. */
export async function uncountAttempt(redis: Redis, what: string): Promise<void> {
  const key = passKey('tries', what);
  if ((await redis.decr(key)) <= 0) await redis.del(key);
}

/** Adds to the counts of this window of several things at once; gives their totals, over all processes. */
export async function addToRates(redis: Redis, counts: readonly { what: string; added: number; seconds: number }[]): Promise<number[]> {
  const pipeline = redis.pipeline();
  for (const { what, added, seconds } of counts) pipeline.incrby(passKey('rate', what), added).expire(passKey('rate', what), seconds, 'NX');
  const replies = (await pipeline.exec()) ?? [];
  return counts.map((_, i) => Number(replies[i * 2]?.[1] ?? 0));
}

/** An address or a name as it stands in a key: whoever reads Redis learns neither. */
export const hidden = (text: string): string => sha256(text).slice(0, 24);

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const sameHash = (a: string, b: string): boolean => a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
