// A whole day of a township through the screens: from an empty system and its one-time link to a closed round in which a positive pool was
// called back. What a person does on a screen is done on that screen: no command line, no request of the test's own. What stands on paper
// (labels, cards, pairing sheets) is read off the page that prints it.

import type { Page } from 'playwright-core';
import t from 'tap';
import { csv, headings, madeUpRow } from '../../jobs/roster/rosters.js';
import { ownFolder } from '../../folder.js';
import { openBrowser, openScreen, picture, scan, type Screen, withBrowser } from '../browser.js';
import { hasPoppler, printed } from '../paper.js';
import { openService } from '../service.js';
import { flick } from '../tablets.js';

const people = 60;
const swabbed = 56;
const lastMasked = (name: string): number => (name.codePointAt(2) ?? 0) - 0x4e00;

t.test('a township goes from an empty system to a closed round, through its screens alone', { ...withBrowser, timeout: 900_000 }, async (t) => {
  const service = await openService(t, { empty: true });
  const browser = await openBrowser(t);
  const window = async (size = { width: 1280, height: 800 }): Promise<Screen> => openScreen(t, { browser, base: service.base, size });
  const told = (what: string): void => void t.comment(what);

  // The first administrator: the link that the service has written to its console, a password, a name.
  const link = /https?:\S+\/enter#\S+/.exec(service.said.join('\n'))?.[0];
  if (!link) throw new Error('the service has told of no link');
  const office = await window({ width: 1440, height: 900 });
  const post = office.page;
  await post.addInitScript(() => { globalThis.print = () => undefined; });
  const enter = async (page: Page, to: string, password: string, account?: string): Promise<void> => {
    await page.goto(to);
    await page.locator('#password').fill(password);
    await page.locator('#again').fill(password);
    await page.locator('#go').click();
    if (account) {
      await page.locator('#account').fill(account);
      await page.locator('#go').click();
    }
    await page.locator('.doors').waitFor();
  };
  await enter(post, link, 'long and dull words', 'chief');
  await post.getByRole('link', { name: /指挥部/ }).click();

  // 1 to 3: rules, roster, places, opening.
  await post.locator('#round-name').fill('三月第一轮');
  await post.locator('#round-round').fill('r1');
  await post.locator('#round-area').fill('north');
  await post.locator('#round-finishBy').fill('23:59');
  await post.locator('#round-laboratoryName').fill('县实验室');
  await post.locator('#round-next').click();
  const rows = Array.from({ length: people }, (_, i) => madeUpRow(i).map((cell, column) => (column === 2 ? `第${1 + (i % 3)}村` : cell)));
  await post.locator('.filedrop input').setInputFiles({ name: 'roster.csv', mimeType: 'text/csv', buffer: csv([headings, ...rows]) });
  await post.locator('#roster-check').click();
  await post.locator('#roster-keep').click({ timeout: 60_000 });
  await post.locator('#paste-sites').click();
  await post.locator('#pasted').fill('s1,小学,2\ns2,广场,1');
  await post.locator('#paste-take').click();
  await post.locator('#open-round').click();
  await post.locator('#all-sheets').waitFor({ timeout: 60_000 });
  told('the round is open');

  // Accounts: whoever works here gets one, with a staff card that is printed.
  const tab = (name: RegExp) => post.locator('.tab', { hasText: name });
  await tab(/账号 Accounts|账号Accounts/).click();
  const links: Record<string, string> = {};
  // Whoever only scans a card needs no role: what they may do is their tablet's.
  for (const [account, role, area] of [['swab1', '', ''], ['swab2', '', ''], ['packer', '', ''], ['driver', '', ''], ['foreman', 'supervisor', 'north'], ['bench', 'lab', 'lab'], ['reviewer', 'lab_reviewer', 'lab']] as const) {
    await post.locator('#new-account').click();
    await post.locator('#account-name').fill(account);
    if (role === '') await post.getByRole('button', { name: /去掉角色 1/ }).click();
    else {
      await post.locator('#grant-role-0').selectOption(role);
      await post.locator('#grant-round-0').fill('r1');
      await post.locator('#grant-area-0').fill(area);
    }
    await post.locator('#new-card').click();
    await post.locator('dialog .button.info').click();
    links[account] = (await post.locator('#link').textContent()) ?? '';
    await post.locator('dialog .row .button').click();
    await post.locator('dialog').waitFor({ state: 'detached' });
  }
  await post.locator('#print-staff').click();
  const cards = Object.fromEntries(await post.locator('.paper .card62').evaluateAll((all) => all.map((card) => [card.querySelector('.who')?.textContent ?? '', (card.querySelector('.digits')?.textContent ?? '').replaceAll(' ', '')])));
  const card = (account: string): string => { const code = cards[account]; if (!code) throw new Error(`${account} has no card`); return code; };
  await picture(post, 'day-accounts');
  const review = await window();
  await enter(review.page, links['reviewer'] as string, 'other dull words');
  told('accounts and cards');

  // Labels and cards of the residents, as they are printed.
  await tab(/打印/).click();
  const labels = async (kind: 'tube' | 'box', count: number): Promise<string[]> => {
    await post.locator('#print-ranges').click();
    await post.locator('#reserve-kind').selectOption(kind);
    await post.locator('#reserve-count').fill(String(count));
    await post.locator('#reserve-go').click();
    await post.waitForFunction((text) => (document.querySelector('tbody')?.textContent ?? '').includes(text), kind === 'tube' ? '试管' : '箱');
    await post.locator('#print-labels').click();
    await post.waitForFunction((wanted) => document.querySelectorAll('.paper .label').length === wanted, count);
    await post.locator('#label-print').click();
    await post.getByText('已登记打印').waitFor();
    return (await post.locator('.paper .label .digits').allTextContents()).map((text) => text.replaceAll(' ', ''));
  };
  const tubes = await labels('tube', 24);
  const [box, secondBox] = (await labels('box', 2)) as [string, string];
  await post.locator('#print-cards').click();
  await post.locator('#card-village').selectOption('');
  await post.locator('#card-load').click();
  await post.locator('#card-print').click();
  await post.getByText('已登记打印').waitFor();
  const residents = (await post.locator('.paper .card62').evaluateAll((all) => all.map((one) => ({ name: one.querySelector('.who')?.textContent ?? '', code: (one.querySelector('.digits')?.textContent ?? '').replaceAll(' ', '') }))));
  t.equal(residents.length, people, 'a card for everybody');

  // 4 Devices: each tablet gets its place by the code that is shown.
  const toStep = async (step: RegExp): Promise<void> => {
    await tab(/准备/).click();
    await post.locator('.stepper button', { hasText: step }).click();
  };
  const codes = async (): Promise<Record<string, string>> => Object.fromEntries(await post.locator('#sheet-codes li').evaluateAll((all) => all.map((line) => [line.querySelector('b')?.textContent ?? '', /\d{3} \d{3} \d{3} \d{3}/.exec(line.textContent ?? '')?.[0] ?? ''])));
  const sheetFor = async (role: string, site: string): Promise<string> => {
    await post.locator('#other-role').selectOption(role);
    await post.locator('#other-site').selectOption(site);
    await post.locator('#other-make').click();
    await post.locator('#sheet-codes').waitFor();
    const code = Object.values(await codes())[0] ?? '';
    await post.locator('#sheets-close').click();
    return code;
  };
  /** As a person does it with the tablet in the hand: the code, the place, the checks, start. */
  const paired = async (code: string, page: string, size?: { width: number; height: number }): Promise<Screen> => {
    const screen = await window(size);
    await screen.page.goto('/pair');
    await screen.page.locator('#code').fill(code);
    await screen.page.keyboard.press('Enter');
    // A screen that hangs has nothing to scan with.
    if (page === '/wall' || page === '/call') {
      await screen.page.waitForURL(`**${page}`);
      return screen;
    }
    await screen.page.locator('#right').click();
    await screen.page.getByRole('button', { name: /跳过/ }).click();
    await screen.page.locator('#heard').click({ timeout: 20_000 });
    await screen.page.locator('#start:enabled').click({ timeout: 60_000 });
    await screen.page.waitForURL(`**${page}`);
    return screen;
  };
  await toStep(/设备/);
  await post.locator('#all-sheets').click();
  await post.locator('#sheet-codes li').nth(2).waitFor();
  const stations = await codes();
  await picture(post, 'day-sheets');
  await post.locator('#sheets-close').click();
  const [one, two] = [await paired(stations['s1-1'] as string, '/station'), await paired(stations['s1-2'] as string, '/station')];
  const desk = await paired(await sheetFor('desk', 's1'), '/desk');
  const packing = await paired(await sheetFor('packer', 's1'), '/pack');
  const carrying = await paired(await sheetFor('courier', ''), '/pack');
  const wall = await paired(await sheetFor('wall', ''), '/wall', { width: 1920, height: 1080 });
  await wall.page.locator('[data-figure=sampled]').waitFor({ timeout: 30_000 });
  const calling = await paired(await sheetFor('wall', 's1'), '/call', { width: 1920, height: 1080 });
  await post.locator('.cellchoice').selectOption('r1:lab');
  await post.locator('#other-role').waitFor();
  const bench = await paired(await sheetFor('lab', ''), '/lab');
  await post.locator('.cellchoice').selectOption('r1:north');
  const versions = post.getByRole('cell', { name: '一致', exact: true });
  await versions.nth(6).waitFor({ timeout: 30_000 });
  await versions.nth(6).scrollIntoViewIfNeeded();
  await picture(post, 'day-devices');
  told('eight devices are paired');

  // 7 Opening; the first people come.
  await toStep(/开始与结束/);
  await post.locator('#open-all').click();
  await post.locator('#open-all').waitFor({ state: 'detached' });
  const panel = (page: Page) => page.locator('.panel');
  const says = async (page: Page, code: string, words: RegExp): Promise<void> => {
    await scan(page, code);
    await panel(page).filter({ hasText: words }).waitFor();
  };
  await desk.page.locator('.tables .button').nth(1).waitFor();
  await says(desk.page, residents[0]?.code as string, /A001 → s1-/);
  await says(desk.page, residents[1]?.code as string, /A002 → s1-/);
  await desk.page.keyboard.press(' ');
  await panel(desk.page).filter({ hasText: /A00\d 请到 s1-/ }).waitFor();
  await calling.page.locator('.number', { hasText: /A00\d/ }).waitFor({ timeout: 20_000 });

  // Swabs: five tubes of ten and one of seven, one of them somebody who is on no list.
  const rest = residents.slice(0, swabbed);
  const used: string[] = [];
  const take = async ({ page }: Screen, code: string, ...rows: string[]): Promise<string> => {
    const row = await flick(page, code);
    if (!rows.includes(row)) throw new Error(`${code} was answered with ${row}, not ${rows.join(' or ')}`);
    return row;
  };
  const nextTube = (): string => { const tube = tubes[used.length] as string; used.push(tube); return tube; };
  for (const [table, account] of [[one, 'swab1'], [two, 'swab2']] as const) {
    await table.page.locator('.answer').waitFor();
    await take(table, card(account), 'staff');
  }
  const fill = async (table: Screen, n: number): Promise<string> => {
    const tube = nextTube();
    await take(table, tube, 'opened');
    for (let i = 0; i < n; i++) await take(table, rest.shift()?.code as string, 'counted', 'full', 'otherVillage');
    return tube;
  };
  const positive = await fill(one, 10);
  const poolOfTen = residents.slice(0, 10);
  await picture(one.page, 'day-station-full');
  await fill(two, 10);
  await fill(one, 9);
  await one.page.keyboard.press('F3');
  await one.page.getByRole('button', { name: /新登记/ }).click();
  await one.page.locator('#new-name').fill('王路过');
  await one.page.locator('#new-village').fill('第1村');
  await one.page.locator('#new-phone').fill('13900001234');
  await one.page.keyboard.press('Enter');
  await one.page.locator('.answer[data-answer=full]').waitFor();
  await fill(two, 10);
  await fill(one, 10);
  // At the other table somebody is swabbed twice: a supervisor stands for it, and the record says so.
  await fill(two, 6);
  const again = residents[0] as { name: string; code: string };
  for (let i = 0; (await flick(two.page, again.code)) !== 'already'; i++) if (i > 20) throw new Error('the second table has not heard of the first swab');
  await take(two, card('foreman'), 'again');
  await two.page.keyboard.press('F4');
  await two.page.getByRole('button', { name: /支，对/ }).click();
  await two.page.locator('.answer[data-answer=closed]').waitFor();
  t.equal(rest.length, 1, 'one of those who were to come has gone home');
  for (const { page } of [one, two]) await page.locator('.chip.ok').waitFor();
  await wall.page.locator('[data-figure=sampled]:text-is("56")').waitFor({ timeout: 20_000 });
  told('56 people are swabbed, one of them twice');

  // The contradiction: two clicks.
  await tab(/矛盾/).click();
  const contradiction = post.getByRole('row', { name: /已采样/ });
  await contradiction.getByRole('button', { name: /查看/ }).click({ timeout: 20_000 });
  await post.getByRole('button', { name: /属实/ }).click();
  await contradiction.waitFor({ state: 'detached' });

  // Box, courier, laboratory.
  const sent = async (code: string, codes: readonly string[]): Promise<void> => {
    await says(packing.page, card('packer'), /工作牌/);
    await says(packing.page, code, /请扫试管/);
    for (const [i, tube] of codes.entries()) await says(packing.page, tube, new RegExp(`第 ${i + 1} 支`));
    await packing.page.locator('aside .total', { hasText: `系统应有 ${codes.length} 支` }).waitFor({ timeout: 30_000 });
    await says(packing.page, code, new RegExp(`已封箱 ${codes.length} 支`));
    await says(packing.page, card('driver'), /交给/);
    await says(carrying.page, card('driver'), /工作牌/);
    await says(carrying.page, code, /接过|已接/);
    await bench.page.getByRole('button', { name: /接收 / }).first().click();
    await says(bench.page, card('bench'), /工作牌/);
    await says(bench.page, code, /请扫试管/);
    await bench.page.locator('aside .total', { hasText: `0/${codes.length}` }).waitFor({ timeout: 30_000 });
    for (const [i, tube] of codes.entries()) await says(bench.page, tube, new RegExp(`${i + 1} / ${codes.length}`));
    await says(bench.page, code, /核对完毕/);
  };
  /** Results by hand: everything that is not in the list of positives is negative. */
  const results = async (run: string, codes: readonly string[], found: readonly string[]): Promise<void> => {
    const { page } = bench;
    await page.getByRole('button', { name: /登记结果/ }).first().click();
    await page.locator('#run').fill(run);
    for (const tube of codes) {
      await page.locator('h1').click();
      await scan(page, tube);
      await page.waitForFunction((code) => (document.getElementById('tube') as HTMLInputElement).value === code, tube);
      await page.getByText(/\d+ 人混采/).first().waitFor();
      await page.keyboard.press(found.includes(tube) ? 'F10' : 'F9');
      await page.getByRole('row', { name: new RegExp(tube) }).waitFor({ timeout: 20_000 });
    }
    await review.page.goto('/lab?office');
    for (const tube of found) {
      const held = review.page.getByRole('row', { name: new RegExp(tube) });
      await held.getByRole('button', { name: /放行/ }).click({ timeout: 20_000 });
      await held.waitFor({ state: 'detached' });
    }
  };
  await sent(box, used);
  await picture(bench.page, 'day-lab');
  await results('PCR-1', used, [positive]);
  told('all tubes have their results, one is positive');

  // The recall: everybody of the pool is called, comes again, and has a tube alone.
  await tab(/召回/).click();
  const recall = post.getByRole('row', { name: new RegExp(positive) });
  await recall.getByRole('button').click({ timeout: 30_000 });
  const members = post.getByRole('row', { name: /同管/ });
  await members.nth(9).waitFor();
  t.equal(await members.count(), 10, 'ten people are called back');
  for (let i = 0; i < 10; i++) {
    await members.nth(i).getByRole('button').click();
    await post.locator('dialog').getByRole('button', { name: /已联系到/ }).click();
    await members.nth(i).filter({ hasText: /已联系到/ }).waitFor();
  }
  await picture(post, 'day-recall');
  const singles: string[] = [];
  for (const member of poolOfTen) {
    const table = singles.length % 2 === 0 ? one : two;
    await called(table.page, member.code);
    const tube = nextTube();
    await take(table, tube, 'single');
    singles.push(tube);
  }
  await sent(secondBox, singles);
  const infected = singles[3] as string;
  await results('PCR-2', singles, [infected]);
  await post.getByRole('button', { name: /返回列表/ }).click();
  await recall.filter({ hasText: /已结束/ }).waitFor({ timeout: 30_000 });
  told('the recall has ended by its single swabs');

  // Who is missing: excused, with a reason, until nobody is.
  await tab(/缺采/).click();
  for (let left = people + 1 - swabbed; left > 0; left--) {
    await post.locator('.arrive', { hasText: new RegExp(` ${left}$`) }).waitFor();
    await post.locator('table').first().getByRole('button', { name: /查看/ }).first().click();
    const excuse = post.getByRole('button', { name: /免检 \d+/ }).first();
    const who = /\d+/.exec((await excuse.textContent()) ?? '')?.[0] ?? '';
    if (left === people + 1 - swabbed) await picture(post, 'day-missing');
    await excuse.click();
    await post.locator('dialog').getByRole('button', { name: /外出/ }).click();
    await post.getByRole('button', { name: new RegExp(`免检 ${who}\\b`) }).waitFor({ state: 'detached' });
  }
  await post.getByText('没有人缺采').waitFor();
  told('nobody is missing');

  // The report of the day, on paper and as a file.
  await tab(/报表/).click();
  await post.locator('.tile .figure').first().waitFor();
  await post.locator('.daysheet').waitFor({ state: 'attached' });
  if (hasPoppler) {
    const { sizes } = await printed(post, ownFolder(t), 'day');
    t.equal(sizes.length, 1, 'the day is one page');
    t.ok(Math.abs((sizes[0]?.width ?? 0) - 210) < 1 && Math.abs((sizes[0]?.height ?? 0) - 297) < 1, 'of A4');
  }
  await picture(post, 'day-report');
  await post.getByLabel(/哪种报表/).selectOption('day');
  await post.getByRole('button', { name: /生成/ }).click();
  const file = post.getByRole('link', { name: /下载/ });
  const [download] = await Promise.all([post.waitForEvent('download'), file.click({ timeout: 60_000 })]);
  t.match(download.suggestedFilename(), /day.*\.xlsx/);

  // The end: the township's round, and the laboratory's.
  const closing = async (cell: string): Promise<void> => {
    await post.locator('.cellchoice').selectOption(cell);
    await toStep(/开始与结束/);
    await post.getByText('没有未了事项').waitFor({ timeout: 60_000 });
    await post.locator('#close-round').click();
    await post.locator('#close-name').fill('r1');
    await post.locator('#close-go').click();
    await post.getByRole('heading', { name: /本轮次已结束/ }).waitFor();
  };
  await closing('r1:north');
  await closing('r1:lab');
  await picture(post, 'day-closed');

  // What everybody else sees of it.
  await wall.page.locator('header .tag', { hasText: '已结束' }).waitFor({ timeout: 20_000 });
  t.equal(await wall.page.locator('[data-figure=sampled]').textContent(), '56');
  t.equal(await wall.page.locator('[data-figure=discrepancies]').textContent(), '0');
  await picture(wall.page, 'day-wall');
  const telephone = await window({ width: 390, height: 844 });
  const asked = async ({ code, name }: { code: string; name: string }): Promise<string> => {
    const { page } = telephone;
    await page.goto('/me?r=r1:north');
    await page.locator('#code').fill(code);
    await page.keyboard.press('Enter');
    await page.locator('#proof').fill(`138${String(lastMasked(name)).padStart(8, '0')}`.slice(-4));
    await page.keyboard.press('Enter');
    await page.locator('h2 .name').waitFor();
    return page.locator('main').innerText();
  };
  t.match(await asked(residents[20] as { code: string; name: string }), /未检出/, 'somebody from a negative pool reads it');
  await picture(telephone.page, 'day-me');
  t.match(await asked(poolOfTen[0] as { code: string; name: string }), /未检出/, 'somebody from the positive pool whose single swab was negative too');
  const ill = await asked(poolOfTen[3] as { code: string; name: string });
  t.match(ill, /等待工作人员联系/);
  t.notMatch(ill, /检出|阳性/, 'and nobody reads a positive result off a telephone');

  // What the record says of it, from beside.
  t.match(await service.call('GET', '/api/cells/r1/north'), { state: 'closed', residents: people + 1 });
  t.match(await service.call('GET', '/api/cells/r1/north/reports/day'), { gaps: 0, people: { sampled: swabbed, missing: 0 }, results: { positive: 2, none: 0 }, discrepancies: { open: 0, resolved: 1 }, recalls: { open: 0, closed: 1, people: 10, settled: 10 } });
});

/** Somebody who is called back stands at the table; it may hear of the recall a moment later. */
async function called(page: Page, code: string): Promise<void> {
  for (let i = 0; (await flick(page, code)) !== 'singleOnly'; i++) {
    if (i > 30) throw new Error('the table has not heard of the recall');
    await page.waitForTimeout(500);
  }
}
