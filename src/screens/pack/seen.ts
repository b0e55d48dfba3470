// What a scanner or the camera has read, as far as packing goes: a box, a tube, a card, a manifest from another screen.

import type { Scan } from '../../domain/codes.js';
import type { Seen } from './decide.js';

/** Boxes of other makers have six characters and more (domain research 3.3), fewer than a tube's label has. */
const foreignBox = /^(?=.*\d)[0-9A-Z]{6,11}$/;

export function seenOf(scan: Scan): Seen {
  switch (scan.kind) {
    case 'box': case 'tube': return { kind: scan.kind, code: scan.value, rehearsal: scan.rehearsal };
    case 'foreignTube': return { kind: 'tube', code: scan.value, rehearsal: undefined };
    case 'manifest': return { kind: 'manifest', box: scan.value, hash: scan.hash };
    case 'staff': return { kind: 'staff', card: scan.value };
    case 'resident': case 'station': case 'device': case 'document': return { kind: 'wrong', what: scan.kind };
    case 'shopBarcode': return foreignBox.test(scan.value) ? { kind: 'box', code: scan.value, rehearsal: undefined } : { kind: 'wrong', what: 'shopBarcode' };
    default: return foreignBox.test(scan.value) ? { kind: 'box', code: scan.value, rehearsal: undefined } : { kind: 'unreadable' };
  }
}
