// What a tablet needs to know people without a network, and nothing beyond it: a key of its own under which it hashes a scanned document,
// and the seed of the cell's printed codes. Both are derived from the round's keys and are gone with them.

import { createDecipheriv, createHash, createHmac } from 'node:crypto';
import type { RoundVault } from './vault.js';

/** The key of one tablet (with one storage) in one cell. It opens nothing: what is hashed with it can only be compared. */
export interface TabletKey {
  /** Tells one key from another and nothing about either. */
  id: string;
  key: Buffer;
}

export function tabletKey(vault: RoundVault, area: string, device: string, epoch: string): TabletKey {
  const key = vault.derive(['tablet', area, device, epoch]);
  return { id: createHash('sha256').update('swabline tablet key').update(key).digest('hex').slice(0, 8), key };
}

/** Bytes of a hash that go to a tablet: among 28,000 people two share twelve bytes once in 10^20. */
const hashLength = 12;

/**
 * The hash by which a tablet knows somebody. What is hashed is the UTF-8 text of `identityOf` (people.ts): for whoever has a document,
 * `judgeDocument(...).identity` of domain/documents.ts, such as `id:11010519491231002X`, `hm:H12345678`, `pp:E12345678`. So a tablet
 * that scans a document computes HMAC-SHA256 of that text under its key, keeps the first twelve bytes, and writes them as base64url.
 */
export const identityHash = ({ key }: TabletKey, identity: string): string => createHmac('sha256', key).update(identity, 'utf8').digest().subarray(0, hashLength).toString('base64url');

/** The text for `serialKey` (domain/codes.ts): one for each cell, for ever, so that a printed resident code means the same on every day. */
export const codeSeed = (vault: RoundVault, area: string): string => vault.derive(['codes', area]).toString('base64url');

// The second copy: records a device could not send, sealed so that whoever finds the file or photographs the screen reads nothing, and so
// that the seal proves whose they are. The device gets the key while it has a network and cannot read it out again.

/** The key under which a device (with one storage, in one cell) seals what it could not send. */
export function carryKey(vault: RoundVault, area: string, device: string, epoch: string): TabletKey {
  const key = vault.derive(['carry', area, device, epoch]);
  return { id: createHash('sha256').update('swabline carry key').update(key).digest('hex').slice(0, 8), key };
}

/** What a parcel is bound to: in another cell, or under another name, it does not open. */
export const carryBinding = (round: string, area: string, device: string, epoch: string): string => ['swabline carried 1', round, area, device, epoch].join('\u001f');

const ivLength = 12;
const tagLength = 16;

/** Opens a parcel: iv, ciphertext, tag (AES-256-GCM as browsers write it); undefined where it was changed or is somebody else's. */
export function openCarried({ key }: TabletKey, binding: string, sealed: Buffer): Buffer | undefined {
  if (sealed.length < ivLength + tagLength) return undefined;
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, ivLength), { authTagLength: tagLength });
  decipher.setAAD(Buffer.from(binding, 'utf8'));
  decipher.setAuthTag(sealed.subarray(sealed.length - tagLength));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(ivLength, sealed.length - tagLength)), decipher.final()]);
  } catch {
    return undefined;
  }
}
