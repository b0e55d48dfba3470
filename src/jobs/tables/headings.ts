// Headings as people write them, brought to one form, and lists of words with one meaning each. Words must fit whole: a column taken for
// the wrong thing is worse than one that somebody has to point at.

import type { TableRow } from './table.js';

/** A heading without what people add to it: 试管码（必填） loses its marks, Tube No. its spaces, dots and capitals. */
export function plainHeading(text: string): string {
  return text
    .normalize('NFKC')
    .replace(/[\s*:：、/\\()[\]【】（）._\-#'"]/gu, '')
    .toLowerCase();
}

/** From lists of words, as they stand after `plainHeading`, to what each of them means. */
export function byWord<Meaning extends string>(words: Readonly<Record<Meaning, string>>): ReadonlyMap<string, Meaning> {
  return new Map(
    Object.entries<string>(words).flatMap(([meaning, list]) => list.split(/\s+/).map((word): [string, Meaning] => [word, meaning as Meaning])),
  );
}

/** The texts of a row by column. */
export function textsOf(row: TableRow): Map<number, string> {
  const found = new Map<number, string>();
  for (const [column, cell] of row.cells) if (cell.kind === 'text') found.set(column, cell.text);
  return found;
}
