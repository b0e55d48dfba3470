// Findings of a laboratory that arrive together, in a file or from an instrument: whether they agree among themselves, and in which
// order they are sent.
//
// A finding is known by tube, accession and run. What several rows say of one and the same finding differently cannot all be true, and
// nobody but the laboratory knows which of them is: none of them is sent. Two runs that contradict each other are something else: both
// have happened, and the record holds them for two people.

import { parseCode } from './codes.js';
import type { Body } from './requests.js';

export type Finding = Body<'recordResult'>;

/** What findings can have against each other, as words with sentences. */
export const clashes = {
  row_repeated: { zh: '与前面一行相同，只登记前一行。', en: 'The same result stands in an earlier row; only that one is recorded.' },
  results_differ: {
    zh: '同一试管、流水号和批次有不同的内容，都未登记。请核对后只保留正确的一行。',
    en: 'Different things are said of one tube under one accession and run; none of them was recorded. Keep the right row.',
  },
  accession_twice: {
    zh: '同一流水号对应几支不同的试管，都未登记。',
    en: 'One accession number stands beside different tubes; none of them was recorded.',
  },
} as const;

export type Clash = keyof typeof clashes;

/** A finding at its place: a row of a file, a position in a list. */
export interface Placed {
  place: number;
  finding: Finding;
}

export interface Clashing {
  word: Clash;
  /** The places it clashes with, at most twenty. */
  with: number[];
}

const idOf = ({ tube, accession, run }: Finding): string => `${tube}/${accession}/${run}`;
const contentOf = ({ result, testedAt, secondBy = '', plate = '', well = '', lot = '' }: Finding): string =>
  [result, testedAt, secondBy, plate, well, lot].join('\u001f');

/** The findings that must not be sent, by place. */
export function clashesOf(findings: readonly Placed[]): Map<number, Clashing> {
  const byId = new Map<string, Placed[]>();
  const byAccession = new Map<string, Placed[]>();
  const group = (groups: Map<string, Placed[]>, key: string, one: Placed): void => {
    const found = groups.get(key);
    if (found) found.push(one);
    else groups.set(key, [one]);
  };
  for (const one of findings) {
    group(byId, idOf(one.finding), one);
    group(byAccession, one.finding.accession, one);
  }
  const found = new Map<number, Clashing>();
  const say = (word: Clash, all: readonly Placed[], of: readonly Placed[]): void => {
    for (const { place } of of) {
      const others: number[] = [];
      for (const other of all) if (other.place !== place && others.push(other.place) === 20) break;
      found.set(place, { word, with: others });
    }
  };
  for (const all of byId.values()) {
    if (all.length === 1) continue;
    const same = all.every(({ finding }) => contentOf(finding) === contentOf((all[0] as Placed).finding));
    if (same) say('row_repeated', all, all.slice(1));
    else say('results_differ', all, all);
  }
  for (const all of byAccession.values()) {
    if (new Set(all.map(({ finding }) => finding.tube)).size > 1) say('accession_twice', all, all);
  }
  return found;
}

/**
 * What is not negative goes first: a clean negative leaves the laboratory at once, and must not have left when the next row says
 * something else of the same tube.
 */
export function inSendingOrder<One extends Placed>(findings: readonly One[]): One[] {
  const negative = ({ finding }: One) => finding.result === 'negative';
  return [...findings.filter((one) => !negative(one)), ...findings.filter(negative)];
}

/** What shows that a tube's code was typed or misread, as words with sentences. */
export const tubeMistakes = {
  tube_letters: {
    zh: '试管码里有字母 O、I 或 L，应为数字 0 或 1。请核对试管后改正。',
    en: 'The tube code holds the letter O, I or L where 0 or 1 must stand. Look at the tube and correct it.',
  },
  tube_check_failed: { zh: '试管码的校验位不对，有数字错误。', en: 'The check digits of the tube code do not fit: a digit is wrong.' },
  tube_other_code: { zh: '这不是试管码，而是另一种标签（如箱码、工作牌）。', en: 'This is the code of something else than a tube, such as a box or a staff card.' },
} as const;

export type TubeMistake = keyof typeof tubeMistakes;

/** The letters that are typed for digits, as those digits. */
export const withDigits = (code: string): string => code.replaceAll('O', '0').replace(/[IL]/g, '1');

/** What is wrong with a tube's code, if its digits prove it; `suggestion` is what was perhaps meant, and never taken for it. */
export function tubeMistake(code: string): { word: TubeMistake; suggestion?: string } | undefined {
  const ours = parseCode(code);
  if (ours) return ours.type === 'tube' ? undefined : { word: 'tube_other_code' };
  // Only where the digits prove that a letter was meant as one: other makers' codes have letters of their own.
  const digits = withDigits(code);
  if (digits !== code && parseCode(digits)?.type === 'tube') return { word: 'tube_letters', suggestion: digits };
  return /^[1-7]\d{11}$/.test(code) ? { word: 'tube_check_failed' } : undefined;
}

/** What can become of a finding that is sent or looked at; every one of a file or a list ends as exactly one of these. */
export const findingOutcomes = ['accepted', 'held', 'parked', 'known', 'refused', 'faulty'] as const;
export type FindingOutcome = (typeof findingOutcomes)[number];

/** How many went in and what became of them, counted apart from each other, so that the sum proves something. */
export interface FindingCounts extends Record<FindingOutcome, number> {
  in: number;
  /** All outcomes together. */
  sum: number;
  /** Nothing was lost and nothing doubled on the way. */
  equal: boolean;
}

/** `count`: the findings that went in, however they are counted by whoever took them in. */
export function findingCounts(count: number, outcomes: Iterable<FindingOutcome>): FindingCounts {
  const counts = { in: count, ...(Object.fromEntries(findingOutcomes.map((outcome) => [outcome, 0])) as Record<FindingOutcome, number>) };
  let sum = 0;
  for (const outcome of outcomes) {
    counts[outcome]++;
    sum++;
  }
  return { ...counts, sum, equal: sum === count };
}
