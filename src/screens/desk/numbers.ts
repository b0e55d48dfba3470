// The desk makes its own ticket numbers: its letter and its own counter, kept on this tablet, so that it can give them out without a
// network. A number is unique for a site and a day because each desk of a site has a letter of its own.

import { day } from '../words/time.js';

interface Kept {
  letter: string;
  day: string;
  last: number;
}

const name = 'swabline.tickets';

function kept(at: number): Kept {
  const text = localStorage.getItem(name);
  const found = text === null ? undefined : (JSON.parse(text) as Kept);
  const today = day(at);
  return found ? { ...found, ...(found.day === today ? {} : { day: today, last: 0 }) } : { letter: 'A', day: today, last: 0 };
}

/** `A012`: at least three digits, as they are read aloud. */
export const written = (letter: string, n: number): string => `${letter}${String(n).padStart(3, '0')}`;

export const letterOf = (at: number): string => kept(at).letter;

/** A letter or two; what is given out already keeps its number. */
export function chooseLetter(letter: string, at: number): boolean {
  if (!/^[A-Z]{1,2}$/.test(letter)) return false;
  localStorage.setItem(name, JSON.stringify({ ...kept(at), letter, ...(letter === letterOf(at) ? {} : { last: 0 }) }));
  return true;
}

/** Takes the next numbers; they are on the disk before anybody sees them, so that a tablet that dies never gives one out twice. */
export function takeNumbers(count: number, at: number): string[] {
  const before = kept(at);
  localStorage.setItem(name, JSON.stringify({ ...before, last: before.last + count }));
  return Array.from({ length: count }, (_, i) => written(before.letter, before.last + i + 1));
}

/** Past numbers that the record already has: another tablet of this letter, or storage that was lost. */
export function skipNumbers(by: number, at: number): void {
  const before = kept(at);
  localStorage.setItem(name, JSON.stringify({ ...before, last: before.last + by }));
}
