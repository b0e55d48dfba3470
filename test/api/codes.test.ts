// Ranges of printed numbers at the door: for whom, how many used, and what was printed.

import t from 'tap';
import { makeCode, serialKey, serialOf } from '../../src/domain/codes.js';
import { codeSeed } from '../../src/vault/offline.js';
import { guarded, wordIn } from './guarded.js';
import { build } from './support.js';

interface Reserved { answer: { events: { first: number; last: number }[] } }

t.test('a range tells whose it is, how many of its numbers are used and how many printed', async (t) => {
  const door = await build(t, { stations: ['a1'], residents: 3 });
  const reserved = (await door.step('reserveCodes', { kind: 'tube', count: 50, holder: 'team7' })).json<Reserved>();
  const { first = 0, last = 0 } = reserved.answer.events[0] ?? {};
  await door.step('openTube', { tube: makeCode('tube', first + 3), station: 'a1' });
  await door.step('recordPrint', { kind: 'tube', first, last: first + 9, copies: 2 });
  const again = await door.step('recordPrint', { kind: 'tube', first, last: first + 4 });
  t.equal(wordIn(again), '409 reprint_needs_reason');
  t.match(again.json(), { zh: /已打印过/, nextEn: /reason/ });
  await door.step('recordPrint', { kind: 'tube', first, last: first + 4, reason: 'damaged' });
  t.match((await door.get('/codes/ranges')).json(), {
    ranges: [{ kind: 'tube', first, last, count: 50, firstCode: makeCode('tube', first), lastCode: makeCode('tube', last), holder: 'team7', used: 1, unused: 49, printed: 10 }],
    printing: [{ kind: 'tube', numbers: 10, labels: 25, reprints: 1 }, { kind: 'resident' }, { kind: 'box' }],
  });
  t.match((await door.get('/codes/prints')).json(), { prints: [{ run: 1, copies: 2, again: 0 }, { run: 2, copies: 1, again: 5, reason: 'damaged' }] });
  t.match((await door.get('/codes/prints?from=2&count=1')).json<{ prints: object[] }>(), { prints: [{ run: 2 }] });
  t.equal(wordIn(await door.step('recordPrint', { kind: 'staff', first: 1, last: 2 })), '422 content_invalid');
});

t.test('a card of a reserved range is used when the resident it names is on the roster', async (t) => {
  const door = await build(t, { residents: 200 });
  const vault = await door.vault.round(door.cell.round);
  if (vault === 'erased') throw new Error('the round has just been made');
  await door.step('reserveCodes', { kind: 'resident', count: 1_000_000 });
  const { ranges } = (await door.get('/codes/ranges')).json<{ ranges: { first: number; last: number; used: number; unused: number }[] }>();
  const key = serialKey(codeSeed(vault, door.cell.area));
  const { first = 0, last = 0, used, unused } = ranges[0] ?? {};
  const named = Array.from({ length: 200 }, (_, i) => serialOf(key, i, true)).filter((serial) => serial >= first && serial <= last).length;
  t.equal(used, named);
  t.equal(unused, 1_000_000 - named);
  await door.vault.forget(door.cell.round);
  t.match((await door.get('/codes/ranges')).json(), { ranges: [{ used: null, unused: null }] }, 'nobody can tell any more');
});

t.test('printed numbers are the business of whoever prints', async (t) => {
  const { door, send, pair } = await guarded(t);
  for (const [role, status] of [['desk', 200], ['lab', 200], ['station', 403], ['courier', 403]] as const) {
    const { headers } = await pair(role);
    for (const path of ['/codes/ranges', '/codes/prints']) t.equal((await send(headers, 'GET', door.at(path))).statusCode, status, `${role} ${path}`);
  }
  for (const path of ['/codes/ranges', '/codes/prints']) t.equal(wordIn(await door.app.inject({ url: `/api/cells/${door.cell.round}/elsewhere${path}`, headers: { authorization: `Bearer ${door.app.gate?.tools.draw() ?? ''}` } })), '404 cell_unknown');
});
