// One key of a keyboard, as a page hears it, and the character meant by it.
//
// A hand scanner is a keyboard that types very fast. What arrives of a key depends on the computer: an input method takes it for itself
// (`Process`), another layout turns 1 into &, caps lock turns capitals round. Which key it was (`code`) none of them changes. So both
// readings are kept, and whoever knows what a good code looks like chooses.

export interface Stroke {
  key: string;
  code: string;
  shift: boolean;
  caps: boolean;
  /** An input method has taken it. */
  taken: boolean;
  /** When the key was pressed, not when the page found time to look (ms). */
  at: number;
}

/** What of a keyboard event matters here; so that tests need no browser. */
export type KeyLike = Pick<KeyboardEvent, 'key' | 'code' | 'shiftKey' | 'timeStamp'> & Partial<Pick<KeyboardEvent, 'keyCode' | 'isComposing' | 'getModifierState'>>;

export const strokeOf = (event: KeyLike): Stroke => ({
  key: event.key, code: event.code, shift: event.shiftKey, caps: event.getModifierState?.('CapsLock') ?? false, at: event.timeStamp,
  taken: event.key === 'Process' || event.key === 'Unidentified' || event.keyCode === 229 || event.isComposing === true,
});

const symbols: Readonly<Record<string, string>> = {
  Minus: '-_', Equal: '=+', Slash: '/?', Period: '.>', Comma: ',<', Semicolon: ';:', Space: '  ', Quote: '\'"', BracketLeft: '[{', BracketRight: ']}', Backslash: '\\|',
  Backquote: '`~', NumpadDecimal: '..', NumpadSubtract: '--', NumpadAdd: '++', NumpadDivide: '//', NumpadMultiply: '**',
};

/** The character on this key of a US keyboard, which is what scanners are; undefined for keys without one. */
export function byPlace({ code, shift, caps }: Stroke): string | undefined {
  const digit = /^(?:Digit|Numpad)(\d)$/.exec(code)?.[1];
  if (digit !== undefined) return shift && code.startsWith('D') ? ')!@#$%^&*('.charAt(Number(digit)) : digit;
  const letter = /^Key([A-Z])$/.exec(code)?.[1];
  if (letter !== undefined) return shift === caps ? letter.toLowerCase() : letter;
  return symbols[code]?.charAt(shift ? 1 : 0);
}

/** The character the computer made of it; undefined where it made none, or an input method has it. */
export const byKey = ({ key, taken }: Stroke): string | undefined => (taken || [...key].length !== 1 ? undefined : key);

/** The two readings of a burst of keys: as the computer had them, and by the places of the keys. The second is '' where it is the same. */
export function readings(strokes: readonly Stroke[]): { typed: string; placed: string } {
  let typed = '';
  let placed = '';
  for (const stroke of strokes) {
    const place = byPlace(stroke);
    const key = byKey(stroke);
    typed += key ?? place ?? '';
    placed += place ?? key ?? '';
  }
  return { typed, placed: placed === typed ? '' : placed };
}

/** The time that lies between two keys as a rule: the median, which one stall in the middle does not change. */
export function usualGap(strokes: readonly Stroke[]): number {
  const gaps = strokes.slice(1).map(({ at }, i) => at - (strokes[i]?.at ?? at)).sort((a, b) => a - b);
  return gaps[gaps.length >> 1] ?? 0;
}
