// The wall on a running service: who may see it, how soon a swab is on it, and what it does when the line or the service is away.

import type { WebSocketRoute } from 'playwright-core';
import t from 'tap';
import { axe, openBrowser, openScreen, picture, withBrowser } from './browser.js';
import { openService } from './service.js';
import { figure, fullHd } from './wallCounts.js';

t.test('a wall of this service', withBrowser, async (t) => {
  const service = await openService(t);
  const browser = await openBrowser(t);

  await t.test('a screen that nobody has paired asks for it, and one that is paired shows its cell', async (t) => {
    const { page, context } = await openScreen(t, { browser, base: service.base, size: fullHd });
    await page.goto('/wall');
    await page.locator('#account').waitFor();
    t.match(await page.locator('.pairing').textContent(), /Pair this screen/);
    t.same(await axe(page), []);
    await service.pair(context, { role: 'wall' });
    await page.reload();
    await figure(page, 'sampled').waitFor();
    t.match(await page.locator('h1').textContent(), /三月第一轮/);
    t.match(await page.locator('[data-figure=finish]').textContent(), /无法估计/, 'before the first swab nothing is said of the finish');
    t.equal(await page.locator('.tile').count(), 3);
  });

  await t.test('somebody who has signed in chooses the cell by its address', async (t) => {
    const { page, context } = await openScreen(t, { browser, base: service.base, size: fullHd, language: 'en' });
    await service.signIn(context, 'wendy', [{ role: 'command_post', round: 'r1' }]);
    await page.goto('/wall?cell=r1:north&until=23:59');
    await figure(page, 'sampled').waitFor();
    t.match(await figure(page, 'needed').textContent(), /by 23:59/);
  });

  await t.test('a swab is on the wall within the second, and after a cut the wall goes on without a wrong number', withBrowser, async (t) => {
    const { page, context } = await openScreen(t, { browser, base: service.base, size: fullHd, expected: /WebSocket connection/ });
    await service.pair(context, { role: 'wall' });
    const asked: string[] = [];
    let cut = false;
    let line: WebSocketRoute | undefined;
    await page.routeWebSocket(/\/live/, (route) => {
      asked.push(route.url());
      if (cut) void route.close();
      else {
        line = route;
        route.connectToServer();
      }
    });
    await page.goto('/wall');
    await figure(page, 'sampled').waitFor();
    await page.evaluate(() => {
      const seen: [string, number][] = [];
      (window as unknown as { seen: typeof seen }).seen = seen;
      const element = document.querySelector('[data-figure=sampled]') as HTMLElement;
      new MutationObserver(() => seen.push([element.textContent ?? '', Date.now()])).observe(element, { characterData: true, childList: true, subtree: true });
    });
    let tube = '';
    const swab = async (n: number): Promise<void> => {
      if (n % 10 === 0) {
        tube = service.tube();
        await service.step('openTube', { tube, station: 't1' });
      }
      takenAt.push(Date.now());
      await service.step('takeSwab', { resident: String(n + 1), tube });
    };
    const takenAt: number[] = [];
    for (let n = 0; n < 30; n++) {
      await swab(n);
      await page.waitForTimeout(37 * ((n * 7) % 9));
    }
    await page.locator('[data-figure=sampled]:text-is("30")').waitFor();
    const seen = await page.evaluate(() => (window as unknown as { seen: [string, number][] }).seen);
    const waits = takenAt.map((at, i) => (seen.find(([text]) => Number(text) > i)?.[1] ?? Number.POSITIVE_INFINITY) - at).sort((a, b) => a - b);
    t.ok(waits.every(Number.isFinite), 'each swab came to the wall');
    t.comment(`from the tablet's request to the wall: ${waits[15]} ms in the middle, ${waits[29]} ms at worst of 30`);

    cut = true;
    await line?.close();
    for (let n = 30; n < 40; n++) await swab(n);
    await page.locator('.age.amber').waitFor();
    t.equal(await figure(page, 'sampled').textContent(), '30', 'the numbers stay');
    await page.locator('.wall.lost').waitFor();
    t.match(await figure(page, 'age').textContent(), /信号中断.*1[5-9] 秒/);
    t.equal(await figure(page, 'sampled').textContent(), '30');
    await picture(page, 'wall-lost');
    cut = false;
    await page.locator('[data-figure=sampled]:text-is("40")').waitFor();
    await page.locator('.age.fresh').waitFor();
    t.match(asked.at(-1), /after=.+&epoch=/, 'it went on from where it was');
  });

  await t.test('the service is started anew: the wall comes back by itself with what the record says', withBrowser, async (t) => {
    const { page, context } = await openScreen(t, { browser, base: service.base, size: fullHd, expected: /WebSocket connection|ERR_CONNECTION/ });
    await service.pair(context, { role: 'wall' });
    await page.goto('/wall');
    await page.locator('[data-figure=sampled]:text-is("40")').waitFor();
    await service.stop();
    await page.locator('.age.amber').waitFor();
    t.equal(await figure(page, 'sampled').textContent(), '40');
    await service.start();
    const tube = service.tube();
    await service.step('openTube', { tube, station: 't1', size: 1 });
    await service.step('takeSwab', { resident: '41', tube });
    await page.locator('[data-figure=sampled]:text-is("41")').waitFor();
    t.match(await figure(page, 'toBox').textContent(), /^\d+$/);
  });

});
