// One sealed thing: AES-256-GCM in a single buffer.
//
//   version 1 | key id 4 | nonce 12 | ciphertext | tag 16
//
// What is sealed is bound to where it belongs: purpose, round, area and owner are authenticated with it. Moved to another person,
// another township or another round, it does not open.
//
// The nonce of personal data is made from the content and its place under a key of its own, instead of drawn. So sealing the same data
// of the same person again gives the same bytes, and a repeated request is seen to be the same one. The price is that two equal
// entries of one person in one round can be seen to be equal, which says nothing: they are that person's entry. Different content
// meets the same nonce with the odds of a random one (96 bits).

import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';

const version = 1;
const headLength = 1 + 4 + 12;
const tagLength = 16;

export interface SealingKey {
  /** Which key it is, 4 bytes: tells "sealed with another key" from "tampered with". */
  id: Buffer;
  data: Buffer;
  nonce: Buffer;
}

/** What a sealed thing belongs to, in order; every word counts, an empty one too. */
export type Belonging = readonly (string | Buffer)[];

/** A sealed thing that does not open: it was changed, moved, cut, or sealed with another key. A fault, never an answer to a user. */
export class SealFault extends Error {
  override name = 'SealFault';
  readonly why: 'seal_version' | 'seal_other_key' | 'seal_broken';
  constructor(why: SealFault['why'], message: string) {
    super(message);
    this.why = why;
  }
}

export function sealWith(key: SealingKey, belongs: Belonging, plain: Buffer, nonceFrom: 'content' | 'random'): Buffer {
  const bound = bindingOf(belongs);
  const nonce = nonceFrom === 'random' ? randomBytes(12) : createHmac('sha256', key.nonce).update(bound).update(plain).digest().subarray(0, 12);
  const cipher = createCipheriv('aes-256-gcm', key.data, nonce, { authTagLength: tagLength });
  cipher.setAAD(bound);
  return Buffer.concat([Buffer.of(version), key.id, nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** Throws SealFault, whose message names neither content nor owner. */
export function openWith(key: SealingKey, belongs: Belonging, sealed: Buffer): Buffer {
  if (sealed.length < headLength + tagLength || sealed[0] !== version) {
    throw new SealFault('seal_version', 'A sealed entry has a form that this version does not know.');
  }
  if (!sealed.subarray(1, 5).equals(key.id)) {
    throw new SealFault('seal_other_key', 'A sealed entry was sealed with another key than the one of its round.');
  }
  const decipher = createDecipheriv('aes-256-gcm', key.data, sealed.subarray(5, headLength), { authTagLength: tagLength });
  decipher.setAAD(bindingOf(belongs));
  decipher.setAuthTag(sealed.subarray(sealed.length - tagLength));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(headLength, sealed.length - tagLength)), decipher.final()]);
  } catch {
    throw new SealFault('seal_broken', 'A sealed entry was changed, or does not belong where it was found.');
  }
}

/** Length before content, so that ('ab', 'c') and ('a', 'bc') are two things. */
function bindingOf(belongs: Belonging): Buffer {
  const parts: Buffer[] = [];
  for (const word of belongs) {
    const bytes = typeof word === 'string' ? Buffer.from(word, 'utf8') : word;
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    parts.push(length, bytes);
  }
  return Buffer.concat(parts);
}
