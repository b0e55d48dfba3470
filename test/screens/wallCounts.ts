// The counts of a township at eleven in the morning as a wall gets them, made up: sixty stations, thirty-five villages, tubes on every part of
// their way. For pictures, and for what a wall does with thousands of messages.

import type { Browser, Page, WebSocketRoute } from 'playwright-core';
import type { WallCounts } from '../../src/screens/wall/reckoning.js';
import { openScreen, type Screen, type ScreenOptions } from './browser.js';
import type { Service } from './service.js';

const minute = 60_000;
/** Eight in the morning in Shanghai. */
export const opening = Date.UTC(2022, 10, 23, 0, 0);
export const eleven = opening + 180 * minute;

export function townshipCounts(): WallCounts {
  const stations: WallCounts['stations'] = {};
  for (let n = 1; n <= 60; n++) {
    const special = n === 8 || n === 23 || n === 42 ? { perMinute15: 0.6 } : n === 31 || n === 52 ? { stalled: true, perMinute15: 0 } : n === 14 ? { silent: true, perMinute15: 0 } : n === 45 ? { state: 'paused' as const } : n === 60 ? { state: 'draining' as const } : {};
    stations[n] = { code: `S${String(Math.ceil(n / 2)).padStart(2, '0')}-${2 - (n % 2)}`, state: 'open', stalled: false, silent: false, waiting: 6 + (n % 9), called: 1, perMinute15: 1.4 + (n % 7) / 10, ...special };
  }
  const villages: WallCounts['villages'] = {};
  const names = ['王庄', '李家村', '张家湾', '柳林', '石桥', '东岭', '周屯', '马营', '何寨', '上官屯子大队'];
  for (let n = 1; n <= 35; n++) {
    const residents = 500 + ((n * 137) % 700);
    const sampled = Math.round((residents * (18 + ((n * 29) % 70))) / 100);
    villages[n] = { name: n <= 10 ? (names[n - 1] as string) : `演练${n}村`, residents, sampled, excused: 6, open: residents - sampled - 6 };
  }
  return {
    round: { name: '第三轮全员核酸', state: 'open', rehearsal: false, openedAt: opening, roadAmberMinutes: 120, roadRedMinutes: 240, finishBy: '13:30' },
    total: { residents: 28_210, sampled: 12_345, excused: 210, open: 15_655, waiting: 412, called: 58, perMinute1: 71, perMinute15: 92.4, finish: { at: eleven + 169 * minute, earliest: eleven + 155 * minute, latest: eleven + 186 * minute } },
    villages, stations,
    tubes: { sealed: 1234 },
    places: { open: 58, sealed: 86, boxed: 102, onRoad: 214, arrived: 40, missing: 1, received: 790, resulted: 104, rejected: 1 },
    boxes: { onRoad: 9 },
    road: {
      amber: 14, red: 2,
      oldest: [
        { tube: '110000000881', station: 3, firstSwabAt: eleven - 271 * minute, where: 'onRoad' }, { tube: '110000000912', station: 31, firstSwabAt: eleven - 252 * minute, where: 'arrived' },
        { tube: '110000001013', station: 14, firstSwabAt: eleven - 161 * minute, where: 'sealed' }, { tube: '110000001041', station: 15, firstSwabAt: eleven - 140 * minute, where: 'missing' },
        { tube: '110000001045', station: 16, firstSwabAt: eleven - 131 * minute, where: 'boxed' },
      ],
    },
    results: { resulted: 104 },
    recalls: { open: 2, people: 20, found: 17 },
    discrepancies: { open: 3 },
    devices: { missing: 41, silent: [{ device: 'tablet14', station: 14, seenAt: eleven - 22 * minute, missing: 38 }, { device: 'desk7', station: 0, seenAt: eleven - 9 * minute, missing: 3 }] },
  };
}

/** Minute by minute: slow at first, a dip at half past nine. */
export function townshipHistory(): { from: number; swabs: number[]; sealed: number[]; received: number[] } {
  const swabs = Array.from({ length: 180 }, (_, i) => Math.max(0, Math.round(78 * Math.min(1, i / 25) + 18 * Math.sin(i / 9) - (i > 85 && i < 105 ? 38 : 0) + ((i * 7) % 11))));
  return { from: opening, swabs, sealed: swabs.map((n) => Math.round(n / 10)), received: swabs.map((_, i) => (i > 70 ? Math.round((swabs[i - 65] ?? 0) / 10) : 0)) };
}

export const fullHd = { width: 1920, height: 1080 };

/** A figure of the wall by its name. */
export const figure = (page: Page, name: string) => page.locator(`[data-figure=${name}]`);

/** A wall of this test's own counts: its line is held by the test, everything else is the service. */
export async function madeUp(t: Parameters<typeof openScreen>[0], service: Service, options: Partial<ScreenOptions> & { browser: Browser }): Promise<Screen & { tell(message: object): void }> {
  const screen = await openScreen(t, { base: service.base, size: fullHd, ...options });
  await service.pair(screen.context, { role: 'wall' });
  let line: WebSocketRoute | undefined;
  let told = 0;
  const header = () => ({ position: `${++told}-0`, at: eleven, age: 0 });
  await screen.page.routeWebSocket(/\/live/, (route) => {
    line = route;
    route.send(JSON.stringify({ kind: 'snapshot', cell: service.cell, dataEpoch: 'e', ...header(), counts: townshipCounts() }));
  });
  // As the service does: a line on which nothing is said for six seconds is taken for dead, and what is told while it is opened anew is lost.
  const beat = setInterval(() => line?.send(JSON.stringify({ kind: 'change', position: `${told}-0`, at: eleven, age: 0 })), 1000);
  t.teardown(() => clearInterval(beat));
  await screen.page.route(/\/history$/, (route) => route.fulfill({ json: townshipHistory() }));
  return { ...screen, tell: (message) => line?.send(JSON.stringify({ kind: 'change', ...header(), ...message })) };
}
