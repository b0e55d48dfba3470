// What the bench is to reach and what its last kept run has measured, for the bench that asks and for the README's table.

import { existsSync, readFileSync } from 'node:fs';

export interface Goal {
  key: string;
  what: string;
  /** The floor: at least, or at most. */
  min?: number;
  max?: number;
  /** The floor that was asked for, where another is held; the README's decisions say why. */
  asked?: number;
  aim: number;
}

export interface Measured {
  machine: Record<string, string>;
  figures: Record<string, number>;
  /** Lowest and highest of the paired rounds, where there were rounds. */
  spreads: Record<string, [number, number]>;
}

export const measuredFile = 'bench/measured.json';

export const goals = (): Goal[] => JSON.parse(readFileSync('bench/goals.json', 'utf8')) as Goal[];
export const measured = (): Measured => (existsSync(measuredFile) ? (JSON.parse(readFileSync(measuredFile, 'utf8')) as Measured) : { machine: {}, figures: {}, spreads: {} });

export const floorOf = ({ min, max, asked }: Goal): string => `${min === undefined ? `at most ${max}` : `at least ${min}`}${asked === undefined ? '' : ` (asked for: ${asked})`}`;
const reaches = (min: number | undefined, max: number | undefined, value: number): boolean => (min === undefined || value >= min) && (max === undefined || value <= max);

/** What became of a goal, in a word: a floor that is held instead of the one asked for is told apart. */
export function reached({ min, max, asked }: Goal, value: number): 'yes' | 'what is held' | 'NO' {
  if (!reaches(min, max, value)) return 'NO';
  return asked === undefined || reaches(min === undefined ? undefined : asked, max === undefined ? undefined : asked, value) ? 'yes' : 'what is held';
}
