// Devices: paired by a code, bound to their name, moved at a time, revoked at once.

import { once } from 'node:events';
import t from 'tap';
import { WebSocket } from 'ws';
import { judge, type Badge, type Surroundings } from '../../src/api/badge.js';
import { record, tubeOf } from './support.js';
import { fresh, guarded, type Headers, wordIn } from './guarded.js';

t.test('a device without a key gets nothing, whatever it asks for', async (t) => {
  const { door, send, open } = await guarded(t);
  t.equal(wordIn(await send({}, 'GET', door.at('/stations'))), '401 badge_missing');
  t.equal(wordIn(await send({}, 'POST', door.at('/outbox'), { device: 'x', epoch: 'e', requests: [] })), '401 badge_missing');
  for (const key of ['', 'x', 'x.y', `${'d'.repeat(40)}.${'k'.repeat(43)}`, `tool.${'k'.repeat(43)}`, `nobody.${'k'.repeat(43)}`]) {
    t.equal(wordIn(await send({ authorization: `Bearer ${key}` }, 'GET', door.at('/stations'))), '401 badge_unknown', key);
  }
  t.equal(wordIn(await send({ authorization: 'Basic eDp5' }, 'GET', door.at('/stations'))), '401 badge_unknown');
  t.equal(await open({}), 401, 'nor a socket');
});

t.test('a paired device speaks under its own name and no other', async (t) => {
  const { door, send, pair, open } = await guarded(t, { stations: ['3'] });
  const one = await pair('station', { site: 's1', station: '3' });
  const two = await pair('station', { site: 's1', station: '3' });
  const tube = tubeOf(1);
  const outbox = (device: string) => ({ device, epoch: 'e1', requests: [record(1, 'openTube', { tube, station: '3' })] });
  t.match((await send(one.headers, 'POST', door.at('/outbox'), outbox(one.device))).json(), { answers: [{ outcome: 'applied' }] });
  t.equal(wordIn(await send(two.headers, 'POST', door.at('/outbox'), outbox(one.device))), '403 device_differs');
  t.equal(wordIn(await send(one.headers, 'POST', door.at('/steps/sealTube'), { device: two.device, epoch: 'e1', number: 1, claimedAt: 1, body: { tube } })), '403 device_differs');
  const socket = await open(two.headers);
  if (!(socket instanceof WebSocket)) return t.fail('the socket did not open');
  socket.send(JSON.stringify({ id: 1, ...outbox(one.device) }));
  const [message] = (await once(socket, 'message')) as [Buffer];
  t.match(JSON.parse(message.toString()), { id: 1, problem: { word: 'device_differs', status: 403 } });
});

t.test('a key with any character changed is no key', async (t) => {
  const { door, send, pair } = await guarded(t);
  const { key, device } = await pair('station');
  t.equal((await send({ authorization: `Bearer ${key}` }, 'GET', door.at('/stations'))).statusCode, 200);
  for (let at = device.length + 1; at < key.length; at++) {
    const changed = key.slice(0, at) + (key[at] === 'A' ? 'B' : 'A') + key.slice(at + 1);
    // The last character of 43 carries four bits that count for something and two that do not.
    if (Buffer.from(changed.slice(device.length + 1), 'base64url').equals(Buffer.from(key.slice(device.length + 1), 'base64url'))) continue;
    t.equal((await send({ authorization: `Bearer ${changed}` }, 'GET', door.at('/stations'))).statusCode, 401);
  }
});

t.test('a pairing code is made only by those whose cell it is for, and guessing makes it void', async (t) => {
  const { door, send, person, pair } = await guarded(t);
  const offer = { role: 'station', ...door.cell, site: 's1', station: '3' };
  const station = await pair('station');
  t.equal(wordIn(await send(station.headers, 'POST', '/api/pairing', offer)), '403 not_allowed');
  const elsewhere = await person([{ role: 'command_post', round: 'another', area: 'north' }]);
  t.equal(wordIn(await send(elsewhere.headers, 'POST', '/api/pairing', offer)), '403 not_allowed');
  const post = await person([{ role: 'command_post', round: door.cell.round }]);
  const made = await send(post.headers, 'POST', '/api/pairing', offer);
  t.equal(made.statusCode, 201);
  const { code, qr } = made.json<{ code: string; qr: string }>();
  t.match(code, /^\d{3} \d{3} \d{3} \d{3}$/);
  t.match(qr, /^http:\/\/[^/]+\/pair#\d{4}\.[\w-]{22}$/, 'what proves it stands behind #, which no browser sends');
  t.equal(wordIn(await send(elsewhere.headers, 'POST', '/api/pairing', { ...offer, round: 'another', area: 'north', device: station.device })), '403 not_allowed', 'another cell\'s device is not taken over');
  const plain = code.replaceAll(' ', '');
  for (let i = 0; i < 5; i++) {
    const wrong = plain.slice(0, 4) + String((Number(plain.slice(4)) + 1 + i) % 1e8).padStart(8, '0');
    t.equal(wordIn(await send({}, 'POST', '/api/pairing/redeem', { code: wrong })), '403 code_unknown');
  }
  t.equal(wordIn(await send({}, 'POST', '/api/pairing/redeem', { code })), '403 code_void');
});

t.test('a browser keeps its key in a cookie no script can read, and only our own page can use it', async (t) => {
  const { door, send, tool } = await guarded(t);
  const made = await send(tool, 'POST', '/api/pairing', { role: 'desk', ...door.cell, site: 's1', device: fresh('t') });
  const redeemed = await send({}, 'POST', '/api/pairing/redeem', { code: made.json<{ qr: string }>().qr });
  t.equal(redeemed.json<{ key?: string }>().key, undefined, 'the page never sees it');
  const set = String(redeemed.headers['set-cookie']);
  t.match(set, /^swabline-device=.*; Path=\/; HttpOnly; SameSite=Strict; Max-Age=\d+$/);
  const cookie = set.split(';')[0] ?? '';
  const { device } = redeemed.json<{ device: string }>();
  const outbox = { device, epoch: 'e1', requests: [] };
  t.equal((await send({ cookie }, 'GET', door.at('/stations'))).statusCode, 200);
  t.equal(wordIn(await send({ cookie }, 'POST', door.at('/outbox'), outbox)), '403 page_foreign', 'no header of ours');
  t.equal((await send({ cookie, 'x-swabline': '1' }, 'POST', door.at('/outbox'), outbox)).statusCode, 200);
  t.equal(wordIn(await send({ cookie, 'x-swabline': '1', origin: 'https://evil.example' }, 'POST', door.at('/outbox'), outbox)), '403 page_foreign');
  t.equal(wordIn(await send({ cookie, 'x-swabline': '1', origin: 'null' }, 'POST', door.at('/outbox'), outbox)), '403 page_foreign');
  t.equal(wordIn(await send({ cookie, 'x-swabline': '1', 'sec-fetch-site': 'cross-site' }, 'POST', door.at('/outbox'), outbox)), '403 page_foreign');
});

t.test('a socket with cookies opens for our own page only', async (t) => {
  const { door, send, tool, open } = await guarded(t);
  const made = await send(tool, 'POST', '/api/pairing', { role: 'desk', ...door.cell, device: fresh('t') });
  const redeemed = await send({}, 'POST', '/api/pairing/redeem', { code: made.json<{ code: string }>().code });
  const cookie = String(redeemed.headers['set-cookie']).split(';')[0] ?? '';
  const address = await door.listen();
  t.equal(await open({ cookie }), 403, 'no origin');
  t.equal(await open({ cookie, origin: 'http://evil.example' }), 403);
  t.equal(await open({ cookie, origin: 'null' }), 403);
  t.ok((await open({ cookie, origin: `http://${address}` })) instanceof WebSocket);
});

t.test('a revoked device is out at once: its sockets close, and every door tells it why', async (t) => {
  const { door, send, tool, pair, open } = await guarded(t);
  const { device, headers, key } = await pair('station');
  const sockets = await Promise.all([open(headers), open(headers)]);
  const closed = sockets.map((socket) => (socket instanceof WebSocket ? once(socket, 'close') : t.fail('a socket did not open')));
  t.equal((await send(tool, 'POST', `/api/devices/${device}/revoke`, { reason: 'stolen' })).statusCode, 200);
  await Promise.all(closed);
  t.equal(wordIn(await send(headers, 'GET', door.at('/stations'))), '401 badge_revoked');
  t.equal(wordIn(await send(headers, 'POST', door.at('/outbox'), { device, epoch: 'e', requests: [] })), '401 badge_revoked');
  t.equal(await open(headers), 401);
  t.equal(wordIn(await send({ authorization: `Bearer ${key.slice(0, -2)}AA` }, 'GET', door.at('/stations'))), '401 badge_unknown', 'who has not the key is not told');
  const again = await pair('station', { device });
  t.equal((await send(again.headers, 'GET', door.at('/stations'))).statusCode, 200, 'paired anew it is let in');
  t.equal(wordIn(await send(headers, 'GET', door.at('/stations'))), '401 badge_unknown', 'the old key is not');
});

t.test('what was done before a move belongs to where the device stood, and may still be handed in', async (t) => {
  const { door, send, tool, pair } = await guarded(t, { stations: ['3', ['7', 's2']], residents: 3 });
  const { device, headers } = await pair('station', { site: 's1', station: '3' });
  const now = Date.now();
  const outbox = (epoch: string, requests: unknown[]) => send(headers, 'POST', door.at('/outbox'), { device, epoch, now: Date.now(), requests });
  t.match((await outbox('e1', [record(1, 'openTube', { tube: tubeOf(1), station: '3' }, { claimedAt: now })])).json(), { answers: [{ outcome: 'applied' }] });
  const moved = await send(tool, 'POST', `/api/devices/${device}/move`, { role: 'station', ...door.cell, site: 's2', station: '7' });
  t.equal(moved.statusCode, 200, moved.body);
  const { from } = moved.json<{ from: number }>();
  const after = await outbox('e1', [
    record(2, 'openTube', { tube: tubeOf(2), station: '3' }, { claimedAt: from - 60_000 }),
    record(3, 'openTube', { tube: tubeOf(4), station: '7' }, { claimedAt: from + 1000 }),
  ]);
  t.match(after.json(), { answers: [{ outcome: 'applied' }, { outcome: 'applied' }], mark: 3 });

  const other = { round: door.cell.round, area: 'south' };
  await send(tool, 'POST', `/api/devices/${device}/move`, { role: 'station', ...other });
  t.equal((await send(headers, 'GET', door.at('/stations'))).statusCode, 403, 'it looks no longer into the cell it left');
  const late = await outbox('e1', [
    record(4, 'sealTube', { tube: tubeOf(1), reason: 'shift_end' }, { claimedAt: from - 1, mode: 'report' }),
    { number: 5, step: 'no such step', claimedAt: 1, body: {} },
  ]);
  t.match(late.json(), { answers: [{ outcome: 'applied' }, { outcome: 'quarantined' }], missing: 0, mark: 5 });
});

t.test('a record is judged by where its device stood when it was done', async (t) => {
  const at = (from: number, station: string, area = 'north') => ({ from, role: 'station' as const, round: 'r', area, site: 's1', station });
  const badge: Badge = { kind: 'device', device: 'd', account: '', grants: [], places: [at(1_000_000, '3'), at(2_000_000, '7'), at(3_000_000, '1', 'south')] };
  const known: Surroundings = { siteOf: () => 's1', knownStaff: () => false, isStaff: () => true };
  const verdict = (station: string, claimedAt: number, { mode = 'ask' as 'ask' | 'report', area = 'north', ahead = 0, step = 'openTube' as const } = {}) =>
    judge(badge, { round: 'r', area }, { number: 1, step, mode, claimedAt, body: { tube: '100000000099', station, risk: 'normal' } }, ahead, known, 9_000_000);
  t.equal(verdict('3', 1_500_000), 'yes');
  t.equal(verdict('7', 1_500_000), 'not_allowed');
  t.equal(verdict('7', 2_500_000), 'yes');
  t.equal(verdict('3', 2_500_000), 'not_allowed');
  t.equal(verdict('3', 2_005_000), 'yes', 'nobody stops in the second of the move');
  t.equal(verdict('3', 2_500_000, { mode: 'report' }), 'yes', 'what happened elsewhere in the cell happened');
  t.equal(verdict('7', 3_500_000, { mode: 'report' }), 'not_allowed', 'in a cell it has left it does not count by itself');
  t.equal(verdict('1', 3_500_000, { area: 'south' }), 'yes');
  t.equal(verdict('1', 2_500_000, { area: 'south' }), 'not_allowed');
  t.equal(verdict('3', 5, { ahead: 0 }), 'yes', 'a tablet set to 1970 stands where it was first put');
  t.equal(verdict('7', 5, { ahead: 2_499_995 }), 'yes', 'unless it tells its clock, which then counts');
});

t.test('a number used again for other content is refused and raises the alarm once', async (t) => {
  const { door, send, pair, tool } = await guarded(t, { stations: ['3'] });
  const { device, headers } = await pair('station', { site: 's1', station: '3' });
  const open = (serial: number) => send(headers, 'POST', door.at('/outbox'), { device, epoch: 'e1', requests: [record(1, 'openTube', { tube: tubeOf(serial), station: '3' })] });
  await open(1);
  t.match((await open(2)).json(), { answers: [{ outcome: 'refused', word: 'id_reused' }] });
  await open(3);
  const events = (await send(tool, 'GET', door.at('/events?count=2000'))).json<{ events: { event: string; reused?: number }[] }>().events;
  t.match(events.filter(({ event }) => event === 'device.suspect'), [{ reused: 1 }]);
  t.equal(events.filter(({ event }) => event === 'device.suspect').length, 1);
});

t.test('the list of devices shows those of one\'s own cell, and no key', async (t) => {
  const { door, send, pair, person } = await guarded(t);
  const mine = await pair('station', { site: 's1' });
  await pair('station', { area: 'south' });
  const post = await person([{ role: 'command_post', ...door.cell }]);
  const seen: { device: string }[] = [];
  let cursor = '0';
  do {
    const page = (await send(post.headers, 'GET', `/api/devices?cursor=${cursor}`)).json<{ cursor: string; devices: { device: string }[] }>();
    seen.push(...page.devices);
    cursor = page.cursor;
  } while (cursor !== '0');
  t.same(seen.map(({ device }) => device), [mine.device]);
  t.notMatch(JSON.stringify(seen), /secret|[0-9a-f]{64}/);
});

t.test('a device says how it is, and the command post sees it beside when it was last heard', async (t) => {
  const rig = await guarded(t);
  const { door, send } = rig;
  const station = await rig.pair('station', { site: 's1', station: '1' });
  const wall = await rig.pair('wall');
  const chief = await rig.person([{ role: 'command_post', ...door.cell }]);
  const tell = (headers: Headers, body: unknown) => send(headers, 'POST', '/api/devices/me/condition', body);
  t.equal((await tell(station.headers, { version: '0.1.0+0a1b2c3d', clockAhead: -91_000, battery: 80 })).statusCode, 200);
  t.equal((await tell(station.headers, { version: '0.1.0+0a1b2c3d', clockAhead: 120_000 })).statusCode, 200);
  t.equal((await tell(wall.headers, { version: '0.1.0+99999999' })).statusCode, 200, 'one that sends no records has a clock and pages too');
  const { devices, conditions } = (await send(chief.headers, 'GET', door.at('/devices'))).json<{ devices: unknown[]; conditions: { device: string; at: number }[] }>();
  t.match(new Map(conditions.map((one) => [one.device, one])).get(station.device), { version: '0.1.0+0a1b2c3d', clockAhead: 120_000 }, 'the last word counts');
  t.match(conditions.find(({ device }) => device === wall.device), { version: '0.1.0+99999999', clockAhead: undefined, battery: undefined });
  const { clock } = (await send(chief.headers, 'GET', door.at())).json<{ clock: number }>();
  t.same(new Set(conditions.map(({ at }) => at)), new Set([clock]), 'by the clock of the cell, here a rehearsal');
  t.same(devices.filter((one) => [station.device, wall.device].includes((one as { device: string }).device)), [], 'it is no record');
  t.equal(wordIn(await tell(chief.headers, { version: '1' })), '403 not_allowed', 'a person is no device');
  for (const bad of [{}, { version: '<b>' }, { version: '1', battery: 101 }, { version: '1', clockAhead: 0.5 }, { version: '1', who: 'x' }]) t.equal(wordIn(await tell(station.headers, bad)), '422 content_invalid', JSON.stringify(bad));
});
