// What a bench says and does about a scan, in the form that packers, couriers and laboratories share; which answers there are and what may
// be pending is each page's own.

import type { Wish } from './acts.js';

export interface Said<Answer extends string> {
  row: Answer;
  values?: Readonly<Record<string, string | number>>;
  /** 48 px: the tube or the box. */
  about?: string | undefined;
}

export interface Decision<Answer extends string, Pending> {
  say: Said<Answer>;
  wishes: readonly Wish[];
  pending?: Pending | undefined;
  staff?: string;
  /** Nothing changes but a tick. */
  tick?: true;
}

/** Four digits tell the codes on a bench apart, and are read in a glance. */
export const tailOf = (code: string): string => code.slice(-4);
/** A tube's or box's last digits, large. */
export const shown = (code: string): string => `...${tailOf(code)}`;
