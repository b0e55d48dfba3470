// The test of a hand scanner before the first shift: three codes are scanned from the screen or from paper, and what is wrong with the
// scanner or the computer is named, with what to do about it. Nobody should find out in front of a queue.

import { makeCode } from '../../domain/codes.js';
import { readings, type Stroke, strokeOf, usualGap } from './strokes.js';

/** What can be wrong, the most telling first. */
export const scannerFaults = {
  ime: {
    zh: '输入法在抢字', en: 'An input method takes the characters',
    nextZh: '切换到英文输入，或关闭输入法（Shift 或 Ctrl+空格）', nextEn: 'Switch the input method off (Shift or Ctrl+Space)',
  },
  layout: {
    zh: '键盘布局不对', en: 'The keyboard layout is not the scanner\'s',
    nextZh: '把系统键盘布局设为“美式”', nextEn: 'Set the keyboard layout to US',
  },
  caps: {
    zh: '大小写反了', en: 'Capitals and small letters are exchanged',
    nextZh: '关闭大写锁定（Caps Lock）', nextEn: 'Switch caps lock off',
  },
  slow: {
    zh: '速度太慢', en: 'It types too slowly',
    nextZh: '用说明书上的设置码把“字符间延时”设为 0', nextEn: 'Set the delay between characters to 0 with the code in its manual',
  },
  noEnter: {
    zh: '没有回车后缀', en: 'It sends no Enter at the end',
    nextZh: '扫描说明书上的“加回车后缀”设置码', nextEn: 'Scan "add Enter suffix" in its manual',
  },
  twice: {
    zh: '一次扫描发了两遍', en: 'It sends every code twice',
    nextZh: '用说明书上的设置码改为“单次扫描”', nextEn: 'Set it to scan once with the code in its manual',
  },
  added: {
    zh: '前后多了字符', en: 'It adds characters before or after the code',
    nextZh: '用说明书上的设置码去掉前缀和后缀', nextEn: 'Switch prefixes and suffixes off with the code in its manual',
  },
  missing: {
    zh: '少了字符', en: 'Characters are missing',
    nextZh: '靠近接收器，或把“字符间延时”设为 5 毫秒后再试', nextEn: 'Move closer to its receiver, or set the delay between characters to 5 ms',
  },
  other: {
    zh: '这不是测试码', en: 'This is not the test code',
    nextZh: '请扫描屏幕上的码', nextEn: 'Scan the code that is shown',
  },
} as const satisfies Record<string, { zh: string; en: string; nextZh: string; nextEn: string }>;

export type ScannerFault = keyof typeof scannerFaults;

export interface Diagnosis {
  expected: string;
  /** What arrived. */
  text: string;
  ok: boolean;
  faults: ScannerFault[];
  /** Usual time between two keys, ms. */
  gap: number;
}

/** What to scan: our own digits, then letters that other layouts and caps lock change, then digits once more. Code 128 or QR. */
export const testCodes: readonly string[] = [makeCode('command', 1), 'Test-QWAZMY-qwazmy', makeCode('command', 2)];

const slowMs = 30;
const exchanged = (text: string): string => [...text].map((letter) => (letter === letter.toUpperCase() ? letter.toLowerCase() : letter.toUpperCase())).join('');
/** `part` with some of its characters left out gives `whole`. */
const isWithin = (part: string, whole: string): boolean => {
  let at = 0;
  for (const letter of whole) if (letter === part.charAt(at)) at++;
  return at === part.length;
};

/** Judges one burst of keys. `ended`: it was closed by Enter or Tab. */
export function diagnose(expected: string, strokes: readonly Stroke[], ended: boolean): Diagnosis {
  const { typed, placed } = readings(strokes);
  const gap = usualGap(strokes);
  const faults: ScannerFault[] = [];
  // What the keys were, whatever the computer made of them.
  const keys = placed === '' ? typed : placed;
  const seen = typed.normalize('NFKC');
  const taken = strokes.some((stroke) => stroke.taken) || seen !== typed;
  const near = (text: string): boolean => text === expected || text === exchanged(expected);

  if (taken) faults.push('ime');
  if (seen !== expected) {
    if (exchanged(seen) === expected) faults.push('caps');
    else if (seen === expected + expected) faults.push('twice');
    else if (near(keys)) {
      if (!taken) faults.push('layout');
    } else if (seen.includes(expected)) faults.push('added');
    else if (seen.length >= expected.length / 2 && isWithin(seen, expected)) faults.push('missing');
    else if (!taken) faults.push('other');
  }
  if (gap > slowMs) faults.push('slow');
  if (!ended && !faults.includes('other')) faults.push('noEnter');
  return { expected, text: seen, ok: faults.length === 0, faults, gap };
}

export interface ScannerTest {
  stop(): void;
}

/** How long a burst may stand still before it is over; a scanner without a suffix is found out by it. */
const overMs = 700;

/** Runs the test: tells what came for each code, and begins the same code again until it is right. Stop the page's own reader meanwhile. */
export function runScannerTest({ onScan, onDone, codes = testCodes, target = globalThis.window }: {
  onScan(diagnosis: Diagnosis, step: number): void;
  onDone(diagnoses: Diagnosis[]): void;
  codes?: readonly string[];
  target?: EventTarget;
}): ScannerTest {
  const good: Diagnosis[] = [];
  let strokes: Stroke[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;

  function over(ended: boolean): void {
    clearTimeout(timer);
    const burst = strokes;
    strokes = [];
    const expected = codes[good.length];
    if (burst.length < 4 || expected === undefined) return;
    const diagnosis = diagnose(expected, burst, ended);
    if (diagnosis.ok) good.push(diagnosis);
    onScan(diagnosis, good.length - (diagnosis.ok ? 1 : 0));
    if (good.length === codes.length) {
      stop();
      onDone(good);
    }
  }
  function onKeydown(event: Event): void {
    const key = event as KeyboardEvent;
    if (key.repeat || key.ctrlKey || key.metaKey) return;
    if (/^(Enter|NumpadEnter|Tab)$/.test(key.code) || key.key === 'Enter' || key.key === 'Tab') {
      if (strokes.length === 0) return;
      key.preventDefault();
      over(true);
      return;
    }
    const stroke = strokeOf(key);
    if (readings([stroke]).typed === '' && !stroke.taken) return;
    key.preventDefault();
    strokes.push(stroke);
    clearTimeout(timer);
    timer = setTimeout(() => over(false), overMs);
  }
  function stop(): void {
    clearTimeout(timer);
    target.removeEventListener('keydown', onKeydown, { capture: true });
  }
  target.addEventListener('keydown', onKeydown, { capture: true });
  return { stop };
}
