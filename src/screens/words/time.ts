// Times as people at the table read them: stored in UTC, shown where the drive is (Asia/Shanghai unless the service says otherwise).

import { signal } from '@preact/signals';

const kept = 'swabline.zone';
const usual = 'Asia/Shanghai';

/** A zone this browser cannot reckon with would stop every page that shows a time. */
function known(timeZone: string | null): string {
  try {
    return timeZone ? new Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone : usual;
  } catch {
    return usual;
  }
}

/** The time zone of the drive, as the service told last: a tablet without a network goes on with it. */
export const zone = signal(typeof localStorage === 'undefined' ? usual : known(localStorage.getItem(kept)));

export function setZone(timeZone: string): void {
  if (known(timeZone) === zone.value) return;
  zone.value = known(timeZone);
  localStorage.setItem(kept, zone.value);
}

const formats = new Map<string, Intl.DateTimeFormat>();
function formatted(at: number, options: Intl.DateTimeFormatOptions): string {
  const key = `${zone.value}${JSON.stringify(options)}`;
  let format = formats.get(key);
  if (!format) {
    format = new Intl.DateTimeFormat('zh-CN', { timeZone: zone.value, hourCycle: 'h23', ...options });
    formats.set(key, format);
  }
  return format.format(at);
}

/** 14:07 */
export const clock = (at: number): string => formatted(at, { hour: '2-digit', minute: '2-digit' });
/** 14:07:36 */
export const clockWithSeconds = (at: number): string => formatted(at, { hour: '2-digit', minute: '2-digit', second: '2-digit' });
/** 2026-03-04 14:07 */
export const dayAndClock = (at: number): string => `${day(at)} ${clock(at)}`;
/** 2026-03-04 */
export const day = (at: number): string => formatted(at, { year: 'numeric', month: '2-digit', day: '2-digit' }).replace(/\//g, '-');
/** Whole minutes between two times. */
export const minutesBetween = (from: number, to: number): number => Math.max(0, Math.floor((to - from) / 60_000));
