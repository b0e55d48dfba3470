// Sealed files: something larger than one entry (an uploaded roster), sealed piece by piece as it streams past.
//
// Every piece carries its number, whether it is the last, and the file's own random mark, all authenticated. So pieces cannot be left
// out, put in another order or taken from another file, and a file that was cut short is seen to be.
//
//   mark 16 | (length 4 | last 1 | sealed piece) ...

import { randomBytes } from 'node:crypto';
import { SealFault } from './sealing.js';
import type { Place, RoundVault } from './vault.js';

const pieceLength = 64 * 1024;
/** A piece, its envelope, and nothing more: a longer length is a damaged file, and is not allocated. */
const sealedLengthMax = pieceLength + 64;

/** Seals a stream of bytes for a purpose. The last piece may be empty; it is always there. */
export async function* sealStream(vault: RoundVault, purpose: string, place: Place, source: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  const mark = randomBytes(16);
  yield mark;
  let number = 0;
  const sealed = (piece: Buffer, last: boolean): Buffer => {
    const bytes = vault.sealBytes(pieceOf(purpose, mark, number++, last), place, piece);
    const head = Buffer.alloc(5);
    head.writeUInt32BE(bytes.length);
    head[4] = last ? 1 : 0;
    return Buffer.concat([head, bytes]);
  };
  for await (const piece of pieces(source, () => pieceLength)) {
    yield sealed(piece, piece.length < pieceLength);
    if (piece.length < pieceLength) return;
  }
  yield sealed(Buffer.alloc(0), true);
}

/** Opens what sealStream made. Throws SealFault for a file that was changed or cut. */
export async function* openStream(vault: RoundVault, purpose: string, place: Place, source: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let mark: Buffer | null = null;
  let head: Buffer | null = null;
  let number = 0;
  let done = false;
  const wanted = (): number => (mark === null ? 16 : head === null ? 5 : head.readUInt32BE());
  for await (const part of pieces(source, wanted)) {
    if (done || part.length !== wanted()) throw broken();
    if (mark === null) {
      mark = part;
    } else if (head === null) {
      head = part;
      if (head.readUInt32BE() > sealedLengthMax) throw broken();
    } else {
      done = head[4] === 1;
      yield vault.openBytes(pieceOf(purpose, mark, number++, done), place, part);
      head = null;
    }
  }
  if (!done) throw broken();
}

function pieceOf(purpose: string, mark: Buffer, number: number, last: boolean): string {
  return `${purpose}:${mark.toString('hex')}:${number}:${last ? 'last' : 'more'}`;
}

function broken(): SealFault {
  return new SealFault('seal_broken', 'A sealed file was changed or cut short.');
}

/** Cuts a stream into pieces of the wanted length, asked anew for each; what is left over at the end comes last. */
async function* pieces(source: AsyncIterable<Uint8Array>, wanted: () => number): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const bytes of source) {
    const fresh = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    rest = rest.length > 0 ? Buffer.concat([rest, fresh]) : fresh;
    let at = 0;
    while (rest.length - at >= wanted()) {
      const piece = rest.subarray(at, at + wanted());
      at += piece.length;
      yield piece;
    }
    rest = rest.subarray(at);
  }
  if (rest.length > 0) yield rest;
}
