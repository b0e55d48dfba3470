// Command cards: printed codes that stand for a key of the screen, so that gloves never touch glass. They are laid out beside the scanner
// and mean the same on every tablet; a screen that does not know a command says so aloud.

import { makeCode, parseCode } from './codes.js';

/** Serials of the cards; a number is never given to another command, since cards stay in use for years. */
export const commands = {
  undo: { serial: 1, zh: '撤销上一人', en: 'Undo last' },
  notThisPerson: { serial: 2, zh: '不是本人', en: 'Not this person' },
  noCode: { serial: 3, zh: '无码登记', en: 'No code' },
  closeTube: { serial: 4, zh: '提前封管', en: 'Close tube' },
  repeatLast: { serial: 5, zh: '重复上次回答', en: 'Repeat last answer' },
  theme: { serial: 6, zh: '白天 / 夜间', en: 'Light / dark' },
  lock: { serial: 7, zh: '锁屏休息', en: 'Lock for a break' },
  cancel: { serial: 8, zh: '取消', en: 'Cancel' },
  confirm: { serial: 9, zh: '确定', en: 'Confirm' },
  language: { serial: 10, zh: '中文 / 英文', en: 'Chinese / English' },
  camera: { serial: 11, zh: '摄像头', en: 'Camera' },
  toFix: { serial: 12, zh: '需处理', en: 'To fix' },
  callNext: { serial: 13, zh: '叫下一位', en: 'Call next' },
  // For the scanner test of pairing: three codes unlike each other.
  test1: { serial: 101, zh: '扫码枪测试一', en: 'Scanner test 1' },
  test2: { serial: 102, zh: '扫码枪测试二', en: 'Scanner test 2' },
  test3: { serial: 103, zh: '扫码枪测试三', en: 'Scanner test 3' },
} as const satisfies Record<string, { serial: number; zh: string; en: string }>;

export type Command = keyof typeof commands;
export const commandNames = Object.keys(commands) as Command[];

/** The 12 digits of a command's card. */
export const commandCode = (command: Command): string => makeCode('command', commands[command].serial);

const bySerial = new Map<number, Command>(commandNames.map((name) => [commands[name].serial, name]));

/** The command of a scanned card; undefined where it is none, or one of a later version. */
export function commandOf(code: string): Command | undefined {
  const parsed = parseCode(code);
  return parsed?.type === 'command' ? bySerial.get(parsed.serial) : undefined;
}
