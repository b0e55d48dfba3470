// A wall that nobody touches opens itself anew.

import t from 'tap';
import { openBrowser, withBrowser } from './browser.js';
import { openService } from './service.js';
import { figure, madeUp } from './wallCounts.js';

t.test('a wall opens itself anew when another version is served, and at three at night', withBrowser, async (t) => {
  const service = await openService(t, { people: 0, stations: 1 });
  const browser = await openBrowser(t);
  const { page } = await madeUp(t, service, { browser, size: { width: 960, height: 540 } });
  await page.clock.install({ time: Date.UTC(2022, 10, 23, 4, 0) });
  let more = '';
  await page.route('/wall', async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: (await response.text()) + more });
  });
  await page.goto('/wall');
  await figure(page, 'sampled').waitFor();
  let loads = 0;
  page.on('load', () => { loads++; });
  const looked = () => page.waitForResponse(/\/wall$/);
  await Promise.all([looked(), page.clock.fastForward(61_000)]);
  t.equal(loads, 0, 'the same version stays');
  more = '<!-- the next version -->';
  await Promise.all([page.waitForEvent('load'), page.clock.fastForward(61_000)]);
  await figure(page, 'sampled').waitFor();
  await Promise.all([page.waitForEvent('load'), page.clock.fastForward(15 * 3_600_000)]);
  await figure(page, 'sampled').waitFor();
});
