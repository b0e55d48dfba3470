// What the bench is to reach and what its last kept run has measured, for the bench that asks and for the README's table.

import { existsSync, readFileSync } from 'node:fs';

export interface Goal {
  key: string;
  what: string;
  /** The floor: at least, or at most. */
  min?: number;
  max?: number;
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

export const floorOf = ({ min, max }: Goal): string => (min === undefined ? `at most ${max}` : `at least ${min}`);
export const reaches = ({ min, max }: Goal, value: number): boolean => (min === undefined || value >= min) && (max === undefined || value <= max);
