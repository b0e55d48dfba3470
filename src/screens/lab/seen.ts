// What a scanner has read, as far as the laboratory's bench goes.

import type { Scan } from '../../domain/codes.js';
import { seenOf as packed } from '../pack/seen.js';
import type { Seen } from './decide.js';

/** A manifest from another screen stands for its box. */
export function seenOf(scan: Scan): Seen {
  const seen = packed(scan);
  return seen.kind === 'manifest' ? { kind: 'box', code: seen.box, rehearsal: undefined } : seen;
}
