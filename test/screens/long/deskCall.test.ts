// Check-in and calling, in a browser: a scan gives a ticket, a call is seen and heard on the screen before those who wait.

import type { Page } from 'playwright-core';
import t from 'tap';
import { axe, chineseLeft, measured, openBrowser, openScreen, picture, scan, withBrowser } from '../browser.js';
import { openService } from '../service.js';

const panel = (page: Page) => page.locator('.panel');
async function says(page: Page, code: string, words: RegExp): Promise<void> {
  await scan(page, code);
  await panel(page).filter({ hasText: words }).waitFor();
}

/** The service is stopped at the end; what a browser says of that is no fault of the page. */
const away = /ERR_CONNECTION_REFUSED|WebSocket connection/;

t.test('a ticket by one scan, a call that is seen and heard', { ...withBrowser, timeout: 300_000 }, async (t) => {
  const service = await openService(t, { people: 30 });
  const browser = await openBrowser(t);
  const codeOf = async (resident: number): Promise<string> => (await service.call<{ code: string }>('GET', service.at(`/residents/${resident}/code`))).code;
  const [first, second, third, fourth] = await Promise.all([1, 2, 4, 7].map(codeOf)) as [string, string, string, string];

  const desk = await openScreen(t, { browser, base: service.base, size: { width: 1280, height: 800 }, expected: away });
  await service.pair(desk.context, { role: 'desk', site: 's1' });
  const { page } = desk;
  await page.goto('/desk');
  await page.locator('.tables .button').first().waitFor();
  await page.waitForFunction(async () => (await indexedDB.databases()).length > 0);
  await page.locator('.tables .button').nth(1).waitFor();
  t.same(await axe(page), []);
  t.same(await measured(page, { noScroll: true }), []);
  await picture(page, 'desk-start');

  await says(page, first, /A001 → t[12] 号台/);
  await says(page, first, /已有号 A001/);
  await picture(page, 'desk-issued');
  // Two who came together have numbers one after the other, at one station.
  await page.keyboard.press('F2');
  await panel(page).filter({ hasText: /依次扫每个人/ }).waitFor();
  await says(page, second, /同行第 1 人/);
  await says(page, third, /同行第 2 人/);
  await page.keyboard.press(' ');
  await panel(page).filter({ hasText: /A00\d \+1 → t[12] 号台/ }).waitFor();

  // As browsers are: no sound before somebody has touched the page.
  const careful = await openBrowser(t, ['--autoplay-policy=document-user-activation-required']);
  const screen = await openScreen(t, { browser: careful, base: service.base, size: { width: 1920, height: 1080 }, expected: away });
  await service.pair(screen.context, { role: 'wall', site: 's1' });
  await screen.page.goto('/call?site=s1');
  await screen.page.locator('.calling').waitFor();
  await screen.page.locator('button.bar').waitFor();
  t.same(await screen.page.evaluate(() => (window as unknown as { __sounds: string[] }).__sounds), [], 'nothing is heard before somebody has touched the screen');
  await screen.page.keyboard.press('Shift');
  await screen.page.locator('button.bar').waitFor({ state: 'detached' });

  const queue = await service.call<{ waiting: { number: string; station: string }[] }>('GET', service.at('/queue?site=s1'));
  const station = queue.waiting[0]?.station as string;
  await page.locator('.tables .button', { hasText: station }).click();
  await page.keyboard.press(' ');
  await panel(page).filter({ hasText: new RegExp(`A001 请到 ${station} 号台`) }).waitFor();
  await screen.page.locator('.number', { hasText: 'A001' }).waitFor({ timeout: 10_000 });
  // Two at once: both stay to be seen, and both are said to the end, in order.
  await says(page, fourth, /A00\d → t[12] 号台/);
  const others = (await service.call<{ waiting: { station: string }[] }>('GET', service.at('/queue?site=s1'))).waiting.map((one) => one.station);
  for (const at of [...new Set(others)].slice(0, 2)) await service.step('callNext', { station: at });
  await screen.page.locator('.big.n2').waitFor({ timeout: 10_000 });
  t.same(await axe(screen.page), []);
  t.same(await measured(screen.page, { letters: 24, noScroll: true }), []);
  await picture(screen.page, 'call-two');
  await screen.page.waitForFunction(() => (window as unknown as { __sounds: string[] }).__sounds.filter((name) => name === 'clip:haotai').length >= 4, undefined, { timeout: 60_000 });
  const heard = (await screen.page.evaluate(() => (window as unknown as { __sounds: string[] }).__sounds)).filter((name) => name.startsWith('clip:')).map((name) => name.slice(5));
  const said = heard.join(' ').split('ding').map((call) => call.trim()).filter(Boolean);
  t.equal(said[0], 'qing A 0 0 1 hao dao t 1 haotai'.replace('t 1', `${station.toUpperCase().split('').join(' ')}`), 'each clip in its order');
  t.equal(said[0], said[1], 'each call twice, before the next begins');

  // The desk: absent goes back, and the keyboard is enough.
  await page.keyboard.press('F6');
  await panel(page).filter({ hasText: /未到/ }).waitFor();
  t.same(await axe(page), []);
  await picture(page, 'desk-absent');
  await page.evaluate(() => { localStorage.setItem('swabline.language', 'en'); });
  await page.reload();
  await page.locator('.tables .button').first().waitFor();
  t.same(await chineseLeft(page), []);
  await picture(page, 'desk-en');

  // Without a service the desk goes on giving out numbers.
  await service.stop();
  await scan(page, first);
  await panel(page).filter({ hasText: /Already|Has a ticket|A00/ }).waitFor({ timeout: 20_000 });
});
