// The manifest of a box as a QR code: what goes from screen to screen where there is no network, and how both sides know that they mean
// the same tubes.
//
// `SWB1/<box>/<hash>/<codes with a dot between>` holds only what QR's denser letters-and-digits mode knows, so a hundred tubes fit one
// code. The hash shows slips (a code misread, a tube too many), not forgery: a manifest is believed because two people stand there.

export interface Manifest {
  box: string;
  /** Sixteen digits, as the record keeps it. */
  hash: string;
  tubes: string[];
}

/** SHA-1 over the codes in order with a blank between them, its first sixteen hex digits: what `sealBox` puts on record. */
export function manifestHash(tubes: readonly string[]): string {
  return sha1([...tubes].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)).join(' ')).slice(0, 16).toUpperCase();
}

/** The text of the QR code of a sealed box. */
export const writeManifest = (box: string, tubes: readonly string[]): string => `SWB1/${box}/${manifestHash(tubes)}/${[...tubes].sort().join('.')}`;

/** Reads such a text; null when it is none, or when its hash is not that of its codes (read it again). */
export function readManifest(text: string): Manifest | null {
  const found = /^SWB1\/([0-9A-Z]{6,20})\/([0-9A-F]{16})\/((?:[0-9A-Z]{8,20}\.?)*)$/.exec(text.trim().toUpperCase());
  if (!found) return null;
  const [, box = '', hash = '', list = ''] = found;
  const tubes = list.split('.').filter(Boolean);
  return manifestHash(tubes) === hash ? { box, hash, tubes } : null;
}

/** SHA-1 of ASCII text in hex. Here rather than from the platform, which has none for a page without TLS and none without waiting. */
function sha1(text: string): string {
  const length = text.length;
  const words = new Uint32Array((((length + 8) >> 6) + 1) * 16);
  for (let i = 0; i < length; i++) words[i >> 2] = (words[i >> 2] ?? 0) | (text.charCodeAt(i) << (24 - (i % 4) * 8));
  words[length >> 2] = (words[length >> 2] ?? 0) | (0x80 << (24 - (length % 4) * 8));
  words[words.length - 1] = length * 8;
  let [a, b, c, d, e] = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0];
  const turned = (value: number, by: number) => (value << by) | (value >>> (32 - by));
  const w = new Uint32Array(80);
  for (let block = 0; block < words.length; block += 16) {
    const before = [a, b, c, d, e] as const;
    for (let i = 0; i < 80; i++) {
      w[i] = i < 16 ? (words[block + i] ?? 0) : turned((w[i - 3] ?? 0) ^ (w[i - 8] ?? 0) ^ (w[i - 14] ?? 0) ^ (w[i - 16] ?? 0), 1);
      const [mix, add] =
        i < 20 ? [(b & c) | (~b & d), 0x5a827999] : i < 40 ? [b ^ c ^ d, 0x6ed9eba1] : i < 60 ? [(b & c) | (b & d) | (c & d), 0x8f1bbcdc] : [b ^ c ^ d, 0xca62c1d6];
      const next = (turned(a, 5) + mix + e + add + (w[i] ?? 0)) | 0;
      [e, d, c, b, a] = [d, c, turned(b, 30), a, next];
    }
    [a, b, c, d, e] = [(before[0] + a) | 0, (before[1] + b) | 0, (before[2] + c) | 0, (before[3] + d) | 0, (before[4] + e) | 0];
  }
  return [a, b, c, d, e].map((part) => (part >>> 0).toString(16).padStart(8, '0')).join('');
}
