// Tablets of tables for the tests: paired, with their roster on them, and the printed codes of the people on it.

import type { BrowserContext, Page } from 'playwright-core';
import { makeCode, serialKey, serialOf } from '../../src/domain/codes.js';
import { type Screen, scan } from './browser.js';
import type { Service } from './service.js';

export interface Paired {
  device: string;
  /** The printed code of resident n. */
  code(resident: number): string;
}

/** Pairs the tablet of this window as a station, and works out the printed codes of its cell. */
export async function pairStation(service: Service, context: BrowserContext, place: { site?: string; station?: string; rehearsal?: boolean } = {}): Promise<Paired> {
  const device = await service.pair(context, { role: 'station', site: place.site ?? 's1', station: place.station ?? 't1' });
  return { device, code: await codesOf(service, context, place.rehearsal) };
}

export async function codesOf(service: Service, context: BrowserContext, rehearsal = false): Promise<(resident: number) => string> {
  const reply = await context.request.get(`${service.base}${service.at('/tablet/key')}`);
  if (!reply.ok()) throw new Error(await reply.text());
  const { seed } = (await reply.json()) as { seed: string };
  const key = serialKey(seed);
  return (resident) => makeCode('resident', serialOf(key, resident - 1, rehearsal));
}

/** Opens the station and waits until its list is there and the service answers. */
export async function openStation({ page }: Pick<Screen, 'page'>, online = true): Promise<void> {
  await page.goto('/station');
  await page.locator('.answer').waitFor();
  await page.waitForFunction(() => document.querySelector('.downloading') === null);
  if (online) await page.locator('.chip.ok').waitFor();
}

/** The answer that is shown. */
export const answerOf = (page: Page): Promise<string | null> => page.locator('.answer').getAttribute('data-answer');

/** Scans, and waits for the answer to it. */
export async function scanned(page: Page, code: string, row: string): Promise<void> {
  await scan(page, code);
  await page.locator(`.answer[data-answer="${row}"]`).waitFor({ timeout: 45_000 });
}

/** Names of what was heard since the page was opened. */
export const heard = (page: Page): Promise<string[]> => page.evaluate(() => (window as unknown as { __sounds?: string[] }).__sounds ?? []);

/** The swabs on record of a tube, in order. */
export async function membersOf(service: Service, tube: string): Promise<number[]> {
  const { members } = await service.call<{ members: { resident: number; active: boolean }[] }>('GET', service.at(`/tubes/${tube}`));
  return members.filter(({ active }) => active).map(({ resident }) => resident);
}

/** Types a code as a scanner does, all keys in one turn of the page, and waits for the next answer. Quicker than real keys by far. */
export async function flick(page: Page, code: string): Promise<string> {
  return page.evaluate(async (code) => {
    const panel = (): HTMLElement => document.querySelector('.answer') as HTMLElement;
    const before = panel().dataset['turn'];
    const press = (key: string): void => {
      window.dispatchEvent(new KeyboardEvent('keydown', { key, code: /\d/.test(key) ? `Digit${key}` : key, bubbles: true, cancelable: true }));
    };
    for (const digit of code) press(digit);
    press('Enter');
    // Frames run whatever has been done to the clock.
    for (let i = 0; i < 2000 && panel().dataset['turn'] === before; i++) await new Promise((resolve) => requestAnimationFrame(resolve));
    return panel().dataset['answer'] ?? '';
  }, code);
}

/** All swabs of the cell as they stand in the stream, in order. */
export async function swabsOnRecord(service: Service): Promise<{ resident: number; tube: string; number: number }[]> {
  const found: { resident: number; tube: string; number: number }[] = [];
  for (let after = '0'; ;) {
    const page = await service.call<{ events: ({ event: string } & Record<string, unknown>)[]; after: string }>('GET', service.at(`/events?after=${after}&count=1000`));
    if (page.events.length === 0) return found;
    for (const event of page.events) if (event.event === 'swab.taken') found.push({ resident: Number(event['resident']), tube: String(event['tube']), number: Number(event['number']) });
    after = page.after;
  }
}

/** Waits until the pages are kept on the tablet and this page is one of them. */
export async function kept(page: Page): Promise<void> {
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  if (!(await page.evaluate(() => navigator.serviceWorker.controller !== null))) {
    await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  }
}
