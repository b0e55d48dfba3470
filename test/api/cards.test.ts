// Printed codes: what one is here, and what stands on the cards of residents.

import t from 'tap';
import { makeCode, parseCode, rehearsalSerials, serialKey, serialOf } from '../../src/domain/codes.js';
import { guarded, type Guarded, wordIn } from './guarded.js';
import { tubeOf } from './support.js';

const codeAt = async ({ door, send }: Guarded, headers: Record<string, string>, code: string) => send(headers, 'GET', door.at(`/codes/${code}`));

t.test('the card of a resident says the number here and on a tablet, and nothing in another round', async (t) => {
  const rig = await guarded(t, { residents: 3 });
  const { door, send } = rig;
  const desk = await rig.pair('desk', { site: 's1' });
  const { code } = (await send(desk.headers, 'GET', door.at('/residents/2/code'))).json<{ code: string }>();
  t.match(parseCode(code), { type: 'resident', rehearsal: true });
  const { seed } = (await send(desk.headers, 'GET', door.at('/tablet/key'))).json<{ seed: string }>();
  t.equal(code, makeCode('resident', serialOf(serialKey(seed), 1, true)));
  t.strictSame((await codeAt(rig, desk.headers, code)).json(), { kind: 'resident', code, fits: true, known: true, resident: 2 });
  t.equal(wordIn(await send(desk.headers, 'GET', door.at('/residents/9/code'))), '404 nothing_there');

  const stranger = makeCode('resident', serialOf(serialKey(seed), 4711, true));
  t.strictSame((await codeAt(rig, desk.headers, stranger)).json(), { kind: 'resident', code: stranger, fits: true, known: false }, 'nobody has this number yet');
  const real = makeCode('resident', serialOf(serialKey(seed), 1));
  t.strictSame((await codeAt(rig, desk.headers, real)).json(), { kind: 'resident', code: real, fits: false, known: false }, 'a card of a real round');

  const other = await guarded(t, { residents: 3 });
  const post = await other.pair('desk', { site: 's1' });
  t.match((await codeAt(other, post.headers, code)).json(), { kind: 'resident', known: false }, 'the same card elsewhere is nobody');
});

t.test('tubes, boxes and the other labels are told apart, known or not', async (t) => {
  const rig = await guarded(t, { stations: ['a1'], residents: 1 });
  const { door } = rig;
  const packer = await rig.pair('packer', { site: 's1' });
  const ask = async (code: string) => (await codeAt(rig, packer.headers, code)).json<object>();
  const tube = door.tube();
  t.strictSame(await ask(tube), { kind: 'tube', code: tube, foreign: false, fits: true, known: false });
  await door.post.done('openTube', { tube, station: 'a1' });
  await door.post.done('takeSwab', { resident: '1', tube });
  t.strictSame(await ask(tube), { kind: 'tube', code: tube, foreign: false, fits: true, known: true, state: 'open', size: 10, count: 1 });
  t.match(await ask(tubeOf(7, false)), { kind: 'tube', fits: false });
  const box = makeCode('box', rehearsalSerials + 3);
  t.strictSame(await ask(box), { kind: 'box', code: box, fits: true, known: false });
  await door.post.done('openBox', { box });
  t.strictSame(await ask(box), { kind: 'box', code: box, fits: true, known: true, state: 'packing' });
  t.match(await ask(makeCode('staff', rehearsalSerials + 12)), { kind: 'staff', serial: rehearsalSerials + 12, fits: true });
  t.match(await ask('AB12345678901'), { kind: 'tube', foreign: true, known: false });
  await door.post.done('openBox', { box: 'BX0042' });
  t.match(await ask('BX0042'), { kind: 'box', known: true }, "another maker's box that is in use");
});

t.test('a misread is told as such, and a document number is not looked up by an address', async (t) => {
  const rig = await guarded(t, { residents: 1 });
  const desk = await rig.pair('desk', { site: 's1' });
  const code = makeCode('tube', rehearsalSerials + 5);
  const misread = code.slice(0, 11) + ((Number(code[11]) + 1) % 10);
  t.equal(wordIn(await codeAt(rig, desk.headers, misread)), '422 code_mistaken');
  const document = await codeAt(rig, desk.headers, '69000019700101001' + '6');
  t.equal(document.statusCode, 422);
  t.notMatch(document.body, /690000/, 'and is not repeated');
  t.equal(wordIn(await codeAt(rig, desk.headers, 'x')), '404 nothing_there');
  t.equal(wordIn(await codeAt(rig, (await rig.pair('courier')).headers, code)), '403 not_allowed');
});

t.test('the command post prints cards page by page, with masked names; nobody else does', async (t) => {
  const rig = await guarded(t);
  const { door, send, tool } = rig;
  for (let n = 1; n <= 3; n++) {
    await send(tool, 'POST', door.at('/steps/registerWalkIn'), { device: 'desk9', epoch: 'e1', number: n, claimedAt: Date.now(), body: { name: `王小${n}`, village: 'Upper', household: '7' } });
  }
  const post = await rig.person([{ role: 'command_post', ...door.cell }]);
  const print = async (from: number, count: number) => (await send(post.headers, 'POST', door.at('/residents/codes'), { from, count })).json<{ total: number; next: number; codes: [number, string, string, string, number][] }>();
  const [first, second] = [await print(1, 2), await print(3, 2)];
  t.match([first.total, first.next, second.next], [3, 3, 0]);
  t.strictSame([...first.codes, ...second.codes].map(([resident, , name, village]) => [resident, name, village]), [[1, '王*1', 'Upper'], [2, '王*2', 'Upper'], [3, '王*3', 'Upper']]);
  t.equal(first.codes[0]?.[4], second.codes[0]?.[4], 'one door');
  t.equal(second.codes[0]?.[1], (await send(post.headers, 'GET', door.at('/residents/3/code'))).json<{ code: string }>().code);
  t.equal(wordIn(await send(post.headers, 'POST', door.at('/residents/codes'), { from: 0 })), '422 content_invalid');
  const desk = await rig.pair('desk', { site: 's1' });
  t.equal(wordIn(await send(desk.headers, 'POST', door.at('/residents/codes'), { from: 1, count: 2 })), '403 not_allowed');
  await door.vault.forget(door.cell.round);
  for (const answer of [await send(post.headers, 'POST', door.at('/residents/codes'), { from: 1 }), await send(desk.headers, 'GET', door.at('/residents/1/code'))]) t.equal(wordIn(answer), '410 person_gone');
});
