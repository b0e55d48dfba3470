// Printed codes: what stands on our own labels, cards and slips, and what a scanner may have read.
//
// A code is 12 digits: one for its type, nine for its serial, two check digits. Digits only, because a hand
// scanner is a keyboard: letters change under a Chinese input method, another keyboard layout or caps lock,
// digits under none of them. Twelve digits also make the densest Code 128 and fit the smallest
// QR code. The type comes first, so a box held under the tube's prompt is told apart by its first digit, and the
// check (ISO 7064 MOD 97-10) catches every wrong digit and every exchange of two neighbours.
//
// Serials from 900,000,000 belong to rehearsals: their second digit is a 9 on every label, so a label from a
// practice day is refused on the real day and the other way round, by people and programs alike.
//
// Labels of other makers (pre-printed tubes) are read by rule: 12 to 16 digits and capitals, or what a round
// says more exactly. Everything here is pure and runs on the tablet and in the service alike.

import { judgeDocument, type GoodDocument } from './documents.js';
import { readManifest } from './manifest.js';

/** What a code is for, by its first digit. 0, 8 and 9 are not given out. */
export const codeTypes = {
  1: 'tube',
  2: 'resident',
  3: 'box',
  4: 'station',
  5: 'device',
  6: 'staff',
  7: 'command',
} as const;

export type CodeType = (typeof codeTypes)[keyof typeof codeTypes];

/** Real rounds have serials below this number, rehearsals from it on. */
export const rehearsalSerials = 900_000_000;
const serialsEnd = 1_000_000_000;

export interface PrintedCode {
  type: CodeType;
  serial: number;
  rehearsal: boolean;
}

/** Makes the 12 digits of a code. The serial includes the rehearsal's 900,000,000 where it is one. */
export function makeCode(type: CodeType, serial: number): string {
  if (!Number.isInteger(serial) || serial < 0 || serial >= serialsEnd) {
    throw new RangeError(`A code's serial is a whole number from 0 to ${serialsEnd - 1}, not ${serial}.`);
  }
  const body = `${digitOfType[type]}${String(serial).padStart(9, '0')}`;
  return body + checkOf(body);
}

/** Reads 12 digits as one of our codes; null when they are none, or when the check digits do not fit. */
export function parseCode(code: string): PrintedCode | null {
  if (!/^\d{12}$/.test(code)) return null;
  const type = codeTypes[Number(code.charAt(0)) as keyof typeof codeTypes];
  if (type === undefined || checkOf(code.slice(0, 10)) !== code.slice(10)) return null;
  const serial = Number(code.slice(1, 10));
  return { type, serial, rehearsal: serial >= rehearsalSerials };
}

/** Was the tube's label made by somebody else? Own labels come from ranges that are given out once; others are claimed when they are opened. */
export const isForeignTube = (code: string): boolean => parseCode(code)?.type !== 'tube';

/** Four groups of three, as it is printed under the bars for people to read aloud. */
export function spacedCode(code: string): string {
  return code.replace(/(\d{3})(?=\d)/g, '$1 ');
}

function checkOf(body: string): string {
  // ISO 7064 MOD 97-10: the number with its check leaves 1. Twelve digits stay far below 2^53.
  return String(98 - ((Number(body) * 100) % 97)).padStart(2, '0');
}

const digitOfType = Object.fromEntries(Object.entries(codeTypes).map(([digit, type]) => [type, digit])) as Readonly<Record<CodeType, string>>;

// ---------------------------------------------------------------------------------------------------------
// Serials of residents
//
// Residents are numbered as they are enrolled: 0, 1, 2 ... Printed as they are, those numbers would say in which
// order a village was listed, and the neighbour's code could be guessed. So a serial is the number sent through
// a permutation with a key of the cell. This is OBFUSCATION, NOT SECRECY: the mixing is a few multiplications,
// the key lives on the service and may live on tablets, and whoever has both directions of some numbers can work
// it out. A resident's code is a name for a person, never a proof of who they are, and it opens nothing.
//
// Only multiplications, additions and remainders below 2^53, so that Lua's doubles can do the same.

/** The permutation's key: one per cell, made from any random string that the cell keeps. */
export type SerialKey = readonly number[];

const rounds = 8;
/** The largest prime below 2^26, so that every product stays below 2^53. */
const prime = 67_108_859;

export function serialKey(seed: string): SerialKey {
  if (seed.length < 16) throw new RangeError('The seed of a permutation of serials has at least 16 characters.');
  let state = [1, 2];
  const stir = (value: number): void => {
    const [a, b] = state as [number, number];
    const mixed = (((a + value + 1) * 48_271) % prime) + b;
    state = [((mixed % prime) * (mixed % prime) + 12_345 + a) % prime, (mixed * 16_807 + value) % prime];
  };
  for (let i = 0; i < seed.length; i++) stir(seed.charCodeAt(i));
  const key: number[] = [];
  for (let i = 0; i < rounds * 2; i++) {
    stir(i);
    stir(seed.length);
    key.push(state[0] ?? 0);
  }
  return key;
}

/**
 * The serial of the resident with this number. Real residents take 0 to 899,999,999 (30,000 squared), those of a
 * rehearsal 900,000,000 to 999,999,999 (10,000 squared), so both halves of a Feistel network have the same size.
 */
export function serialOf(key: SerialKey, ordinal: number, rehearsal = false): number {
  const { side, first } = rangeOf(rehearsal);
  if (!Number.isInteger(ordinal) || ordinal < 0 || ordinal >= side * side) {
    throw new RangeError(`A resident's number is a whole number from 0 to ${side * side - 1}, not ${ordinal}.`);
  }
  let left = Math.floor(ordinal / side);
  let right = ordinal % side;
  for (let i = 0; i < rounds; i++) [left, right] = [right, (left + mix(key, i, right, side)) % side];
  return first + left * side + right;
}

/** The number of the resident with this serial: serialOf read backwards. */
export function ordinalOf(key: SerialKey, serial: number): number {
  const { side, first } = rangeOf(serial >= rehearsalSerials);
  const inside = serial - first;
  if (!Number.isInteger(inside) || inside < 0 || inside >= side * side) throw new RangeError(`${serial} is no serial.`);
  let left = Math.floor(inside / side);
  let right = inside % side;
  for (let i = rounds - 1; i >= 0; i--) [left, right] = [(right - mix(key, i, left, side) + side) % side, left];
  return left * side + right;
}

function rangeOf(rehearsal: boolean): { side: number; first: number } {
  return rehearsal ? { side: 10_000, first: rehearsalSerials } : { side: 30_000, first: 0 };
}

function mix(key: SerialKey, round: number, half: number, side: number): number {
  const a = key[round * 2] ?? 0;
  const b = key[round * 2 + 1] ?? 0;
  const once = ((half + a) * (half + a)) % prime;
  const twice = ((once + b) * ((once + a) % prime)) % prime;
  return twice % side;
}

// ---------------------------------------------------------------------------------------------------------
// Scans

/** Which labels of other makers a round accepts as tubes. Fields instead of a pattern: a pattern can be made to hang. */
export interface ForeignTubeRule {
  /** What the rule is for, as the command post wrote it: "Lot 2231 of the county". */
  name: string;
  prefix?: string | undefined;
  lengthMin: number;
  lengthMax: number;
  /** Whether capitals may occur; digits always may. */
  letters: boolean;
}

/** What the trade prints: 12 to 16 digits and capitals. */
export const anyForeignTube: ForeignTubeRule = { name: 'any', lengthMin: 12, lengthMax: 16, letters: true };

const tubeLengths = { least: 8, most: 20 } as const;

/** As the command post writes a rule: `QX/10-12` are ten to twelve characters that begin with QX, `/14` any fourteen. undefined: it is none. */
export function readTubeRule(text: string): ForeignTubeRule | undefined {
  const name = text.normalize('NFKC').trim().toUpperCase();
  const found = /^([0-9A-Z]{0,12})\/(\d{1,2})(?:-(\d{1,2}))?$/.exec(name);
  if (!found) return undefined;
  const [, prefix = '', least = '', most = least] = found;
  const [lengthMin, lengthMax] = [Number(least), Number(most)];
  if (lengthMin < tubeLengths.least || lengthMax > tubeLengths.most || lengthMin > lengthMax || prefix.length >= lengthMin) return undefined;
  return { name, ...(prefix === '' ? {} : { prefix }), lengthMin, lengthMax, letters: true };
}

export interface ScanRules {
  /** Rules a round adds. One that names a prefix or a single length goes before the guess that a code is a shop's. */
  foreignTubes?: readonly ForeignTubeRule[];
  /** Today, YYYY-MM-DD, for dates of birth. */
  today?: string;
}

export type Scan =
  | { kind: CodeType; value: string; serial: number; rehearsal: boolean; repeated?: true }
  | { kind: 'foreignTube'; value: string; rule: string; repeated?: true }
  | { kind: 'document'; value: string; document: GoodDocument; repeated?: true }
  | { kind: 'shopBarcode'; value: string }
  /** A box's manifest from another screen; `value` is the box. */
  | { kind: 'manifest'; value: string; hash: string; tubes: readonly string[] }
  | { kind: 'twoCodes'; value: string; values: string[] }
  | { kind: 'unknown'; value: string; reason: UnknownScan };

/** Why a scan is nothing we know, with the sentence the tablet shows. */
export const unknownScans = {
  scan_empty: { zh: '没有扫到内容。', en: 'Nothing was scanned.' },
  scan_web_address: {
    zh: '这是一个网页二维码，请扫描居民码、证件或试管上的条码。',
    en: 'This QR code is a web address. Scan the code of a resident, a document or a tube.',
  },
  scan_check_failed: { zh: '条码没有读对，请再扫一次。', en: 'The code was not read correctly. Scan it again.' },
  scan_document_wrong: {
    zh: '像是证件号码，但校验位不对，请再扫一次或手工输入。',
    en: 'It looks like a document number, but its check digit does not fit. Scan again or type it.',
  },
  scan_characters: {
    zh: '扫到的内容含有不应出现的字符，请关闭输入法后再扫。',
    en: 'The scan holds characters no code has. Switch the input method off and scan again.',
  },
  scan_length: {
    zh: '条码长度不对，可能只扫到一部分，请再扫一次。',
    en: 'The code has the wrong length; perhaps only a part was read. Scan it again.',
  },
} as const satisfies Record<string, { zh: string; en: string }>;

export type UnknownScan = keyof typeof unknownScans;

/** Longer than any code, shorter than what makes a screen slow. */
const scanLengthMax = 300;

/**
 * Says what a scanner has read. Forgiving about how it was sent (line ends, symbology marks, full-width digits,
 * small letters, the same code twice), strict about what it is: a misread is never passed on as something else.
 */
export function readScan(text: string, rules: ScanRules = {}): Scan {
  // Longer than any other code, and proved by a hash of its own.
  const manifest = /^\s*SWB1\//i.test(text) ? readManifest(text) : null;
  if (manifest) return { kind: 'manifest', value: manifest.box, hash: manifest.hash, tubes: manifest.tubes };
  const parts = cleaned(text.slice(0, scanLengthMax + 1));
  const whole = parts.join('');
  if (whole === '') return { kind: 'unknown', value: '', reason: 'scan_empty' };
  if (text.length > scanLengthMax) return { kind: 'unknown', value: whole.slice(0, 40), reason: 'scan_length' };
  if (parts.length > 1) return several(parts, rules);
  const one = readOne(whole, rules);
  if (one.kind !== 'unknown') return one;
  return unglued(whole, rules) ?? one;
}

/** The codes in a text, freed of what scanners and keyboards add. Most often there is one. */
function cleaned(text: string): string[] {
  return text
    .normalize('NFKC')
    .split(/\p{Cc}+/u)
    .map((part) => part.replace(/[\s\u200b-\u200f\ufeff]/gu, '').replace(/^\][A-Za-z][0-9A-Za-z]/, ''))
    .filter((part) => part !== '');
}

/** One code, whole. */
function readOne(code: string, rules: ScanRules): Scan {
  const value = code.toUpperCase();
  if (/^(HTTPS?:|WWW\.|[A-Z][A-Z0-9+.-]*:\/\/)/.test(value)) return { kind: 'unknown', value: code, reason: 'scan_web_address' };
  const printed = parseCode(value);
  if (printed) return { kind: printed.type, value, serial: printed.serial, rehearsal: printed.rehearsal };
  const named = foreignTube(value, exactRules(rules));
  if (named) return named;
  const document = documentIn(value, rules.today);
  if (document) return document;
  if (isShopBarcode(value)) return { kind: 'shopBarcode', value };
  // Twelve digits that fail the check are one of ours misread, far oftener than they are somebody else's.
  if (/^[1-7]\d{11}$/.test(value)) return { kind: 'unknown', value, reason: 'scan_check_failed' };
  const other = foreignTube(value, rules.foreignTubes ?? [anyForeignTube]);
  if (other) return other;
  if (/^\d{17}[\dX]$/.test(value)) return { kind: 'unknown', value, reason: 'scan_document_wrong' };
  return { kind: 'unknown', value, reason: /^[0-9A-Z-]*$/.test(value) ? 'scan_length' : 'scan_characters' };
}

function exactRules(rules: ScanRules): readonly ForeignTubeRule[] {
  return (rules.foreignTubes ?? []).filter((rule) => rule.prefix !== undefined || rule.lengthMin === rule.lengthMax);
}

function foreignTube(value: string, rules: readonly ForeignTubeRule[]): Scan | null {
  const rule = rules.find(
    (rule) =>
      value.length >= rule.lengthMin &&
      value.length <= rule.lengthMax &&
      value.startsWith(rule.prefix?.toUpperCase() ?? '') &&
      (rule.letters ? /^[0-9A-Z]+$/ : /^\d+$/).test(value),
  );
  return rule ? { kind: 'foreignTube', value, rule: rule.name } : null;
}

/** A document's number, where its form or check digit leaves no doubt; a passport's number could be anything. */
function documentIn(value: string, today: string | undefined): Scan | null {
  if (!/^\d{17}[\dX]$|^\d{15}$|^[HM]\d{8}(\d{2})?$/.test(value)) return null;
  const document = judgeDocument({ number: value, today });
  return document.ok ? { kind: 'document', value: document.normalised, document } : null;
}

/** EAN-13, EAN-8 and UPC-A, by length and check digit. */
function isShopBarcode(value: string): boolean {
  if (!/^(\d{8}|\d{12}|\d{13})$/.test(value)) return false;
  let sum = 0;
  for (let i = 0; i < value.length; i++) sum += Number(value.charAt(value.length - 1 - i)) * (i % 2 === 0 ? 1 : 3);
  return sum % 10 === 0;
}

/** Several codes, one after another with a line end or a tab between them. */
function several(parts: string[], rules: ScanRules): Scan {
  const scans = parts.map((part) => readOne(part, rules));
  const values = [...new Set(scans.map((scan) => scan.value))];
  const [first] = scans;
  if (values.length === 1 && first) return sameAgain(first);
  return { kind: 'twoCodes', value: values.join(' '), values };
}

/**
 * Two codes that arrived as one text because the scanner sends no line end. The same code twice is read as that
 * code; otherwise every place to cut is tried, and both sides must prove themselves by their check digits.
 */
function unglued(whole: string, rules: ScanRules): Scan | null {
  const half = whole.slice(0, whole.length / 2);
  if (half + half === whole) {
    const scan = readOne(half, rules);
    if (scan.kind !== 'unknown') return sameAgain(scan);
  }
  const strict = { ...rules, foreignTubes: exactRules(rules) };
  for (let cut = 8; cut <= whole.length - 8; cut++) {
    const sides = [whole.slice(0, cut), whole.slice(cut)].map((side) => readOne(side, strict));
    if (sides.every((side) => side.kind !== 'unknown')) {
      const values = sides.map((side) => side.value);
      return { kind: 'twoCodes', value: values.join(' '), values };
    }
  }
  return null;
}

function sameAgain(scan: Scan): Scan {
  return scan.kind === 'unknown' || scan.kind === 'shopBarcode' || scan.kind === 'twoCodes' || scan.kind === 'manifest' ? scan : { ...scan, repeated: true };
}
