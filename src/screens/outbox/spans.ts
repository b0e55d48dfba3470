// Numbers of records as a short text: `1-9,12` are ten of them. A copy says with it which records are in it, without saying what they are.

type Span = readonly [first: number, last: number];

const longest = 20_000;
const shape = /^\d{1,10}(-\d{1,10})?(,\d{1,10}(-\d{1,10})?)*$/;

const read = (text: string): Span[] => (text === '' ? [] : text.split(',').map((part): Span => {
  const [first = '0', last = first] = part.split('-');
  return [Number(first), Number(last)];
}));

/** Of numbers in rising order. */
export function spansOf(numbers: readonly number[]): string {
  const spans: [number, number][] = [];
  for (const number of numbers) {
    const last = spans.at(-1);
    if (last && number === last[1] + 1) last[1] = number;
    else spans.push([number, number]);
  }
  return spans.map(([first, last]) => (first === last ? String(first) : `${first}-${last}`)).join(',');
}

export const isSpans = (said: unknown): said is string => typeof said === 'string' && said.length <= longest && shape.test(said) && read(said).every(([first, last]) => first <= last);

/** How many numbers there are. */
export const countIn = (text: string): number => read(text).reduce((sum, [first, last]) => sum + last - first + 1, 0);

/** All numbers of several texts, each once. */
export function joinedSpans(texts: readonly string[]): string {
  const joined: [number, number][] = [];
  for (const [first, last] of texts.flatMap(read).sort((a, b) => a[0] - b[0])) {
    const before = joined.at(-1);
    if (before && first <= before[1] + 1) before[1] = Math.max(before[1], last);
    else joined.push([first, last]);
  }
  return joined.map(([first, last]) => `${first}-${last}`).join(',');
}

/** How many numbers stand in both; in each text a number stands once. */
export function inBoth(one: string, other: string): number {
  const others = read(other);
  return read(one).reduce((sum, [first, last]) => sum + others.reduce((more, [from, to]) => more + Math.max(0, Math.min(last, to) - Math.max(first, from) + 1), 0), 0);
}
