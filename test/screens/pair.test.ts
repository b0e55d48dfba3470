// Pairing a tablet as a person does it: one scan and three taps, a scanner whose faults are named, and in the end a tablet that works offline.

import t from 'tap';
import { testCodes } from '../../src/screens/scanning/scannerTest.js';
import { axe, chineseLeft, measured, openBrowser, openScreen, picture, scan, withBrowser } from './browser.js';
import { openService, type Service } from './service.js';

const offer = (service: Service, more: object = {}): Promise<{ qr: string; code: string; device: string }> =>
  service.call('POST', '/api/pairing', { ...service.cell, role: 'station', site: 's1', station: 't1', ...more });

t.test('a code, the place, three scans, the sound, and it is ready to work offline', withBrowser, async (t) => {
  const service = await openService(t, { people: 30 });
  const browser = await openBrowser(t);
  const screen = await openScreen(t, { browser, base: service.base });
  const { page } = screen;
  await page.addInitScript(() => {
    (window as unknown as { touches: number }).touches = 0;
    window.addEventListener('pointerdown', () => { (window as unknown as { touches: number }).touches++; }, true);
  });
  const { qr, device } = await offer(service);
  await page.goto(qr);
  await page.locator('.where b', { hasText: '小学 · t1' }).waitFor();
  t.notOk(page.url().includes('#'), 'the code does not stay in the address');
  await picture(page, 'pair-place');
  t.same(await axe(page), []);
  await page.locator('#right').click();

  await page.locator('.testcode').waitFor();
  // A scanner without Enter, with caps lock, and slow: each is named.
  await scan(page, testCodes[0] as string, { suffix: '' });
  await page.locator('.verdict.stop[data-faults~="noEnter"]').waitFor();
  await picture(page, 'pair-scanner-fault');
  await scan(page, testCodes[0] as string);
  await page.locator('.verdict.ok').waitFor();
  await scan(page, (testCodes[1] as string).replace(/[a-z]/gi, (letter) => (letter === letter.toUpperCase() ? letter.toLowerCase() : letter.toUpperCase())));
  await page.locator('.verdict.stop[data-faults~="caps"]').waitFor();
  await scan(page, testCodes[1] as string);
  await page.locator('.verdict.ok').waitFor();
  t.same(await measured(page, { target: 64 }), []);
  await scan(page, testCodes[2] as string);

  await page.locator('#heard').click();
  await page.locator('h2', { hasText: '可以开始，断网也能用' }).waitFor({ timeout: 60_000 });
  t.match(await page.locator('.progress span').innerText(), /30 \/ 30/);
  await picture(page, 'pair-ready');
  t.same(await axe(page), []);
  await page.locator('#start').click();
  await page.waitForURL('**/station');
  await page.locator('.answer[data-answer=start]').waitFor();
  t.equal((await page.evaluate(() => (window as unknown as { __sounds: string[] }).__sounds)).length, 0);

  // Opened from the home screen it goes to its work, and shows what it is when it is asked.
  await page.goto('/pair?start');
  await page.waitForURL('**/station');
  await page.goto('/pair');
  await page.locator('.where small', { hasText: device }).waitFor();
});

t.test('a code that was used, and one that was typed', withBrowser, async (t) => {
  const service = await openService(t, { people: 5 });
  const browser = await openBrowser(t);
  const first = await openScreen(t, { browser, base: service.base });
  const { qr, code } = await offer(service);
  await first.page.goto('/pair');
  await picture(first.page, 'pair-code');
  await first.page.locator('#code').fill(code);
  await first.page.keyboard.press('Enter');
  await first.page.locator('.where').waitFor();
  const second = await openScreen(t, { browser, base: service.base, language: 'en' });
  await second.page.goto(qr);
  await second.page.locator('.problem').waitFor();
  await picture(second.page, 'pair-used-en');
  t.same(await chineseLeft(second.page), []);
  t.same(await axe(second.page), []);
  t.equal(await second.page.locator('#code').count(), 1, 'another can be typed');
});

t.test('a browser that has lost its storage is the same device with new numbers', withBrowser, async (t) => {
  const service = await openService(t, { people: 5 });
  const browser = await openBrowser(t);
  const { page, context } = await openScreen(t, { browser, base: service.base });
  await service.pair(context, { role: 'station', site: 's1', station: 't1' });
  await page.goto('/pair');
  await page.locator('.where b', { hasText: 't1' }).waitFor();
});
