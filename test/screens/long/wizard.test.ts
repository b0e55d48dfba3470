// From an empty system to a round that is open and closed again, by the wizard and the keyboard alone.

import t from 'tap';
import { residentIdCheck } from '../../../src/domain/documents.js';
import { headings, madeUpNumber, madeUpRow, xlsx, type Value } from '../../jobs/roster/rosters.js';
import { axe, measured, openBrowser, openScreen, picture, withBrowser } from '../browser.js';
import { enterOn, fillIn, focusKept, tabTo } from '../keyboard.js';
import { openService } from '../service.js';

/** Rows of the file: 28,000 in a township, fewer where every run of the tests pays for them. */
const rowsInAll = Number(process.argv.find((word) => word.startsWith('--rows='))?.slice(7) ?? 2000);

const of = (body: string): string => body + residentIdCheck(body);

/** Twelve faults; row 1 holds the headings, so that a person's row in the file is its place in the list and two more. */
function planted(): { rows: Value[][]; faults: [row: number, column: string, problem: string][] } {
  const rows: Value[][] = Array.from({ length: rowsInAll }, (_, i) => madeUpRow(i).map((cell, column) => (column === 2 ? `第${1 + (i % 5)}村` : cell)));
  const faults: [number, string, string][] = [];
  const plant = (place: number, column: number, value: Value, problem: string): void => {
    (rows[place] as Value[])[column] = value;
    faults.push([place + 2, String.fromCharCode(65 + column), problem]);
  };
  plant(10, 1, 110101199001011237, 'document_spreadsheet_number');
  plant(101, 1, `${madeUpNumber(101).slice(0, 17)}${madeUpNumber(101).endsWith('1') ? '2' : '1'}`, 'document_check_digit');
  plant(200, 0, '', 'name_missing');
  plant(333, 2, '', 'village_missing');
  plant(444, 1, '110101********1237', 'document_masked');
  plant(555, 1, '1101011990', 'document_length');
  plant(666, 1, of('69000020990101101'), 'document_birth_future');
  plant(777, 3, new Date(Date.UTC(2024, 2, 5)), 'household_date');
  plant(888, 0, '张?三', 'name_unreadable');
  plant(999, 1, '', 'document_missing');
  plant(1200, 1, of('69000019900231101'), 'document_birth_date');
  // Two people with one number: both rows are held back.
  (rows[1500] as Value[])[1] = madeUpNumber(1400);
  faults.push([1402, 'B', 'duplicate_number'], [1502, 'B', 'duplicate_number']);
  return { rows: [headings, ...rows], faults };
}

t.test('a round from its first rule to its closing, without a mouse', withBrowser, async (t) => {
  const service = await openService(t, { empty: true });
  const browser = await openBrowser(t);
  const { page, context } = await openScreen(t, { browser, base: service.base });
  await service.signIn(context, 'chief', [{ role: 'administrator' }, { role: 'command_post' }]);
  const { rows, faults } = planted();
  const file = { name: 'roster.xlsx', mimeType: 'application/octet-stream', buffer: await xlsx(rows) };
  const pointers = () => page.evaluate(() => (window as unknown as { pointers?: number }).pointers ?? 0);
  await page.addInitScript(() => { window.addEventListener('pointerdown', () => { const w = window as unknown as { pointers?: number }; w.pointers = (w.pointers ?? 0) + 1; }); });
  // Heard from the beginning: what opens the chooser is the keyboard, what answers it cannot be.
  page.on('filechooser', (chooser) => void chooser.setFiles(file));
  await page.goto('/admin#room=setup');
  await page.locator('#round-name').waitFor();

  // 1 Round and rules: what is missing is said on top, the summary has the focus and leads to the field.
  await enterOn(page, '#round-next');
  await page.locator('.errors').waitFor();
  t.match(await page.evaluate(() => document.activeElement?.className), /errors/);
  await picture(page, 'wizard-1-errors-zh-light');
  await enterOn(page, '.errors a');
  t.equal(await page.evaluate(() => document.activeElement?.id), 'round-name');
  await page.keyboard.type('三月第一轮');
  await fillIn(page, '#round-round', 'r3');
  await fillIn(page, '#round-area', 'north');
  await fillIn(page, '#round-laboratoryName', '县实验室');
  await enterOn(page, '#round-next');

  // 2 Roster: the whole file is judged before the round is open, and nothing is written.
  await page.locator('#roster-check').waitFor();
  t.ok(await focusKept(page), 'the heading of the step has the focus');
  await tabTo(page, '.filedrop input');
  await page.keyboard.press('Enter');
  await page.locator('.filedrop .hint', { hasText: 'roster.xlsx' }).waitFor();
  await enterOn(page, '#roster-check');
  await page.locator('#roster-faults').waitFor({ timeout: 90_000 });
  const shown = await page.locator('#roster-faults tbody tr').evaluateAll((all) => all.map((row) => [...row.querySelectorAll('td')].map((cell) => cell.textContent ?? '')));
  t.same(shown.map(([row]) => Number(row)).sort((a, b) => a - b), faults.map(([row]) => row).sort((a, b) => a - b), "the file's own row numbers");
  for (const [row, column] of faults) t.ok(shown.some((cells) => cells[0] === String(row) && cells[1]?.startsWith(column)), `row ${row} names column ${column}`);
  const numeric = shown.find(([row]) => row === '12');
  t.match(numeric?.[3], /后几位已经丢失|后三位已经丢失/, 'a number that a spreadsheet destroyed is named as such');
  t.match(numeric?.[4], /文本/);
  t.notMatch(shown.flat().join(' '), /\d{17}[\dX]/, 'no whole document number stands on the screen');
  t.equal(await page.locator('#roster-pairs tbody tr').count(), 1);
  t.match(await page.locator('#roster-pairs').textContent(), /1402.*1502/);
  const [errors] = await Promise.all([page.waitForEvent('download'), enterOn(page, 'a[href$="errors.csv"]')]);
  t.equal(errors.suggestedFilename(), 'roster-errors.csv');
  await picture(page, 'wizard-2-roster-zh-light');
  t.same(await axe(page), []);
  t.same(await measured(page), []);
  await enterOn(page, '#roster-keep');

  // 3 Villages and sites: a proposal for three hours, one team by name, then the opening.
  await page.locator('#proposal').waitFor();
  await fillIn(page, '#proposal-hours', '3');
  await enterOn(page, '#proposal-draw');
  await tabTo(page, '#village-team-0');
  await page.keyboard.type('东片小组');
  t.equal(await page.locator('tbody').nth(0).locator('tr').count(), 5, 'a site in every village');
  await picture(page, 'wizard-3-places-zh-light');
  await enterOn(page, '#open-round');
  await page.locator('#all-sheets').waitFor({ timeout: 60_000 });
  const cell = await service.call<{ residents: number; sites: unknown[]; teams: { team: string; villages: number[] }[]; rules: { laboratory: string } }>('GET', '/api/cells/r3/north');
  t.match(cell, { residents: rowsInAll - faults.length, rules: { laboratory: 'lab' }, teams: [{ team: 'team-1' }] });
  t.equal(cell.sites.length, 5);
  t.match(await service.call('GET', '/api/cells/r3/lab'), { laboratory: true, name: '县实验室' });

  // The same file again changes nothing.
  await tabTo(page, '.stepper button', { back: true });
  await page.goto('/admin#room=setup&step=roster&round=r3&area=north');
  await page.locator('#roster-check').waitFor();
  await page.locator('.filedrop input').setInputFiles(file);
  await enterOn(page, '#roster-check');
  await page.locator('#roster-import').waitFor({ timeout: 90_000 });
  await enterOn(page, '#roster-import');
  await page.locator('#roster-done').waitFor({ timeout: 90_000 });
  t.match(await page.locator('#roster-done').textContent(), /没有变化/);
  t.equal((await service.call<{ residents: number }>('GET', '/api/cells/r3/north')).residents, rowsInAll - faults.length);

  // 4 Devices: a desk gets a sheet with a code that pairs it.
  await page.goto('/admin#room=setup&step=devices&round=r3&area=north');
  await page.locator('#other-make').waitFor();
  await enterOn(page, '#other-make');
  await page.locator('#sheet-codes').waitFor();
  const code = /\d{3} \d{3} \d{3} \d{3}/.exec((await page.locator('#sheet-codes').textContent()) ?? '')?.[0];
  const paired = await fetch(`${service.base}/api/pairing/redeem`, { method: 'POST', headers: { 'content-type': 'application/json', 'x-swabline': '1', origin: service.base }, body: JSON.stringify({ code, keep: 'key' }) });
  t.equal(paired.status, 200, 'the short code pairs a device');
  await page.locator('td b', { hasText: /^d[0-9a-f]{10}$/ }).waitFor();
  await picture(page, 'wizard-4-devices-zh-light');
  // Revoked by typing its name.
  await enterOn(page, 'td .button.stop');
  await page.locator('#revoke-name').waitFor();
  await fillIn(page, '#revoke-name', 'something else');
  await page.keyboard.press('Enter');
  await page.locator('dialog .error').waitFor();
  const device = ((await service.call<{ devices: { device: string }[] }>('GET', '/api/devices')).devices[0] as { device: string }).device;
  await fillIn(page, '#revoke-name', device);
  await page.keyboard.press('Enter');
  await page.getByText('已吊销').waitFor();
  t.ok(await focusKept(page) || (await page.evaluate(() => document.querySelector('dialog[open]') === null)), 'the dialog is gone');

  // 7 Open and close.
  await page.goto('/admin#room=setup&step=day&round=r3&area=north');
  await page.locator('#open-all').waitFor();
  await page.locator('#close-round').waitFor();
  await picture(page, 'wizard-7-day-zh-light');
  await service.step('openStation', { station: 's1-1', site: 's1' }, { round: 'r3', area: 'north' });
  const tube = service.tube();
  await service.step('openTube', { tube, station: 's1-1' }, { round: 'r3', area: 'north' });
  await service.step('takeSwab', { tube, resident: '1' }, { round: 'r3', area: 'north' });
  await enterOn(page, '#close-round');
  await page.locator('#close-name').waitFor();
  t.equal(await page.evaluate(() => document.activeElement?.id), 'close-name');
  await page.keyboard.type('r3');
  await page.keyboard.press('Enter');
  await page.locator('#close-named').waitFor();
  t.match(await page.locator('#close-named').textContent(), new RegExp(tube), 'the refusal names the tube');
  await picture(page, 'wizard-7-refused-zh-light');
  await page.keyboard.press('Escape');
  await page.locator('dialog').waitFor({ state: 'detached' });
  await page.waitForFunction(() => document.activeElement?.id === 'close-round');
  t.pass('the focus is back where the dialog was opened');
  await service.step('voidTube', { tube, reason: 'unused', secondBy: 'tool' }, { round: 'r3', area: 'north' }).catch(() => service.step('voidSwab', { tube, resident: '1', reason: 'not_taken' }, { round: 'r3', area: 'north' }).then(() => service.step('voidTube', { tube, reason: 'unused' }, { round: 'r3', area: 'north' })));
  await enterOn(page, '#close-round');
  await page.locator('#close-name').waitFor();
  await page.keyboard.type('r3');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: '本轮次已结束' }).waitFor();
  t.equal(await pointers(), 0, 'no pointer was ever down');
});
