// Codes as scanners and thumbs send them: which kind of code stands in a field, and full-width digits put right.
//
// The screens read scans with the same rules (domain/codes.ts) and send what the record knows: a resident's number, a tube's code. This
// is the service's own look, so that a code in the wrong field is never written down as something else.

import { anyForeignTube, type ForeignTubeRule, parseCode, readScan, type Scan, type ScanRules, type UnknownScan, unknownScans } from '../domain/codes.js';
import type { Mode, StepName } from '../domain/requests.js';

/** Fields of a body that hold a code, by what belongs into them. */
const codeFields: Readonly<Record<string, 'tube' | 'resident'>> = { tube: 'tube', from: 'tube', to: 'tube', resident: 'resident' };

/** Steps whose bodies hold scanned codes at their top. */
export const scanned: ReadonlySet<StepName> = new Set([
  'takeSwab', 'openTube', 'voidSwab', 'moveSwab', 'sealTube', 'voidTube', 'excuseResident', 'skipTicket', 'moveTicket',
]);

export interface MistakenCode {
  field: string;
  /** What it is instead. */
  kind: Scan['kind'];
  zh: string;
  en: string;
}

const kindWords: Record<Scan['kind'], { zh: string; en: string }> = {
  tube: { zh: '试管码', en: 'a tube code' },
  foreignTube: { zh: '试管码', en: 'a tube code' },
  resident: { zh: '居民码', en: 'the code of a resident' },
  box: { zh: '转运箱码', en: 'a box code' },
  station: { zh: '采样台码', en: 'the code of a station' },
  device: { zh: '设备码', en: 'the code of a device' },
  staff: { zh: '工作人员卡', en: 'a staff card' },
  command: { zh: '指令卡', en: 'a command card' },
  document: { zh: '证件号码', en: 'a document number' },
  shopBarcode: { zh: '商品条码', en: "a shop's barcode" },
  twoCodes: { zh: '两个码连在一起', en: 'two codes in one scan' },
  manifest: { zh: '装箱清单', en: 'the manifest of a box' },
  unknown: { zh: '无法识别的码', en: 'no code that is known' },
};
const wanted = {
  tube: { zh: '试管码', en: 'a tube code' },
  resident: { zh: '居民编号', en: "a resident's number" },
} as const;

/** What the round names as tubes goes before the guess that a label is a shop's; what it does not name is judged as ever. */
const rulesWith = (labels: readonly ForeignTubeRule[]): ScanRules => (labels.length === 0 ? {} : { foreignTubes: [...labels, anyForeignTube] });

/**
 * Is this the code of a tube? Ours proves itself by its check digits, and another label of ours proves that it is none. That a maker's
 * label looks like a shop's barcode or an identity number is a guess (one 13-digit label in ten does), so only an ask is stopped by it:
 * a report is a fact and goes on record.
 */
export function isTubeCode(code: string, mode: Mode, labels: readonly ForeignTubeRule[] = []): boolean {
  if (code.length === 12) {
    if (parseCode(code)?.type === 'tube') return true;
    // The mark of a rehearsal's own tubes; the record keeps them apart (`wrong_fence`).
    if (code.charCodeAt(0) === 56 && /^\d+$/.test(code)) return true;
    if (/^[1-7]\d{11}$/.test(code)) return false;
  }
  if (mode === 'report' || code.length === 15) return true;
  const scan = readScan(code, rulesWith(labels));
  return scan.kind === 'foreignTube' || (scan.kind === 'unknown' && scan.reason === 'scan_length');
}

/** The tube's code in an accepted body that is something else, if there is one. */
export function mistakenTube(body: Record<string, unknown>, mode: Mode, labels: readonly ForeignTubeRule[] = []): MistakenCode | undefined {
  for (const field of ['tube', 'from', 'to'] as const) {
    const code = body[field];
    if (typeof code === 'string' && !isTubeCode(code, mode, labels)) return mistaken(field, 'tube', readScan(code));
  }
  return undefined;
}

/** The body with its codes as the record knows them (full-width digits, blanks and scanner marks put right), or the code that is none. */
export function withPlainCodes(sent: unknown, labels: readonly ForeignTubeRule[] = []): { body: unknown; mistaken?: MistakenCode } {
  if (typeof sent !== 'object' || sent === null || Array.isArray(sent)) return { body: sent };
  let body: Record<string, unknown> = sent as Record<string, unknown>;
  for (const [field, want] of Object.entries(codeFields)) {
    if (!Object.hasOwn(sent, field)) continue;
    const text = (sent as Record<string, unknown>)[field];
    if (typeof text !== 'string') continue;
    const plain = text.length <= 40 ? text.normalize('NFKC').trim() : text;
    if (want === 'resident' && /^#?[1-9]\d{0,8}$/.test(plain)) body = { ...body, [field]: plain };
    else {
      const scan = readScan(text, rulesWith(labels));
      if (want === 'tube' && (scan.kind === 'tube' || scan.kind === 'foreignTube')) body = { ...body, [field]: scan.value };
      else return { body, mistaken: mistaken(field, want, scan) };
    }
  }
  return { body };
}

function mistaken(field: string, want: 'tube' | 'resident', scan: Scan): MistakenCode {
  if (scan.kind === 'unknown') {
    const { zh, en } = unknownScans[scan.reason as UnknownScan];
    return { field, kind: scan.kind, zh: zh.replace(/。$/, ''), en: en.replace(/\.$/, '') };
  }
  const [is, need] = [kindWords[scan.kind], wanted[want]];
  return { field, kind: scan.kind, zh: `这是${is.zh}，这里需要${need.zh}`, en: `This is ${is.en}; what is needed here is ${need.en}` };
}
