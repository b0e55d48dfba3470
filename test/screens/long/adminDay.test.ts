// The command post on the day, in a browser: a contradiction is resolved in two clicks, who is missing is seen, a tube's story is told, a
// positive pool's people are called back, texts are written and a report is made.

import t from 'tap';
import { makeCode } from '../../../src/domain/codes.js';
import { axe, chineseLeft, measured, openBrowser, openScreen, picture, withBrowser } from '../browser.js';
import { ownFolder } from '../../folder.js';
import { hasPoppler, printed } from '../paper.js';
import { openService } from '../service.js';

t.test('the rooms of the day', { ...withBrowser, timeout: 300_000 }, async (t) => {
  const service = await openService(t, { people: 45, laboratory: true });
  const browser = await openBrowser(t);
  const { round } = service.cell;
  const [first, second] = [service.tube(), service.tube()];
  await service.step('openTube', { tube: first, station: 't1' });
  for (const resident of ['1', '2', '3']) await service.step('takeSwab', { resident, tube: first });
  await service.step('sealTube', { tube: first });
  // The second swab of one person, taken without a network and reported.
  await service.step('openTube', { tube: second, station: 't2' });
  const offline = { device: 'tab9', epoch: 'e1', requests: [{ number: 1, step: 'takeSwab', mode: 'report', claimedAt: Date.now(), by: makeCode('staff', 1), body: { resident: '1', tube: second } }] };
  await service.call('POST', service.at('/outbox'), offline);
  // A positive pool on its whole way.
  const box = makeCode('box', 77);
  await service.step('openBox', { box, site: 's1' });
  await service.step('packTube', { tube: first, box });
  await service.step('sealBox', { box, counted: 1 });
  const lab = { round, area: 'lab' };
  await service.step('receiveBox', { box }, lab);
  await service.step('receiveTube', { tube: first, box }, lab);
  await service.step('recordResult', { tube: first, accession: 'A1', run: 'R1', result: 'positive', testedAt: Date.now(), secondBy: 'second' }, lab);

  const screen = await openScreen(t, { browser, base: service.base, size: { width: 1440, height: 900 } });
  await service.signIn(screen.context, 'chief', [{ role: 'command_post', round, area: 'north' }]);
  const { page } = screen;
  const goTo = async (room: string): Promise<void> => { await page.goto(`/admin#${new URLSearchParams({ room, round, area: 'north' }).toString()}`); };
  const looked = async (name: string): Promise<string[]> => {
    await picture(page, `admin-${name}`);
    return [...(await axe(page)), ...(await measured(page))];
  };

  await goTo('discrepancies');
  const row = page.getByRole('row', { name: /已采样/ });
  await row.waitFor();
  t.same(await looked('discrepancies'), []);
  // Whoever was swabbed twice: both facts side by side, and the second click resolves.
  await row.getByRole('button', { name: /查看/ }).click();
  await page.locator('dialog .card').nth(1).getByText(/管内/).waitFor();
  t.same(await looked('discrepancy'), []);
  await page.getByRole('button', { name: /属实/ }).click();
  await page.getByText('已解决').first().waitFor();
  await row.waitFor({ state: 'detached' });

  await goTo('missing');
  await page.getByRole('row', { name: /村/ }).nth(1).waitFor();
  await page.getByRole('button', { name: /查看/ }).first().click();
  await page.locator('.name', { hasText: '*' }).first().waitFor();
  t.same(await looked('missing'), []);

  await goTo('search');
  await page.locator('#find').fill(first);
  await page.keyboard.press('Enter');
  await page.getByRole('cell', { name: '封管', exact: true }).waitFor();
  t.same(await looked('tube'), []);
  await page.locator('#find').fill('2');
  await page.keyboard.press('Enter');
  await page.getByRole('cell', { name: '采样', exact: true }).first().waitFor();
  await page.getByRole('button', { name: /查看完整信息/ }).click();
  await page.locator('dialog').getByRole('button', { name: /查看完整信息/ }).click();
  await page.locator('h3 .name', { hasText: '138' }).waitFor();
  t.match(JSON.stringify(await service.call('GET', '/api/looks')), /"event":"personal.revealed"/, 'the look is on record');
  await picture(page, 'admin-person');

  await goTo('recalls');
  await page.getByRole('row', { name: new RegExp(first) }).waitFor({ timeout: 30_000 });
  await page.getByRole('row', { name: new RegExp(first) }).getByRole('button').click();
  await page.getByRole('row', { name: /同管/ }).first().getByRole('button').click();
  await page.locator('dialog').getByRole('button', { name: /已联系到/ }).waitFor();
  await page.keyboard.press('1');
  await page.getByRole('row', { name: /已联系到/ }).waitFor();
  t.same(await looked('recall'), []);

  await goTo('messages');
  await page.getByRole('button', { name: /写稿/ }).click();
  await page.locator('.copied').first().waitFor();
  t.same(await looked('messages'), []);

  await goTo('reports');
  await page.locator('.tile .figure').first().waitFor();
  if (hasPoppler) t.equal((await printed(page, ownFolder(t), 'day-villages')).sizes.length, 1, 'the day of thirty-five villages is one page');
  await page.getByRole('button', { name: /生成/ }).click();
  const link = page.getByRole('link', { name: /下载/ });
  await link.waitFor({ timeout: 60_000 });
  const [download] = await Promise.all([page.waitForEvent('download'), link.click()]);
  t.match(download.suggestedFilename(), /samples_by_village.*\.xlsx/);
  t.same(await looked('reports'), []);

  // In English and by night.
  await page.evaluate(() => {
    localStorage.setItem('swabline.language', 'en');
    localStorage.setItem('swabline.theme', 'dark');
  });
  for (const room of ['discrepancies', 'missing', 'search', 'recalls', 'messages', 'reports']) {
    await page.goto('/');
    await goTo(room);
    await page.locator('.arrive').waitFor();
    if (room === 'search') {
      await page.locator('#find').fill(first);
      await page.keyboard.press('Enter');
      await page.getByRole('cell', { name: 'Tube sealed', exact: true }).waitFor();
    }
    if (room === 'reports') await page.locator('.tile .figure').first().waitFor();
    t.same(await chineseLeft(page), [], room);
    t.same(await axe(page), [], room);
    await picture(page, `admin-${room}-en-dark`);
  }
});
