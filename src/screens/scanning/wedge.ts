// Scans that arrive as keystrokes. They are read on the window while no field has the focus: then no input method can turn them into
// words, and no keyboard unfolds on a tablet.
//
//   const wedge = listenWedge({ rules: () => round.rules, onScan: ({ scan }) => ..., onReject: ({ why }) => ... });
//   wedge.stop();
//
// A scan ends with Enter or Tab. Scanners without a suffix are read too, but a pause alone proves nothing: a busy tablet pauses in the
// middle of a burst, and half a code must never count as one. So after a pause only a code that proves itself by its check digits is
// taken; everything else is waited for, and then refused aloud. Once a scanner has shown that it sends a suffix, a pause means nothing.
//
// What a person types is not a scan; a key that stays alone is handed to the screen (`onKey`), which has keys for everything.

import { readScan, type Scan, type ScanRules } from '../../domain/codes.js';
import { readings, type Stroke, strokeOf, usualGap } from './strokes.js';

export type Ending = 'Enter' | 'Tab' | 'pause' | 'paste' | 'field' | 'camera';

export interface Scanned {
  /** What was read, as it came. */
  text: string;
  scan: Scan;
  ending: Ending;
  /** Usual time between two keys, ms. */
  gap: number;
}

export interface Rejected {
  text: string;
  /** `slow`: typed by hand. `incomplete`: a burst ended without a suffix and is no whole code. */
  why: 'slow' | 'incomplete';
  scan: Scan;
}

export interface WedgeOptions {
  onScan(scanned: Scanned): void;
  onReject(rejected: Rejected): void;
  /** A key pressed by itself: one character. Left out: such keys are left to the page. */
  onKey?(key: string): void;
  /** Hears every whole text first: true takes it, as no code (a picture of a second copy). */
  onText?(text: string): boolean;
  /** What the round accepts as tubes of other makers, and the day. */
  rules?(): ScanRules;
  /** Where keys are heard. */
  target?: EventTarget;
}

export interface Wedge {
  /** Hears nothing any more. */
  stop(): void;
}

/** A pause after which a code that proves itself may be taken. */
const pauseMs = 150;
/** A pause after which a burst is over, whatever it was. */
const overMs = 1000;
/** A timer so late has met a busy page. */
const lateMs = 40;
/** Scanners need 1 to 30 ms a key, typists 100 and more. */
const typedMs = 60;
/** Shorter is a slip of a finger. */
const shortest = 4;
/** Longer is no code that a scanner without a suffix could be waited for. */
const longestCode = 40;
/** Keys closer together than this were not pressed by a finger. */
const fingerMs = 30;
const groupSeparator = '\u001d';

/**
 * Does a text prove that it is whole? Twelve digits of ours and eighteen of a document have check digits. Fifteen digits of an old document
 * are the beginning of a new one as well, and a maker's label says its length only where the round's rules name one.
 */
function provesItself(scan: Scan, rules: ScanRules): boolean {
  if (scan.kind === 'unknown' || scan.kind === 'shopBarcode' || scan.kind === 'twoCodes') return false;
  if (scan.kind === 'document') return scan.value.length === 18;
  if (scan.kind !== 'foreignTube') return true;
  return (rules.foreignTubes ?? []).some(({ name, lengthMin, lengthMax }) => name === scan.rule && lengthMin === lengthMax);
}

/** Reads a burst both ways; the places of the keys count where the characters make no sense and the places do. */
function read(strokes: readonly Stroke[], rules: ScanRules): { text: string; scan: Scan } {
  const { typed, placed } = readings(strokes);
  const scan = readScan(typed, rules);
  if (scan.kind !== 'unknown' || placed === '') return { text: typed, scan };
  const other = readScan(placed, rules);
  return other.kind === 'unknown' ? { text: typed, scan } : { text: placed, scan: other };
}

/** Two codes that came as one, each proved by itself, are two scans. */
export function deliver(scanned: Scanned, rules: ScanRules, onScan: WedgeOptions['onScan']): void {
  if (scanned.scan.kind !== 'twoCodes') {
    onScan(scanned);
    return;
  }
  for (const value of scanned.scan.values) onScan({ ...scanned, text: value, scan: readScan(value, rules) });
}

export function listenWedge({ onScan, onReject, onKey, onText, rules = () => ({}), target = globalThis.window }: WedgeOptions): Wedge {
  let strokes: Stroke[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** The first key stayed alone and was told as a key; if more follow all the same, it may have been the first of a code. */
  let told = false;
  /** This scanner ends its codes with a key. */
  let ends = false;

  function clear(): void {
    clearTimeout(timer);
    strokes = [];
    told = false;
  }

  /** Calls after a pause. A timer that comes late has met a stall, and the keys of that time are still to be heard. */
  function after(ms: number, work: () => void): void {
    clearTimeout(timer);
    const due = performance.now() + ms;
    timer = setTimeout(() => {
      if (performance.now() - due > lateMs) after(lateMs, work);
      else work();
    }, ms);
  }

  function reading(): { text: string; scan: Scan; whole: boolean } {
    const all = read(strokes, rules());
    if (!told) return { ...all, whole: true };
    // A key pressed just before a scan, or a code whose first character came early: whichever proves itself.
    if (provesItself(all.scan, rules())) return { ...all, whole: true };
    const rest = read(strokes.slice(1), rules());
    return provesItself(rest.scan, rules()) ? { ...rest, whole: true } : { ...all, whole: false };
  }

  /** Is it a text that somebody else takes? Both readings are tried, and capitals turned round by caps lock turned back. */
  function takenAsText(): boolean {
    if (!onText) return false;
    const { typed, placed } = readings(strokes);
    return [typed, placed, typed.toUpperCase()].some((text) => text !== '' && onText(text));
  }

  function end(ending: Ending): void {
    if (takenAsText()) return clear();
    const { text, scan, whole } = reading();
    const gap = usualGap(strokes);
    clear();
    if (gap > typedMs) onReject({ text, why: 'slow', scan });
    else if (!whole) onReject({ text, why: 'incomplete', scan });
    else deliver({ text, scan, ending, gap }, rules(), onScan);
  }

  /** Nothing has come for a while. */
  function paused(over: boolean): void {
    const [first] = strokes;
    if (!first) return;
    const proved = provesItself(reading().scan, rules());
    if (strokes.length === 1) {
      if (!told) onKey?.(readings([first]).typed);
      told = true;
    } else if (proved && (over || !ends)) {
      end('pause');
      return;
    } else if (over && strokes.length > longestCode && takenAsText()) {
      clear();
      return;
    } else if (over && strokes.length >= shortest) {
      onReject({ text: reading().text, why: usualGap(strokes) > typedMs ? 'slow' : 'incomplete', scan: reading().scan });
    }
    if (over) clear();
    else after(overMs - pauseMs, () => paused(true));
  }

  function onKeydown(event: Event): void {
    const key = event as KeyboardEvent;
    if (isField(key.target) || key.repeat) return;
    const stroke = strokeOf(key);
    const last = strokes.at(-1);
    // Timers run late on a busy tablet; the keys carry their own time.
    if (last && stroke.at - last.at > overMs) paused(true);
    if (key.ctrlKey && !key.altKey && key.code === 'BracketRight') {
      // How a scanner types the separator of GS1 codes.
      if (strokes.length > 0) strokes.push({ ...stroke, key: groupSeparator, code: '', taken: false });
      key.preventDefault();
      return;
    }
    if (key.ctrlKey || key.metaKey || (key.altKey && !key.getModifierState?.('AltGraph'))) return;
    if (key.key === 'Enter' || key.key === 'Tab' || key.code === 'Enter' || key.code === 'NumpadEnter' || key.code === 'Tab') {
      // With nothing before it, it is a person's key for a button or the next field.
      if (strokes.length < shortest) {
        if (strokes.length > 1) clear();
        return;
      }
      key.preventDefault();
      key.stopPropagation();
      ends = true;
      end(key.key === 'Tab' || key.code === 'Tab' ? 'Tab' : 'Enter');
      return;
    }
    const { typed } = readings([stroke]);
    if (typed === '') return;
    // The first key may be a person's; those that follow must not scroll the page or press a button.
    if (strokes.length > 0 || onKey) key.preventDefault();
    // Nor mean a key of the page's own: a long text has every character in it.
    if (last && stroke.at - last.at < fingerMs) key.stopPropagation();
    strokes.push(stroke);
    after(pauseMs, () => paused(false));
  }

  function onPaste(event: Event): void {
    const paste = event as ClipboardEvent;
    if (isField(paste.target)) return;
    const text = paste.clipboardData?.getData('text') ?? '';
    if (text.trim() === '') return;
    paste.preventDefault();
    if (onText?.(text)) return;
    deliver({ text, scan: readScan(text, rules()), ending: 'paste', gap: 0 }, rules(), onScan);
  }

  target.addEventListener('keydown', onKeydown, { capture: true });
  target.addEventListener('paste', onPaste, { capture: true });
  return {
    stop() {
      target.removeEventListener('keydown', onKeydown, { capture: true });
      target.removeEventListener('paste', onPaste, { capture: true });
      clear();
    },
  };
}

/** Does somebody type into a field? */
function isField(target: EventTarget | null): boolean {
  const element = target as Partial<HTMLElement> | null;
  if (!element?.tagName) return false;
  if (element.isContentEditable || /^(TEXTAREA|SELECT)$/.test(element.tagName)) return true;
  return element.tagName === 'INPUT' && !/^(button|submit|reset|checkbox|radio|range|color|file|image)$/.test((element as HTMLInputElement).type);
}

/**
 * Zebra's DataWedge and its kind send text through an input method of their own, which needs a field with the focus. A hidden password field
 * is one that no other input method touches, and `inputmode=none` keeps the keyboard folded. It takes the focus whenever nothing else has it.
 */
export function listenHiddenField({ onScan, onReject, onText, rules = () => ({}) }: Pick<WedgeOptions, 'onScan' | 'onReject' | 'onText' | 'rules'>, page: Document = globalThis.document): Wedge {
  const field = page.createElement('input');
  Object.assign(field, { type: 'password', autocomplete: 'off', tabIndex: -1 });
  field.setAttribute('inputmode', 'none');
  field.setAttribute('aria-hidden', 'true');
  field.style.cssText = 'position:fixed;width:1px;height:1px;opacity:0;border:0;padding:0;pointer-events:none';
  page.body.append(field);
  let timer: ReturnType<typeof setTimeout> | undefined;

  function end(long: boolean): void {
    clearTimeout(timer);
    const text = field.value;
    if (text === '') return;
    if (long && onText?.(text)) {
      field.value = '';
      return;
    }
    const scan = readScan(text, rules());
    if (long || provesItself(scan, rules())) {
      field.value = '';
      if (scan.kind === 'unknown' && text.length >= shortest) onReject({ text, why: 'incomplete', scan });
      else if (text.length >= shortest) deliver({ text, scan, ending: 'field', gap: 0 }, rules(), onScan);
    } else timer = setTimeout(() => end(true), overMs - pauseMs);
  }
  const onInput = (): void => {
    clearTimeout(timer);
    if (/[\r\n\t]/.test(field.value)) end(true);
    else timer = setTimeout(() => end(false), pauseMs);
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' && event.key !== 'Tab') return;
    event.preventDefault();
    end(true);
  };
  const focus = (): void => { if (page.activeElement === page.body || page.activeElement === null) field.focus({ preventScroll: true }); };
  // After the element that has lost it, the page has the focus; look once everything has settled.
  const later = (): void => { setTimeout(focus, 0); };
  field.addEventListener('input', onInput);
  field.addEventListener('keydown', onKey);
  // A button that a finger has pressed keeps the focus, and the next scan would go nowhere; who goes about with the keyboard keeps it.
  const pressed = ({ detail }: MouseEvent): void => {
    setTimeout(() => {
      if (detail > 0 && !isField(page.activeElement)) field.focus({ preventScroll: true });
      else focus();
    }, 0);
  };
  page.addEventListener('focusout', later);
  page.addEventListener('click', pressed);
  focus();
  return {
    stop() {
      clearTimeout(timer);
      page.removeEventListener('focusout', later);
      page.removeEventListener('click', pressed);
      field.remove();
    },
  };
}
