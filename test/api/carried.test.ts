// A tablet's second copy, brought by another one: taken as the first one's own, once, and by nobody's leave but its seal's.

import { createCipheriv, randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import t from 'tap';
import { guarded, type Guarded, type Headers, wordIn } from './guarded.js';
import { build, type DoorRig, record, tubeOf } from './support.js';

interface Parcel { device: string; epoch: string; sealed: string; shift?: number }

const bindingOf = ({ round, area }: { round: string; area: string }, device: string, epoch: string) => ['swabline carried 1', round, area, device, epoch].join('\u001f');

/** Seals as a tablet does. */
function seal(key: string, binding: string, content: unknown, { packed = true } = {}): string {
  const text = Buffer.from(typeof content === 'string' ? content : JSON.stringify(content));
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', Buffer.from(key, 'base64'), iv);
  cipher.setAAD(Buffer.from(binding));
  const plain = packed ? Buffer.concat([Buffer.of(1), gzipSync(text)]) : Buffer.concat([Buffer.of(0), text]);
  return Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()]).toString('base64');
}

const keyOf = async ({ door, send }: Guarded, headers: Headers, epoch = 'e1'): Promise<{ id: string; key: string }> => (await send(headers, 'GET', door.at(`/tablet/carryKey?epoch=${epoch}`))).json<{ id: string; key: string }>();

/** A parcel of a device that stands open to all, on a door without a gate. */
async function parcelOf(door: DoorRig, device: string, requests: unknown[], more: { assigned?: number; packed?: boolean } = {}): Promise<Parcel> {
  const { key } = (await door.get(`/tablet/carryKey?epoch=e1&device=${device}`)).json<{ key: string }>();
  return { device, epoch: 'e1', sealed: seal(key, bindingOf(door.cell, device, 'e1'), { device, epoch: 'e1', ...(more.assigned ? { assigned: more.assigned } : {}), requests }, more) };
}

const carrying = (number: number, parcel: Parcel, more: object = {}) => record(number, 'carryRecords', parcel, { mode: 'report', by: '600000000190', ...more });

t.test('what was brought is the first tablet\'s own: its tube, its numbers, and nothing twice when it comes back itself', async (t) => {
  const door = await build(t, { residents: 4, stations: ['3'] });
  const tube = tubeOf(1);
  const first = [
    record(1, 'openTube', { tube, station: '3' }, { mode: 'report' }),
    ...[1, 2, 3].map((n) => record(n + 1, 'takeSwab', { resident: String(n), tube }, { mode: 'report' })),
  ];
  const parcel = await parcelOf(door, 'first', first, { assigned: 5 });
  const brought = await door.outbox([record(1, 'openTube', { tube: tubeOf(2), station: '3' }), carrying(2, parcel)], { device: 'second' });
  t.match(brought.json(), { mark: 2, answers: [{ outcome: 'applied' }, { outcome: 'applied', events: [{ event: 'records.carried', name: 'first', epoch: 'e1', first: 1, last: 4, count: 4, by: '600000000190' }] }] });
  t.match((await door.get(`/tubes/${tube}`)).json(), { state: 'open', count: 3 });
  t.match((await door.outbox([carrying(2, parcel)], { device: 'second' })).json(), { answers: [{ outcome: 'applied', again: true }] }, 'the answer was lost');
  t.match((await door.outbox([carrying(1, parcel)], { device: 'third' })).json(), { answers: [{ outcome: 'applied' }] }, 'two have brought it');
  const back = await door.outbox([...first, record(5, 'sealTube', { tube }, { mode: 'report' })], { device: 'first', assigned: 5 });
  t.match(back.json(), { mark: 5, missing: 0, answers: [...first.map(() => ({ outcome: 'applied', again: true })), { outcome: 'applied' }] });
  t.match((await door.get(`/tubes/${tube}`)).json(), { state: 'sealed', count: 3 });
});

t.test('a walk-in among them is registered, and whoever was swabbed after it is the same person', async (t) => {
  const door = await build(t, { stations: ['3'] });
  const tube = tubeOf(1);
  const parcel = await parcelOf(door, 'first', [
    record(1, 'openTube', { tube, station: '3' }, { mode: 'report' }),
    record(2, 'registerWalkIn', { document: { number: '11010519491231002X' }, name: '李小明', village: 'Upper' }, { mode: 'report' }),
    record(3, 'takeSwab', { resident: '#2', tube }, { mode: 'report' }),
  ], { packed: false });
  t.match((await door.outbox([carrying(1, parcel)], { device: 'second' })).json(), { answers: [{ outcome: 'applied', events: [{ count: 3 }] }] });
  t.match((await door.get(`/tubes/${tube}`)).json(), { count: 1 });
});

t.test('over the socket and alone, with the time put right by who has seen both clocks', async (t) => {
  const door = await build(t, { residents: 2, stations: ['3'] });
  const tube = tubeOf(1);
  const at = door.now() - 600_000;
  const parcel = await parcelOf(door, 'first', [{ ...record(1, 'openTube', { tube, station: '3' }, { mode: 'report' }), claimedAt: 5000 }]);
  const line = await door.line();
  t.match(await line.ask({ id: 1, device: 'second', requests: [carrying(1, { ...parcel, shift: at - 5000 })] }), { answers: [{ outcome: 'applied' }] });
  const { events } = (await door.get(`/tubes/${tube}/story`)).json<{ events: { claimedAt: number }[] }>();
  t.equal(events[0]?.claimedAt, at);
  const more = await parcelOf(door, 'first', [record(2, 'takeSwab', { resident: '1', tube }, { mode: 'report' })]);
  t.match((await door.step('carryRecords', more, { device: 'third', mode: 'report' })).json(), { answer: { outcome: 'applied', events: [{ event: 'records.carried', first: 2 }] } });
});

t.test('a tablet that carries is carried itself, up to a point', async (t) => {
  const door = await build(t, { stations: ['3'] });
  let parcel = await parcelOf(door, 'd0', [record(1, 'openTube', { tube: tubeOf(1), station: '3' }, { mode: 'report' })]);
  for (let deep = 1; deep <= 2; deep++) parcel = await parcelOf(door, `d${deep}`, [carrying(1, parcel)]);
  t.match((await door.outbox([carrying(1, parcel)], { device: 'last' })).json(), { answers: [{ outcome: 'applied' }] });
  t.match((await door.get(`/tubes/${tubeOf(1)}`)).json(), { state: 'open' });
  for (let deep = 3; deep <= 5; deep++) parcel = await parcelOf(door, `d${deep}`, [carrying(1, parcel)]);
  t.match((await door.outbox([carrying(2, parcel)], { device: 'last' })).json(), { answers: [{ outcome: 'applied' }] }, 'what does not open in the depth is set aside under its number');
});

t.test('what does not open is kept for a person, and said at once to who waits', async (t) => {
  const door = await build(t, { stations: ['3'] });
  const good = await parcelOf(door, 'first', []);
  const key = (await door.get('/tablet/carryKey?epoch=e1&device=first')).json<{ key: string }>().key;
  const binding = bindingOf(door.cell, 'first', 'e1');
  const bytes = Buffer.from(good.sealed, 'base64');
  bytes[20] = (bytes[20] ?? 0) ^ 1;
  const bad: [string, Parcel][] = [
    ['changed', { ...good, sealed: bytes.toString('base64') }],
    ['under another name', { ...good, device: 'second' }],
    ['of another storage', { ...good, epoch: 'e2' }],
    ['of another cell', { ...good, sealed: seal(key, bindingOf({ ...door.cell, area: 'south' }, 'first', 'e1'), { device: 'first', epoch: 'e1', requests: [] }) }],
    ['of another device inside', { ...good, sealed: seal(key, binding, { device: 'second', epoch: 'e1', requests: [] }) }],
    ['no outbox', { ...good, sealed: seal(key, binding, { requests: 7 }) }],
    ['no JSON', { ...good, sealed: seal(key, binding, '{') }],
    ['short', { ...good, sealed: 'AAAA' }],
    ['a bomb', { ...good, sealed: seal(key, binding, JSON.stringify({ device: 'first', epoch: 'e1', requests: ['0'.repeat(40 << 20)] })) }],
  ];
  for (const [i, [name, parcel]] of bad.entries()) {
    t.match((await door.outbox([carrying(i + 1, parcel)], { device: 'carrier' })).json(), { mark: i + 1, answers: [{ outcome: 'quarantined' }] }, name);
    t.equal(wordIn(await door.step('carryRecords', parcel, { device: 'single', number: i + 1 })), '422 carried_unreadable', name);
  }
  t.equal(wordIn(await door.step('carryRecords', { ...good, sealed: 'A'.repeat(190_000) }, { device: 'single' })), '422 content_invalid');
});

t.test('each tablet gets its own key and no other\'s; what is brought is judged by where the first one stood', async (t) => {
  const rig = await guarded(t, { stations: ['3'], residents: 2 });
  const { door, send, pair, tool } = rig;
  const first = await pair('station', { site: 's1', station: '3' });
  const second = await pair('packer');
  const [own, other] = [await keyOf(rig, first.headers), await keyOf(rig, second.headers)];
  t.match(own, { id: /^[0-9a-f]{8}$/, key: /^[\w+/]{43}=$/ });
  t.not(own.key, other.key);
  t.equal((await send(second.headers, 'GET', door.at(`/tablet/carryKey?epoch=e1&device=${first.device}`))).json<{ key: string }>().key, other.key, 'whatever name it gives');
  t.not((await keyOf(rig, first.headers, 'e2')).key, own.key);
  t.equal(wordIn(await send({}, 'GET', door.at('/tablet/carryKey?epoch=e1'))), '401 badge_missing');

  const carry = async (requests: unknown[], n: number, key = own.key, device = first.device) => (await send(second.headers, 'POST', door.at('/outbox'), {
    device: second.device, epoch: 'e1', requests: [carrying(n, { device, epoch: 'e1', sealed: seal(key, bindingOf(door.cell, device, 'e1'), { device, epoch: 'e1', requests }) })],
  })).json<{ answers: { outcome: string }[] }>().answers[0]?.outcome;
  const now = () => ({ mode: 'report', claimedAt: Date.now() });
  t.equal(await carry([record(1, 'openTube', { tube: tubeOf(1), station: '3' }, now())], 1), 'applied', 'a packer could not have opened a tube');
  t.match((await send(tool, 'GET', door.at(`/tubes/${tubeOf(1)}`))).json(), { state: 'open' });
  t.equal(await carry([record(2, 'openBox', { box: '300000000170' }, now())], 2), 'applied');
  t.match((await send(tool, 'GET', door.at('/quarantine'))).json(), { records: [{ device: first.device, number: 2 }] }, 'and a station may not open a box, whoever brings it');
  t.equal(await carry([], 3, other.key), 'quarantined', 'nobody makes records in another\'s name');
  t.equal(await carry([], 4, own.key, 'nobody'), 'quarantined');

  const before = Date.now() - 60_000;
  t.equal((await send(tool, 'POST', `/api/devices/${first.device}/revoke`, { reason: 'lost' })).statusCode, 200);
  t.equal(await carry([record(3, 'takeSwab', { resident: '1', tube: tubeOf(1) }, { mode: 'report', claimedAt: before })], 5), 'applied');
  t.match((await send(tool, 'GET', door.at(`/tubes/${tubeOf(1)}`))).json(), { count: 1 }, 'what a tablet did before it was lost counts');
  t.equal(await carry([record(4, 'takeSwab', { resident: '2', tube: tubeOf(1) }, { mode: 'report', claimedAt: Date.now() + 60_000 })], 6), 'applied');
  t.match((await send(tool, 'GET', door.at(`/tubes/${tubeOf(1)}`))).json(), { count: 1 }, 'at what it did afterwards a person looks');
});
