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
  await page.locator(`.answer[data-answer="${row}"]`).waitFor({ timeout: 15_000 });
}

/** Names of what was heard since the page was opened. */
export const heard = (page: Page): Promise<string[]> => page.evaluate(() => (window as unknown as { __sounds?: string[] }).__sounds ?? []);

/** The swabs on record of a tube, in order. */
export async function membersOf(service: Service, tube: string): Promise<number[]> {
  const { members } = await service.call<{ members: { resident: number; marks: number | string[]; state?: string }[] }>('GET', service.at(`/tubes/${tube}`));
  return members.map(({ resident }) => resident);
}
