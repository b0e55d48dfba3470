// Personal data: masked for those at the tables, in clear only with a reason that stands on record first, and gone when a round is.

import t from 'tap';
import { systemCell } from '../../src/domain/requests.js';
import { residentIdCheck } from '../../src/domain/documents.js';
import { exportPeople } from '../../src/jobs/exportPeople.js';
import { tableMediaTypes } from '../../src/jobs/tableFile.js';
import { readEvents, lastPosition } from '../../src/ledger/stream.js';
import { exportRoutes } from '../../src/api/exports.js';
import { guarded, type Guarded, password, wordIn } from './guarded.js';

/** A number with a right check digit from an area code that was never given out. */
const documentOf = (n: number): string => {
  const body = `69000019700101${String(n).padStart(3, '0')}`;
  return body + residentIdCheck(body);
};

async function register({ door, send, tool }: Guarded, n: number, name = '李小明'): Promise<string> {
  const answer = await send(tool, 'POST', door.at('/steps/registerWalkIn'), {
    device: `desk${n}`, epoch: 'e1', number: 1, claimedAt: Date.now(),
    body: { document: { number: documentOf(n) }, name, phone: '13800001234', village: 'Upper', household: '7', address: '测试县测试镇测试村7号' },
  });
  const event = answer.json<{ answer: { events: { event: string; resident: number }[] } }>().answer.events.find(({ event }) => event === 'resident.registered');
  return String(event?.resident);
}

t.test('a table sees a person masked, a courier and a wall not at all', async (t) => {
  const rig = await guarded(t);
  const { door, send, pair } = rig;
  const n = await register(rig, 1);
  const station = await pair('station');
  const masked = await send(station.headers, 'GET', door.at(`/residents/${n}/person`));
  t.same(masked.json(), {
    resident: Number(n),
    person: { name: '李*明', document: { kind: 'residentId', number: `690000********${documentOf(1).slice(-4)}` }, village: 'Upper', phone: '138****1234', address: '测试县测试镇测试村***', sex: masked.json<{ person: { sex: string } }>().person.sex, birthYear: '1970' },
  });
  t.notMatch(masked.body, /李小明|13800001234|7号/);
  for (const role of ['courier', 'packer', 'lab', 'wall'] as const) {
    const { headers } = await pair(role);
    t.equal(wordIn(await send(headers, 'GET', door.at(`/residents/${n}/person`))), '403 not_allowed', role);
    t.equal(wordIn(await send(headers, 'POST', door.at('/residents/search'), { document: { number: documentOf(1) } })), '403 not_allowed', role);
  }
  t.equal(wordIn(await send(station.headers, 'GET', door.at('/residents/999/person'))), '404 nothing_there');
  const elsewhere = await pair('station', { area: 'south' });
  t.equal(wordIn(await send(elsewhere.headers, 'GET', door.at(`/residents/${n}/person`))), '404 cell_unknown');
});

t.test('in clear only to a person whose role it is, with a reason, on record first', async (t) => {
  const rig = await guarded(t);
  const { door, send, person, pair, tool } = rig;
  const n = await register(rig, 2);
  const path = door.at(`/residents/${n}/reveal`);
  const before = await lastPosition(door.redis, systemCell);
  const supervisor = await pair('supervisor', { site: 's1' });
  t.equal(wordIn(await send(supervisor.headers, 'POST', path, { reason: 'contact' })), '403 not_allowed', 'a tablet is nobody');
  const admin = await person([{ role: 'administrator' }]);
  t.equal(wordIn(await send(admin.headers, 'POST', path, { reason: 'contact' })), '403 not_allowed', 'an administrator sees no people');
  const post = await person([{ role: 'command_post', ...door.cell }]);
  t.equal(wordIn(await send(post.headers, 'POST', path, {})), '422 content_invalid');
  t.equal(wordIn(await send(post.headers, 'POST', path, { reason: 'curious' })), '422 content_invalid');
  const none = (await readEvents(door.redis, systemCell, before)).filter((event) => event.event === 'personal.revealed' && event.round === door.cell.round);
  t.equal(none.length, 0);
  const shown = await send(post.headers, 'POST', path, { reason: 'contact' });
  t.match(shown.json(), { person: { name: '李小明', phone: '13800001234', document: { number: documentOf(2) } } });
  const looks = (await readEvents(door.redis, systemCell, before)).filter((event) => event.event === 'personal.revealed' && event.round === door.cell.round);
  t.match(looks, [{ what: 'person', resident: Number(n), reason: 'contact', by: post.account }]);
  const told = await send(admin.headers, 'GET', `/api/looks?after=${before}`);
  t.match(told.body, new RegExp(post.account));
  t.equal(wordIn(await send(post.headers, 'GET', '/api/looks')), '403 not_allowed');
  t.equal((await send(tool, 'GET', '/api/looks')).statusCode, 200);
});

t.test('a document is searched by its keyed hash, and the search of a person is on record', async (t) => {
  const rig = await guarded(t);
  const { door, send, person, pair } = rig;
  const n = await register(rig, 3);
  const station = await pair('desk', { site: 's1' });
  const search = (headers: Record<string, string>, number: string) => send(headers, 'POST', door.at('/residents/search'), { document: { number } });
  t.match((await search(station.headers, ` ${documentOf(3).toLowerCase()} `)).json(), { resident: Number(n), person: { name: '李*明' } });
  t.equal(wordIn(await search(station.headers, documentOf(9))), '404 nothing_there');
  const wrong = await search(station.headers, '690000197001010000');
  t.equal(wrong.statusCode, 422);
  t.notMatch(wrong.body, /690000/, 'what was sent is not repeated');
  const before = await lastPosition(door.redis, systemCell);
  const post = await person([{ role: 'command_post', ...door.cell }]);
  await search(post.headers, documentOf(3));
  await search(post.headers, documentOf(9));
  const looks = (await readEvents(door.redis, systemCell, before)).filter((event) => event.event === 'personal.revealed' && event.round === door.cell.round);
  t.match(looks, [{ what: 'search', resident: Number(n), count: 1, by: post.account }, { what: 'search', resident: 0, count: 0 }]);
});

t.test('who tries a county\'s numbers is stopped, and looks in clear are counted', async (t) => {
  const rig = await guarded(t);
  const { door, send, person, pair } = rig;
  await register(rig, 4);
  const { headers } = await pair('desk', { site: 's1' });
  const answers = await Promise.all(Array.from({ length: 80 }, (_, i) => send(headers, 'POST', door.at('/residents/search'), { document: { number: documentOf(100 + i) } })));
  t.equal(answers.filter(({ statusCode }) => statusCode === 404).length, 60);
  t.equal(answers.filter(({ statusCode }) => statusCode === 429).length, 20);
  const post = await person([{ role: 'command_post', ...door.cell }]);
  const looks = await Promise.all(Array.from({ length: 130 }, () => send(post.headers, 'POST', door.at('/residents/1/reveal'), { reason: 'contact' })));
  t.equal(looks.filter(({ statusCode }) => statusCode === 200).length, 120);
});

t.test('a list is exported with who and why in its first row, and no cell of it is a formula', async (t) => {
  const rig = await guarded(t, {});
  const { door, send, person } = rig;
  exportRoutes(door.app, { redis: door.redis, system: rig.system, gate: door.app.gate as never }, { mediaTypes: tableMediaTypes, people: (wanted) => exportPeople(door.redis, door.vault, wanted) });
  await register(rig, 5, '=HYPERLINK("http://evil.example")');
  await register(rig, 6, '@SUM(A1)');
  const post = await person([{ role: 'command_post', ...door.cell }]);
  const path = door.at('/residents/export');
  t.equal(wordIn(await send(post.headers, 'POST', path, { format: 'csv' })), '422 content_invalid', 'no reason, no list');
  const supervisor = await person([{ role: 'supervisor', ...door.cell }]);
  t.equal(wordIn(await send(supervisor.headers, 'POST', path, { reason: 'report' })), '403 not_allowed');
  const before = await lastPosition(door.redis, systemCell);
  const csv = await send(post.headers, 'POST', path, { reason: 'missing_person', format: 'csv', who: 'all' });
  t.match(csv.headers, { 'content-type': /text\/csv/, 'content-disposition': /^attachment; filename="people-/, 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' });
  const lines = csv.body.split('\r\n');
  t.match(lines[0], new RegExp(`CONFIDENTIAL.*${door.cell.round}.*${post.account}.*missing_person`));
  t.match(csv.body, /'=HYPERLINK/);
  t.match(csv.body, /'@SUM/);
  t.notMatch(csv.body, /(^|[,"\n])[=@+]/);
  t.match((await readEvents(door.redis, systemCell, before)).filter((event) => event.event === 'personal.revealed' && event.round === door.cell.round), [{ what: 'export', count: 2, reason: 'missing_person', by: post.account }]);
  const xlsx = await send(post.headers, 'POST', path, { reason: 'missing_person', format: 'xlsx' });
  const { default: ExcelJS } = await import('exceljs');
  const book = new ExcelJS.Workbook();
  await book.xlsx.load(xlsx.rawPayload as never);
  const formulas: string[] = [];
  book.eachSheet((sheet) => sheet.eachRow((row) => row.eachCell((cell) => { if (cell.formula) formulas.push(cell.address); })));
  t.same(formulas, []);
  t.equal(book.worksheets[0]?.getRow(3).getCell(3).value, documentOf(5), 'a document number keeps all its digits');
});

t.test('two administrators make a closed round\'s people unreadable, and everything then says so', async (t) => {
  const rig = await guarded(t);
  const { door, send, person, tool, pair } = rig;
  const n = await register(rig, 7);
  const round = `/api/rounds/${door.cell.round}/forget`;
  const [first, second, post] = [await person([{ role: 'administrator' }]), await person([{ role: 'administrator' }]), await person([{ role: 'command_post' }])];
  for (const one of [second, post]) await send(one.headers, 'POST', '/api/session/pin', { password, pin: '730518' });
  const confirm = async (who: string) => (await send(first.headers, 'POST', '/api/pin', { who, pin: '730518' })).json<{ confirmation: string }>().confirmation;
  const forget = (headers: Record<string, string>) => send(headers, 'POST', round, { reason: 'retention_ended' });
  t.equal(wordIn(await forget(post.headers)), '403 not_allowed');
  t.equal(wordIn(await forget(first.headers)), '403 second_person_needed');
  t.equal(wordIn(await forget({ ...first.headers, 'x-swabline-second': await confirm(post.account) })), '403 second_person_needed', 'not any second person');
  const both = { ...first.headers, 'x-swabline-second': await confirm(second.account) };
  t.equal(wordIn(await forget(both)), '409 round_open');
  const { headers } = await pair('desk', { site: 's1' });
  t.equal((await send(headers, 'GET', door.at(`/residents/${n}/person`))).statusCode, 200);
  const closed = await send(tool, 'POST', door.at('/steps/closeRound'), { device: 'post', epoch: 'e1', number: 2, claimedAt: 1, body: {} });
  t.equal(closed.statusCode, 200, closed.body);
  const done = await forget(both);
  t.match(done.json(), { round: door.cell.round, erased: 1 });
  t.equal(wordIn(await send(headers, 'GET', door.at(`/residents/${n}/person`))), '410 person_gone');
  t.equal(wordIn(await send(headers, 'POST', door.at('/residents/search'), { document: { number: documentOf(7) } })), '410 person_gone');
  t.equal(wordIn(await send(post.headers, 'POST', door.at(`/residents/${n}/reveal`), { reason: 'contact' })), '410 person_gone');
  t.match((await send(tool, 'GET', door.at())).json(), { residents: 1 }, 'the counts stay');
});

t.test('free words are sealed on the record, and shown to those who may see people', async (t) => {
  const rig = await guarded(t, { stations: ['3'], residents: 1 });
  const { door, send, pair, tool } = rig;
  const note = '李小明的姐姐来电 13800001234';
  const excuse = (number: number) => send(tool, 'POST', door.at('/steps/excuseResident'), { device: 'post2', epoch: 'e1', number, claimedAt: 1, body: { resident: '1', reason: 'away', note } });
  const first = await excuse(1);
  t.equal(first.statusCode, 200);
  t.notMatch(first.body, /李小明|13800001234/);
  t.match((await excuse(1)).json(), { answer: { outcome: 'applied', again: true } }, 'sent again it is the same');
  for (const key of await door.redis.keys(`{${door.cell.round}:*`)) {
    const type = await door.redis.type(key);
    const held = type === 'stream' ? JSON.stringify(await door.redis.xrange(key, '-', '+')) : type === 'hash' ? JSON.stringify(await door.redis.hgetall(key)) : '';
    t.notMatch(held, /李小明|13800001234/, key);
  }
  const told = async (headers: Record<string, string>, path: string) => (await send(headers, 'GET', door.at(path))).json<{ events: { event: string; note?: string }[] }>().events.find(({ event }) => event === 'resident.excused')?.note;
  const desk = await pair('desk', { site: 's1' });
  t.equal(await told(desk.headers, '/residents/1/story'), note);
  t.equal(await told(tool, '/events'), note);
  const outbox = await send(desk.headers, 'POST', door.at('/outbox'), { device: desk.device, epoch: 'e1', requests: [{ number: 1, step: 'excuseResident', claimedAt: 1, body: { resident: '1', reason: 'medical', note } }] });
  t.match(outbox.json(), { answers: [{ outcome: 'applied' }] });
  await door.vault.forget(door.cell.round);
  t.equal(await told(desk.headers, '/residents/1/story'), '', 'and gone with the round');
});
