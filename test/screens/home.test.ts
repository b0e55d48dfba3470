// The first page, and what every page is held to.

import t from 'tap';
import { axe, chineseLeft, measured, openBrowser, openScreen, picture, withBrowser } from './browser.js';
import { openService } from './service.js';

t.test('the first page leads to every screen, in both languages, by day and by night', withBrowser, async (t) => {
  const service = await openService(t, { empty: true });
  const browser = await openBrowser(t);
  for (const language of ['zh', 'en'] as const) {
    for (const theme of ['light', 'dark'] as const) {
      await t.test(`${language}, ${theme}`, async (t) => {
        const { page } = await openScreen(t, { browser, base: service.base, language, theme });
        await page.goto('/');
        await page.getByRole('heading', { level: 1 }).waitFor();
        t.equal(await page.evaluate(() => document.documentElement.lang), language === 'zh' ? 'zh-CN' : 'en');
        t.equal(await page.locator('.doors a').count(), 9);
        t.same(await axe(page), []);
        t.same(await measured(page), []);
        if (language === 'en') t.same(await chineseLeft(page), []);
        await picture(page, `home-${language}-${theme}`);
      });
    }
  }
});
