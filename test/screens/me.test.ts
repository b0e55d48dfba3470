// The pages for residents in a real browser: in both languages, by day and by night, on a telephone and at four times the size, without
// scripts, and light enough for a thin line.

import type { Page } from 'playwright-core';
import t from 'tap';
import { makeCode, serialKey, serialOf } from '../../src/domain/codes.js';
import { codeSeed } from '../../src/vault/offline.js';
import { axe, chineseLeft, measured, openBrowser, openScreen, picture, withBrowser } from './browser.js';
import { openService } from './service.js';

const phone = { width: 390, height: 844 };

t.test('a resident looks', withBrowser, async (t) => {
  const service = await openService(t, { people: 0, stations: 3 });
  const browser = await openBrowser(t);
  await service.step('registerWalkIn', { name: '李小明', document: { number: '11010519491231002X' }, phone: '13800001234', village: '北义', household: '1' });
  await service.step('registerWalkIn', { name: '王芳', document: { number: '440524188001010014' }, phone: '13900005678', village: '北义', household: '2' });
  await service.step('issueTicket', { site: 's1', party: [{ resident: '2', number: 'A12' }] });
  const tube = service.tube();
  await service.step('openTube', { tube, station: 't1', size: 1 });
  await service.step('takeSwab', { resident: '1', tube });
  const vault = await service.program.vault.round(service.cell.round);
  if (vault === 'erased') throw new Error('the round has just been made');
  const key = serialKey(codeSeed(vault, service.cell.area));
  const card = (n: number) => makeCode('resident', serialOf(key, n - 1));
  const looks = async (t: Parameters<typeof openScreen>[0], { language = 'zh', dark = false, script = true }: { language?: 'zh' | 'en'; dark?: boolean; script?: boolean }): Promise<{ page: Page; bytes(): number }> => {
    if (script) {
      const { page } = await openScreen(t, { browser, base: service.base, size: phone, language });
      await page.emulateMedia({ colorScheme: dark ? 'dark' : 'light' });
      return { page, bytes: weighed(page) };
    }
    const context = await browser.newContext({ baseURL: service.base, viewport: phone, javaScriptEnabled: false });
    t.teardown(() => context.close());
    const page = await context.newPage();
    return { page, bytes: weighed(page) };
  };
  const held = async (t: { same(found: unknown, wanted: unknown, name: string): boolean }, page: Page, language: 'zh' | 'en', name: string): Promise<void> => {
    t.same(await axe(page), [], `${name}: axe`);
    t.same(await measured(page), [], `${name}: sizes`);
    t.same(await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth), false, `${name}: nothing lies beside the page`);
    if (language === 'en') t.same(await chineseLeft(page), [], name);
    await picture(page, name);
  };

  for (const [language, dark] of [['zh', false], ['en', true]] as const) {
    await t.test(`${language}, ${dark ? 'dark' : 'light'}: card, queue, result`, withBrowser, async (t) => {
      const { page, bytes } = await looks(t, { language, dark });
      const tell = `me-${language}`;
      await page.goto(`/me${language === 'en' ? '?lang=en' : ''}#${card(2)}`);
      t.equal(await page.locator('#code').inputValue(), card(2), "a card's link fills in its code, and no server has seen it");
      await held(t, page, language, `${tell}-card`);
      await page.locator('main button').click();
      await page.getByText('A12').waitFor();
      t.match(await page.locator('dl').textContent(), /A12.*t1/s);
      t.notMatch(page.url(), new RegExp(card(2)), 'nothing typed stands in the address');
      await held(t, page, language, `${tell}-queue`);

      await page.goto(`/me${language === 'en' ? '?lang=en' : ''}`);
      await page.locator('p a').click();
      await page.locator('#document').fill('11010519491231002X');
      await page.locator('#proof').fill('1234');
      await page.locator('main button').click();
      await page.getByText('李*明').waitFor();
      t.match(await page.locator('main').textContent(), language === 'zh' ? /检测中[\s\S]*已采样/ : /In process[\s\S]*Swab taken/);
      await held(t, page, language, `${tell}-result`);
      t.ok(bytes() < 30_000, `all of it weighs ${bytes()} bytes`);
    });
  }

  await t.test('without scripts, and at four times the size', withBrowser, async (t) => {
    const { page } = await looks(t, { script: false });
    await page.setViewportSize({ width: 320, height: 640 });
    await page.goto('/me');
    t.equal(await page.locator('#voice').isVisible(), false, 'what needs a script is not shown');
    await page.locator('#code').fill(card(1));
    await page.locator('main button').click();
    await page.locator('#proof').fill('002x');
    await page.locator('form:has(#proof) button').click();
    await page.getByText('李*明').waitFor();
    await picture(page, 'me-without-scripts');
    // 400 % of a screen 1,280 px wide is 320 px: nothing may lie beside the page.
    t.ok((await page.locator('header').boundingBox())?.width ?? 0 <= 320);
  });

  await t.test('how long it takes at each site, for anybody', withBrowser, async (t) => {
    const { page } = await looks(t, { language: 'en' });
    const reply = await page.goto('/wait/r1/north?lang=en');
    t.match(reply?.headers(), { 'cache-control': 'public, max-age=15' });
    t.equal(reply?.headers()['set-cookie'], undefined);
    t.equal(await page.locator('tr').count(), 2);
    t.match(await page.locator('table').textContent(), /小学.*Free.*广场.*Free/s);
    await held(t, page, 'en', 'wait-en');
    await page.goto('/wait/r1/north');
    t.match(await page.locator('table').textContent(), /不用等/);
    await held(t, page, 'zh', 'wait-zh');
  });
});

/** What came over the line, counted as it comes. */
function weighed(page: Page): () => number {
  let bytes = 0;
  page.on('response', (response) => void response.body().then((body) => { bytes += body.length; }, () => undefined));
  return () => bytes;
}
