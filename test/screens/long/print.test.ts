// What is printed: pages drawn as a printer draws them, and every code on them read back and compared with the record.

import { readFileSync } from 'node:fs';
import t from 'tap';
import type { Page } from 'playwright-core';
import { makeCode } from '../../../src/domain/codes.js';
import { commandCode, commandNames } from '../../../src/domain/commands.js';
import { axe, chineseLeft, measured, openBrowser, openScreen, picture, withBrowser } from '../browser.js';
import { hasPoppler, printed } from '../paper.js';
import { openService, rosterRow, type Service } from '../service.js';

const withPaper = hasPoppler ? withBrowser : { ...withBrowser, skip: 'there is no poppler on this machine' };
const near = (size: { width: number; height: number } | undefined, width: number, height: number): boolean => size !== undefined && Math.abs(size.width - width) < 0.6 && Math.abs(size.height - height) < 0.6;

async function commandPost(t: Parameters<typeof openService>[0], more: { language?: 'zh' | 'en'; people?: number } = {}): Promise<{ service: Service; page: Page; open: (hash: string) => Promise<void>; prints: () => Promise<number> }> {
  const service = await openService(t, { people: more.people ?? 60, laboratory: true });
  const browser = await openBrowser(t);
  const { page, context } = await openScreen(t, { browser, base: service.base, language: more.language ?? 'zh' });
  await service.signIn(context, 'chief', [{ role: 'administrator' }, { role: 'command_post' }, { role: 'supervisor' }]);
  // The window of the printer would wait for a person.
  await page.addInitScript(() => { window.print = () => { const w = window as unknown as { prints?: number }; w.prints = (w.prints ?? 0) + 1; }; });
  return {
    service, page,
    open: async (hash) => {
      await page.goto(`/admin#${hash}&round=r1&area=north`);
      await page.locator('#print-ranges, .stepper').first().waitFor();
    },
    prints: () => page.evaluate(() => (window as unknown as { prints?: number }).prints ?? 0),
  };
}

t.test('tube labels: a range is reserved, printed, and counted again when it is printed again', withPaper, async (t) => {
  const { service, page, open, prints } = await commandPost(t);
  const folder = t.testdir();
  await open('room=print');
  await page.locator('#reserve-count').fill('50');
  await page.locator('#reserve-holder').fill('team-1');
  await page.keyboard.press('Enter');
  await page.getByText('team-1').waitFor();
  const { ranges: [range] } = await service.call<{ ranges: { first: number; last: number; printed: number }[] }>('GET', service.at('/codes/ranges'));
  const first = range?.first ?? 0;
  await page.locator('#print-labels').click();
  await page.locator('#label-last').fill(String(first + 5));
  await page.locator('#label-copies').fill('2');
  await page.locator('#label-print').click();
  await page.getByText('已登记打印').waitFor();
  await page.waitForFunction(() => (window as unknown as { prints?: number }).prints === 1);
  const { sizes, codes } = await printed(page, folder, 'labels');
  t.equal(sizes.length, 12, 'a page for each label, two of each number');
  t.ok(sizes.every((size) => near(size, 50, 20)), `pages of 50 x 20 mm: ${JSON.stringify(sizes[0])}`);
  t.same(codes.flat(), Array.from({ length: 6 }, (_, i) => [makeCode('tube', first + i), makeCode('tube', first + i)]).flat(), 'every label is read back at the resolution of the printer');
  await picture(page, 'print-labels-zh-light');
  t.same(await axe(page), []);
  t.same(await measured(page), []);

  // The same numbers once more: asked why, and counted. As a file in the printer's language this time.
  await page.locator('#label-copies').fill('1');
  await page.locator('#label-zpl').click();
  await page.locator('#reprint-reason').selectOption('damaged');
  const [file] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter').then(() => page.locator('#reprint-go').click({ timeout: 2000 }).catch(() => undefined))]);
  const text = readFileSync(await file.path(), 'utf8');
  t.equal((text.match(/\^XA/g) ?? []).length, 6);
  t.match(text, `^FD${makeCode('tube', first)}^FS`);
  t.equal(await prints(), 1);
  t.match(await service.call('GET', service.at('/codes/prints')), { prints: [{ first, last: first + 5, copies: 2, again: 0 }, { copies: 1, again: 6, reason: 'damaged', by: 'chief' }] });
  // Used and unused are counted from the record.
  await service.step('openTube', { tube: makeCode('tube', first + 3), station: 't1' });
  await page.locator('#print-ranges').click();
  await page.getByText(`${first} – ${first + 49}`).waitFor();
  t.same(await page.locator('tbody').first().locator('td.number').allTextContents(), ['1', '49', '6']);
  await page.locator('#print-labels').click();
  await page.locator('#label-last').fill(String(first + 999));
  await page.locator('#label-print').click();
  await page.locator('.error').waitFor();
  t.equal(await prints(), 1, 'numbers outside the range are not printed');
});

t.test('resident cards of a village, masked, or in full with a reason', withPaper, async (t) => {
  const { service, page, open } = await commandPost(t, { people: 80 });
  const folder = t.testdir();
  await open('room=print');
  await page.locator('#print-cards').click();
  await page.locator('#card-village').selectOption('');
  await page.locator('#card-load').click();
  await page.locator('#card-print').click();
  await page.getByText('已登记打印').waitFor();
  const { sizes, codes } = await printed(page, folder, 'cards', { dpi: 150 });
  t.equal(sizes.length, 4, '80 cards on four pages of 24');
  t.ok(sizes.every((size) => near(size, 210, 297)), `A4: ${JSON.stringify(sizes[0])}`);
  const wanted = await service.call<{ codes: [number, string, string][] }>('POST', service.at('/residents/codes'), { from: 1, count: 200 });
  t.same(codes.flat().sort(), wanted.codes.map(([, code]) => code).sort(), 'every card is read back');
  t.same(await page.locator('.paper .who').allTextContents().then((names) => names.every((name) => name.includes('*'))), true, 'names are masked');
  await picture(page, 'print-cards-zh-light');
  t.same(await axe(page), []);
  await page.getByLabel(/印全名/).check();
  await page.locator('#card-load').click();
  await page.locator('#card-print').waitFor();
  t.same((await page.locator('.paper .who').allTextContents()).sort(), Array.from({ length: 80 }, (_, i) => rosterRow(i)[0]).sort(), 'full names, by the way of the export');
  const looks = await service.call<{ events: { event: string; what?: string; reason?: string }[] }>('GET', '/api/looks');
  t.match(looks.events.filter(({ event }) => event === 'personal.revealed'), [{ what: 'export', reason: 'identity_check' }], 'the look is on record');
});

t.test('a sheet for each station: pairing code, scanner tests, command cards', withPaper, async (t) => {
  const { page, open } = await commandPost(t);
  const folder = t.testdir();
  await open('room=setup&step=devices');
  await page.locator('#all-sheets').click();
  await page.locator('#sheet-codes').waitFor();
  const { sizes, codes } = await printed(page, folder, 'sheets', { dpi: 150 });
  t.equal(sizes.length, 3, 'three stations, three sheets');
  t.ok(sizes.every((size) => near(size, 210, 297)));
  for (const [i, found] of codes.entries()) {
    t.match(found.find((text) => text.includes('/pair#')), /^http:\/\/127\.0\.0\.1:\d+\/pair#\d{4}\.[\w-]{22}$/, `sheet ${i + 1} pairs`);
    t.same(found.filter((text) => /^\d{12}$/.test(text)).sort(), commandNames.map(commandCode).sort(), `sheet ${i + 1} holds every command card`);
  }
  t.equal(new Set(codes.flat().filter((text) => text.includes('#'))).size, 3, 'each its own code');
  await picture(page, 'print-sheets-zh-light');
  t.same(await axe(page), []);
  t.same(await measured(page), []);
});

t.test('a box manifest, page x of y, with the code that another screen can read', withPaper, async (t) => {
  const { service, page, open } = await commandPost(t, { language: 'en' });
  const folder = t.testdir();
  const box = makeCode('box', 7);
  await service.step('openBox', { box });
  const tubes: string[] = [];
  for (let i = 0; i < 30; i++) {
    const tube = service.tube();
    tubes.push(tube);
    await service.step('openTube', { tube, station: 't1' });
    await service.step('takeSwab', { tube, resident: String(i + 1) });
    await service.step('sealTube', { tube });
    await service.step('packTube', { tube, box });
  }
  await service.step('sealBox', { box, counted: 30 });
  await open('room=print');
  await page.locator('#print-manifest').click();
  await page.locator('#manifest-show').click();
  await page.locator('#manifest-print').waitFor();
  const { sizes, codes } = await printed(page, folder, 'manifest', { dpi: 200 });
  t.equal(sizes.length, 2);
  const { text } = await service.call<{ text: string }>('GET', service.at(`/boxes/${box}/manifest`));
  t.same(codes[0]?.sort(), [text, box].sort(), 'the manifest and the box are read back');
  t.match(await page.locator('.paper').textContent(), /第 2 页，共 2 页/);
  t.equal((await page.locator('.paper tbody tr').count()), 30);
  t.same(await chineseLeft(page), []);
  await picture(page, 'print-manifest-en-light');
});

t.test('a paper form comes back: tube, time, numbers with Enter, and somebody who is not on the roster', withPaper, async (t) => {
  const { service, page, open } = await commandPost(t);
  await open('room=print');
  await page.locator('#print-forms').click();
  await page.locator('#form-count').fill('2');
  const { sizes } = await printed(page, t.testdir(), 'forms', { dpi: 60 });
  t.equal(sizes.length, 2);
  await picture(page, 'print-forms-zh-light');
  await page.locator('#print-entry').click();
  await page.locator('#entry-tube').focus();
  const tube = service.tube();
  await page.keyboard.type(tube);
  await page.keyboard.press('Enter');
  t.equal(await page.evaluate(() => document.activeElement?.id), 'entry-time');
  const at = new Date(Date.now() - 3_600_000);
  at.setSeconds(0, 0);
  await page.locator('#entry-time').fill(new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16));
  await page.keyboard.press('Enter');
  t.equal(await page.evaluate(() => document.activeElement?.id), 'entry-person');
  const card = (await service.call<{ code: string }>('GET', service.at('/residents/5/code'))).code;
  const lines = async (n: number) => page.waitForFunction((n) => document.querySelectorAll('tbody tr').length === n && (document.querySelector('tbody td[colspan]') === null), n);
  for (const [i, given] of [rosterRow(0)[1], rosterRow(1)[1], card].entries()) {
    await page.keyboard.type(given as string);
    await page.keyboard.press('Enter');
    await lines(i + 1);
  }
  // The same person twice is told at once, a mistyped number too.
  await page.keyboard.type(card);
  await page.keyboard.press('Enter');
  await page.getByText('上面已经有了').waitFor();
  await page.locator('#entry-person').fill('690000199001011111');
  await page.keyboard.press('Enter');
  await page.getByText('校验位不对').waitFor();
  // Somebody nobody has on a list.
  await page.locator('#entry-person').fill(rosterRow(900)[1] as string);
  await page.keyboard.press('Enter');
  await page.locator('#entry-name').fill('测试外来');
  await page.keyboard.press('Enter');
  await lines(4);
  await picture(page, 'print-entry-zh-light');
  t.same(await axe(page), []);
  t.same(await measured(page), []);
  await page.locator('#entry-send').click();
  await page.locator('#entry-done').waitFor();
  const record = await service.call<{ state: string; count: number; firstSwabAt: number; members: { resident: number }[] }>('GET', service.at(`/tubes/${tube}`));
  t.match(record, { state: 'sealed', count: 4 });
  t.equal(record.firstSwabAt, at.getTime(), 'the time is the one written on the form');
  t.same(record.members.map(({ resident }) => resident), [1, 2, 5, 61]);
});
