// Bytes as a row of pictures: a tablet without a network shows them as QR codes one after the other, another one reads them in any order.
// Each is a text of characters that QR codes pack tightly (45 of them), small enough for version 20, with its place and a checksum.
//
//   SWC1/<checksum of all>/<place>/<of how many>/<checksum of this>/<data>

/** Bytes in one picture: 900 characters, of the 970 that version 20 holds at error correction M. */
const frameBytes = 600;
const letters = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:';
const head = 'SWC1';

const crcTable = Uint32Array.from({ length: 256 }, (_, n) => {
  let rest = n;
  for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? (rest >>> 1) ^ 0xedb88320 : rest >>> 1;
  return rest;
});

/** CRC-32 as eight hexadecimal digits. */
export function checksum(bytes: Uint8Array): string {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ (crcTable[(crc ^ byte) & 255] ?? 0);
  return ((crc ^ 0xffffffff) >>> 0).toString(16).toUpperCase().padStart(8, '0');
}

/** Two bytes are three characters, one is two (RFC 9285). */
function written(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 2) {
    const second = bytes[i + 1];
    let rest = second === undefined ? (bytes[i] ?? 0) : (bytes[i] ?? 0) * 256 + second;
    for (let k = second === undefined ? 2 : 3; k > 0; k--) {
      text += letters.charAt(rest % 45);
      rest = Math.floor(rest / 45);
    }
  }
  return text;
}

/** undefined: it is no such text. */
function read(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (text.length % 3 === 1) return undefined;
  const bytes = new Uint8Array(Math.floor((text.length / 3) * 2));
  for (let i = 0, at = 0; i < text.length; i += 3) {
    const places = [...text.slice(i, i + 3)].map((letter) => letters.indexOf(letter));
    if (places.includes(-1)) return undefined;
    const value = places.reduceRight((sum, place) => sum * 45 + place, 0);
    if (places.length === 3) {
      if (value > 65_535) return undefined;
      bytes[at++] = value >> 8;
    } else if (value > 255) return undefined;
    bytes[at++] = value & 255;
  }
  return bytes;
}

/** The texts of the pictures. */
export function framesOf(bytes: Uint8Array): string[] {
  const total = Math.max(1, Math.ceil(bytes.length / frameBytes));
  const all = checksum(bytes);
  return Array.from({ length: total }, (_, i) => {
    const part = bytes.subarray(i * frameBytes, (i + 1) * frameBytes);
    return `${head}/${all}/${i + 1}/${total}/${checksum(part)}/${written(part)}`;
  });
}

export type Collected =
  /** Not one of these pictures. */
  | { state: 'other' }
  /** One of them, misread: show it again. */
  | { state: 'damaged' }
  | { state: 'more'; have: number; total: number; missing: number[] }
  | { state: 'done'; total: number; bytes: Uint8Array<ArrayBuffer> };

export interface Collector {
  add(text: string): Collected;
}

/** Puts the pictures together again, in whatever order and however often they are read. Pictures of another row begin a new one. */
export function collectFrames(): Collector {
  let of = '';
  let parts: (Uint8Array | undefined)[] = [];

  return {
    add(text) {
      const found = /^SWC1\/([0-9A-F]{8})\/(\d{1,4})\/(\d{1,4})\/([0-9A-F]{8})\/(.*)$/s.exec(text);
      if (!found) return { state: 'other' };
      const [, all = '', at, count, own, data = ''] = found;
      const [place, total] = [Number(at), Number(count)];
      const bytes = read(data);
      if (!bytes || checksum(bytes) !== own || place < 1 || place > total) return { state: 'damaged' };
      if (all !== of || parts.length !== total) {
        of = all;
        parts = Array.from({ length: total }, () => undefined);
      }
      parts[place - 1] = bytes;
      const missing = parts.flatMap((part, i) => (part ? [] : [i + 1]));
      if (missing.length > 0) return { state: 'more', have: total - missing.length, total, missing };
      const whole = new Uint8Array(parts.reduce((sum, part) => sum + (part?.length ?? 0), 0));
      let written = 0;
      for (const part of parts) {
        if (!part) continue;
        whole.set(part, written);
        written += part.length;
      }
      if (checksum(whole) === all) return { state: 'done', total, bytes: whole };
      of = '';
      return { state: 'damaged' };
    },
  };
}
