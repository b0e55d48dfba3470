// When a test was read, as laboratories write it. A year first and a time of day, or nothing: which of 3/4 is the month, nobody can know.

import { isRealDate } from '../../domain/documents.js';

export type TestedAt = { at: number } | { problem: 'time_unclear' | 'time_of_day_missing' };

const written =
  /^(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[T\s]*?(?<=[T\s日])(\d{1,2})\s*[:时点]\s*(\d{1,2})\s*分?(?:\s*:?\s*(\d{1,2})(?:\.\d{1,9})?\s*秒?)?)?\s*(Z|[+-]\d{2}:?\d{2})?$/u;
const compact = /^(\d{4})(\d{2})(\d{2})\s?(\d{2}):?(\d{2})(?::?(\d{2}))?$/;

/** 2024-05-01 13:45, 2024/5/1 13:45:20, 2024年5月1日13时45分, 20240501134500, 2024-05-01T13:45:00+08:00. Local times are those of the time zone. */
export function readTestedAt(text: string, timeZone: string): TestedAt {
  const plain = text.normalize('NFKC').trim();
  const match = written.exec(plain) ?? compact.exec(plain);
  if (!match) return { problem: 'time_unclear' };
  const [, year = '', month = '', day = '', hour, minute, second = '0', zone] = match;
  const date = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  // Before 2000 stands what a spreadsheet makes of a time without its day.
  if (!isRealDate(date) || Number(year) < 2000) return { problem: 'time_unclear' };
  if (hour === undefined || minute === undefined) return { problem: 'time_of_day_missing' };
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return { problem: 'time_unclear' };
  const wall = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
  if (zone === undefined) return { at: instantOf(wall, timeZone) };
  const [, sign = '+', hours = '0', minutes = '0'] = /^([+-])(\d\d):?(\d\d)$/.exec(zone) ?? [];
  return { at: wall - (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000 };
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** The instant at which the clocks of a time zone show what UTC's show at `wall`. */
function instantOf(wall: number, timeZone: string): number {
  const at = wall - offsetAt(wall, timeZone);
  return wall - offsetAt(at, timeZone);
}

function offsetAt(at: number, timeZone: string): number {
  let format = formats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-US', { timeZone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' });
    formats.set(timeZone, format);
  }
  const part = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  return Date.UTC(part['year'] ?? 0, (part['month'] ?? 1) - 1, part['day'] ?? 1, part['hour'] ?? 0, part['minute'] ?? 0, part['second'] ?? 0) - at;
}
