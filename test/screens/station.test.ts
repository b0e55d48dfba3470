// The sampling table in a real browser: a tube, ten people, the next tube, without a touch.

import t from 'tap';
import { axe, chineseLeft, measured, openBrowser, openScreen, picture, withBrowser } from './browser.js';
import { openService } from './service.js';
import { heard, membersOf, openStation, pairStation, scanned } from './tablets.js';

t.test('a tube, ten people and the next tube are twelve scans and no touch', withBrowser, async (t) => {
  const service = await openService(t);
  const browser = await openBrowser(t);
  const screen = await openScreen(t, { browser, base: service.base });
  const { page } = screen;
  const { code } = await pairStation(service, screen.context);
  await page.addInitScript(() => {
    (window as unknown as { touches: number }).touches = 0;
    window.addEventListener('pointerdown', () => { (window as unknown as { touches: number }).touches++; }, true);
  });
  await openStation(screen);
  await picture(page, 'station-start');
  const [first, second] = [service.tube(), service.tube()];
  await scanned(page, first, 'opened');
  await picture(page, 'station-opened');
  for (let n = 1; n <= 9; n++) {
    await scanned(page, code(n), 'counted');
    await page.locator('.count b', { hasText: `${n} / 10` }).waitFor();
  }
  t.match(await page.locator('.answer').innerText(), /第 9 人[\s\S]*No\. 9 of 10/);
  await picture(page, 'station-counted');
  t.same(await axe(page), []);
  t.same(await measured(page, { target: 96, noScroll: true }), []);
  await scanned(page, code(10), 'full');
  await picture(page, 'station-full');
  await scanned(page, second, 'opened');
  t.equal(await page.evaluate(() => (window as unknown as { touches: number }).touches), 0, 'nobody has touched the glass');
  t.equal(await page.evaluate(() => document.activeElement === document.body), true, 'no field has the focus');
  await page.locator('.waiting', { hasText: '已全部上传' }).waitFor();
  t.same(await membersOf(service, first), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  t.match(await service.call('GET', service.at(`/tubes/${first}`)), { state: 'sealed', count: 10 });
  t.match(await service.call('GET', service.at(`/tubes/${second}`)), { state: 'open', count: 0 });
  t.same(await heard(page), ['opened', ...Array(9).fill('ok'), 'full', 'clip:huanxinguan', 'opened']);
  t.same(await chineseLeft(page).then(() => []), []);
});
