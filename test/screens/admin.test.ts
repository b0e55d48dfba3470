// The command post's frame: signing in, choosing a round, accounts, one's own PIN.

import t from 'tap';
import { axe, chineseLeft, measured, openBrowser, openScreen, picture, withBrowser } from './browser.js';
import { openService } from './service.js';

const everything = [{ role: 'administrator' }, { role: 'command_post' }];

t.test('somebody signs in, sees who they are, and signs out again', withBrowser, async (t) => {
  const service = await openService(t, { people: 0 });
  const browser = await openBrowser(t);
  const { page, context } = await openScreen(t, { browser, base: service.base });
  await service.signIn(context, 'lihua', everything);
  await page.goto('/admin');
  await page.getByText('登录：lihua').waitFor();
  await page.locator('#sign-out').click();
  await page.locator('#account').fill('lihua');
  await page.keyboard.press('Tab');
  await page.keyboard.type('not the words');
  await page.keyboard.press('Enter');
  await page.locator('.problem').waitFor();
  await page.locator('#password').fill('long and dull words');
  await page.keyboard.press('Enter');
  await page.getByText('登录：lihua').waitFor();
  // A round that is chosen stays chosen when the page is opened anew.
  await page.locator('.cellchoice').selectOption('r1:north');
  t.match(page.url(), /round=r1/);
  await page.reload();
  await page.getByText('登录：lihua').waitFor();
  await page.waitForFunction(() => (document.querySelector('.cellchoice') as HTMLSelectElement).value === 'r1:north');
  t.equal(await page.locator('.cellchoice').inputValue(), 'r1:north', 'the round is still chosen');
});

t.test('an administrator makes an account with the keyboard, and its person enters by the link', withBrowser, async (t) => {
  const service = await openService(t, { empty: true });
  const browser = await openBrowser(t);
  const { page, context } = await openScreen(t, { browser, base: service.base, language: 'en', theme: 'dark' });
  await service.signIn(context, 'chief', everything);
  await page.goto('/admin#room=accounts');
  await page.locator('.name', { hasText: 'chief' }).first().waitFor();
  await page.locator('#new-account').focus();
  await page.keyboard.press('Enter');
  await page.locator('#account-name:focus').waitFor();
  await page.keyboard.type('Wang');
  await page.keyboard.press('Enter');
  await page.locator('.errors').waitFor();
  await page.waitForFunction(() => document.activeElement?.classList.contains('errors'));
  t.ok(await page.evaluate(() => document.activeElement?.classList.contains('errors')), 'the summary of mistakes has the focus');
  await page.locator('.errors a').first().press('Enter');
  t.equal(await page.evaluate(() => document.activeElement?.id), 'account-name');
  await page.keyboard.press('Control+A');
  await page.keyboard.type('wang');
  await page.keyboard.press('Enter');
  await page.locator('#link').waitFor();
  const link = await page.locator('#link').textContent();
  t.match(link, /\/enter#[\w-]{43}$/);
  t.same(await axe(page), []);
  await picture(page, 'admin-accounts-link-en-dark');
  await page.keyboard.press('Escape');
  t.same(await chineseLeft(page), []);
  t.same(await measured(page), []);
  t.same(await axe(page), []);
  await picture(page, 'admin-accounts-en-dark');

  const other = await openScreen(t, { browser, base: service.base });
  const entered = await other.context.request.post(`${service.base}/api/enter`, { data: { link: link?.split('#')[1], password: 'words that are long' }, headers: { 'x-swabline': '1', origin: service.base } });
  t.equal(entered.status(), 200);
  // Wang may answer for a site, sees no accounts, and sets a PIN.
  await other.page.goto('/admin');
  await other.page.getByText('登录：wang').waitFor();
  t.equal(await other.page.locator('.tab', { hasText: '账号' }).count(), 1, 'the own account only');
  await other.page.locator('.tab', { hasText: '我的账号' }).click();
  await other.page.locator('#own-password-pin').fill('words that are long');
  await other.page.locator('#own-pin').fill('1234');
  await other.page.keyboard.press('Enter');
  await other.page.locator('.error').waitFor();
  await other.page.locator('#own-pin').fill('402817');
  await other.page.keyboard.press('Enter');
  await other.page.getByText('PIN 已设置').waitFor();
  t.same(await measured(other.page), []);
  t.same(await axe(other.page), []);
  await picture(other.page, 'admin-own-zh-light');
});

t.test('a device that will never send again is written off by two people', withBrowser, async (t) => {
  const service = await openService(t, { people: 5 });
  const browser = await openBrowser(t);
  // The second person has an account with a PIN of their own.
  const other = await openScreen(t, { browser, base: service.base });
  await service.signIn(other.context, 'second', [{ role: 'command_post' }]);
  const set = await other.context.request.post(`${service.base}/api/session/pin`, { data: { password: 'long and dull words', pin: '402817' }, headers: { 'x-swabline': '1', origin: service.base } });
  t.equal(set.status(), 200);
  await service.call('POST', service.at('/outbox'), { device: 'broken', epoch: 'e1', assigned: 3, now: Date.now(), requests: [{ number: 1, step: 'openTube', mode: 'report', claimedAt: Date.now(), body: { tube: service.tube(), station: 't1' } }] });
  const { page, context } = await openScreen(t, { browser, base: service.base });
  await service.signIn(context, 'chief', everything);
  await page.goto('/admin#room=setup&step=day&round=r1&area=north');
  await page.getByRole('button', { name: /核销 broken/ }).click();
  await page.locator('#writeoff-reason').fill('fell into the river');
  await page.keyboard.press('Enter');
  await page.locator('#second-who').waitFor();
  t.equal(await page.evaluate(() => document.activeElement?.id), 'second-who');
  t.same(await axe(page), []);
  t.same(await measured(page), []);
  await picture(page, 'admin-second-zh-light');
  // Oneself is no second person.
  await page.locator('#second-who').fill('chief');
  await page.locator('#second-pin').fill('402817');
  await page.keyboard.press('Enter');
  await page.locator('dialog .problem').waitFor();
  await page.locator('#second-who').fill('second');
  await page.locator('#second-pin').fill('402817');
  await page.keyboard.press('Enter');
  await page.locator('dialog').first().waitFor({ state: 'detached' });
  await page.getByRole('button', { name: /核销 broken/ }).waitFor({ state: 'detached' });
  t.match(await service.call('GET', service.at('/devices')).then(({ devices }) => (devices as { device: string }[]).find(({ device }) => device === 'broken')), { lost: 2, missing: 0 });
});
