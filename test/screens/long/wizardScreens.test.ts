// The steps of the wizard as they look: in English and by night, and in a rehearsal.

import t from 'tap';
import { axe, chineseLeft, measured, openBrowser, openScreen, picture, withBrowser } from '../browser.js';
import { openService } from '../service.js';

t.test('every step in English and by night', withBrowser, async (t) => {
  const service = await openService(t, { people: 12, laboratory: true });
  const browser = await openBrowser(t);
  const { page, context } = await openScreen(t, { browser, base: service.base, language: 'en', theme: 'dark' });
  await service.signIn(context, 'chief', [{ role: 'administrator' }, { role: 'command_post' }, { role: 'supervisor' }]);
  const looked = async (hash: string, ready: string, name: string) => {
    await page.goto(`/admin#${hash}`);
    await page.locator(ready).first().waitFor();
    t.same(await chineseLeft(page), [], `${name}: no Chinese`);
    t.same(await axe(page), [], `${name}: axe`);
    t.same(await measured(page), [], `${name}: sizes`);
    await picture(page, `${name}-en-dark`);
  };
  await looked('room=setup', '#round-name', 'wizard-1-round');
  const opened = 'round=r1&area=north';
  await looked(`room=setup&step=round&${opened}`, 'tbody tr', 'wizard-1-rules');
  await looked(`room=setup&step=roster&${opened}`, '#roster-check', 'wizard-2-roster');
  await looked(`room=setup&step=places&${opened}`, '#save-teams', 'wizard-3-places');
  await looked(`room=setup&step=devices&${opened}`, '#all-sheets', 'wizard-4-devices');
  await looked(`room=setup&step=print&${opened}`, '#reserve-go', 'wizard-5-print');
  await looked(`room=setup&step=rehearsal&${opened}`, '#rehearsal-open', 'wizard-6-rehearsal');
  await looked(`room=setup&step=day&${opened}`, '#close-round', 'wizard-7-day');
});

t.test('a rehearsal is fenced off and says so on every screen', withBrowser, async (t) => {
  const service = await openService(t, { people: 6, laboratory: true });
  const browser = await openBrowser(t);
  const { page, context } = await openScreen(t, { browser, base: service.base });
  await service.signIn(context, 'chief', [{ role: 'command_post' }]);
  await page.goto('/admin#room=setup&step=rehearsal&round=r1&area=north');
  await page.locator('#rehearsal-people').fill('20');
  await page.keyboard.press('Enter');
  await page.locator('#rehearsal-clock').waitFor({ timeout: 60_000 });
  t.match(page.url(), /round=r1-x1/);
  t.match(await service.call('GET', '/api/cells/r1-x1/north'), { rehearsal: true, residents: 20, name: /演练/ });
  t.match(await service.call('GET', '/api/cells/r1-x1/lab'), { rehearsal: true, laboratory: true });
  t.ok((await service.call<{ stations: unknown[] }>('GET', '/api/cells/r1-x1/north/stations')).stations.length > 0, 'its stations are open');
  t.equal(await page.locator('.page.rehearsal').count(), 1, 'the watermark');
  await page.locator('#rehearsal-clock').click();
  await page.getByText(/演练时间/).waitFor();
  t.same(await measured(page), []);
  await picture(page, 'wizard-6-rehearsal-zh-light');
  t.match(await service.call('GET', service.at()), { residents: 6, rehearsal: false }, 'the real round is as it was');
});
