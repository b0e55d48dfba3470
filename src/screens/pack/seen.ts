// What a scanner or the camera has read, as far as packing goes: a box, a tube, a card, a manifest from another screen.

import { parseCode, readScan } from '../../domain/codes.js';
import { readManifest } from '../../domain/manifest.js';
import type { Seen } from './decide.js';

/** Boxes of other makers have six characters and more (domain research 3.3), short of what a tube's label has. */
const foreignBox = /^(?=.*\d)[0-9A-Z]{6,11}$/;

export type Read = Seen | { kind: 'command'; code: string };

export function seenOf(text: string): Read {
  const manifest = readManifest(text);
  if (manifest) return { kind: 'manifest', box: manifest.box, hash: manifest.hash };
  const scan = readScan(text);
  switch (scan.kind) {
    case 'box': case 'tube': return { kind: scan.kind, code: scan.value, rehearsal: scan.rehearsal };
    case 'foreignTube': return { kind: 'tube', code: scan.value, rehearsal: undefined };
    case 'staff': return { kind: 'staff', card: scan.value };
    case 'command': return { kind: 'command', code: scan.value };
    case 'resident': case 'station': case 'device': case 'document': case 'shopBarcode': return { kind: 'wrong', what: scan.kind };
    default: {
      const plain = text.normalize('NFKC').trim().toUpperCase();
      return foreignBox.test(plain) && !parseCode(plain) ? { kind: 'box', code: plain, rehearsal: undefined } : { kind: 'unreadable' };
    }
  }
}
