// Keys without a keyboard: what a page hears of a scanner, of a person and of an input method.

/** A keydown as the window hears it. */
export class Key extends Event {
  readonly key: string;
  readonly code: string;
  readonly shiftKey: boolean;
  readonly ctrlKey: boolean;
  readonly altKey = false;
  readonly metaKey = false;
  readonly repeat: boolean;
  readonly keyCode: number;
  readonly isComposing = false;
  readonly caps: boolean;
  readonly #at: number;

  constructor(key: string, { code = codeOf(key), shift = /^[A-Z!@#$%^&*()_+:"<>?{}|~]$/.test(key), ctrl = false, repeat = false, keyCode = 0, caps = false, at = performance.now() }: {
    code?: string; shift?: boolean; ctrl?: boolean; repeat?: boolean; keyCode?: number; caps?: boolean; at?: number;
  } = {}) {
    super('keydown', { cancelable: true });
    this.key = key;
    this.code = code;
    this.shiftKey = shift;
    this.ctrlKey = ctrl;
    this.repeat = repeat;
    this.keyCode = keyCode;
    this.caps = caps;
    this.#at = at;
  }
  override get timeStamp(): number { return this.#at; }
  getModifierState(name: string): boolean { return name === 'CapsLock' && this.caps; }
}

/** The place of a character on a US keyboard. */
export function codeOf(key: string): string {
  const plain = key.normalize('NFKC');
  if (/^\d$/.test(plain)) return `Digit${plain}`;
  if (/^[A-Za-z]$/.test(plain)) return `Key${plain.toUpperCase()}`;
  return ({ '-': 'Minus', _: 'Minus', '.': 'Period', ':': 'Semicolon', ';': 'Semicolon', '/': 'Slash', ']': 'BracketRight', ' ': 'Space' } as Record<string, string>)[plain] ?? key;
}

export interface Burst {
  /** ms between two keys. */
  gap?: number;
  suffix?: 'Enter' | 'Tab' | '';
  /** Changes each key as something in the way would. */
  as?: (key: string, index: number) => Key;
  /** When the first key was pressed. */
  at?: number;
}

/** Presses the keys of a text at once, each with its own time. Gives the time of the last. */
export function press(target: EventTarget, text: string, { gap = 5, suffix = 'Enter', as, at = performance.now() }: Burst = {}): Key[] {
  const keys: Key[] = [];
  let now = at;
  const one = (key: Key): void => {
    Object.defineProperty(key, 'timeStamp', { value: now });
    keys.push(key);
    target.dispatchEvent(key);
    now += gap;
  };
  for (const [i, key] of [...text].entries()) one(as ? as(key, i) : new Key(key));
  if (suffix) one(new Key(suffix));
  return keys;
}
