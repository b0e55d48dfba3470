// The line against the real door: a socket where it holds, requests where it does not, and the outbox over both.

import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import t from 'tap';
import { WebSocket } from 'ws';
import { LineFault, type LineOptions, openLine } from '../../src/screens/outbox/line.js';
import { guarded } from '../api/guarded.js';
import { build, tubeOf } from '../api/support.js';
import { allSent, gate, open, service, told } from './support.js';

const empty = { device: 'tablet', epoch: 'e1', now: 1_700_000_000_000, assigned: 0, requests: [] };
type Socket = NonNullable<LineOptions['socket']>;
/** The socket of Node, with the headers a browser would send by itself. */
const socketWith = (headers: Record<string, string> = {}, opened: (socket: WebSocket) => void = () => undefined): Socket =>
  class extends WebSocket {
    constructor(address: string) {
      super(address, { headers });
      this.once('open', () => opened(this));
    }
  } as unknown as Socket;

/** Somebody who is not the service. */
async function stranger(t: { teardown(end: () => unknown): void }, answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  t.teardown(() => { server.closeAllConnections(); server.close(); });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const kindOf = async (sending: Promise<unknown>): Promise<string> => sending.then(() => 'receipt', (fault: LineFault) => `${fault.kind} ${fault.problem?.word ?? ''}`.trim());

t.test('the first sending goes as a request, those after it over the socket it has begun', async (t) => {
  const door = await build(t, { residents: 1, stations: ['3'] });
  const base = `http://${await door.listen()}`;
  let requests = 0;
  const opened = gate();
  const line = openLine({
    base, socket: socketWith({}, () => opened.open()),
    fetch: (address, options) => { requests++; return fetch(address, options); },
  });
  t.teardown(() => line.close());
  t.match(await line.send(door.cell, empty), { mark: 0, answers: [], dataEpoch: String });
  t.equal(requests, 1);
  await opened.closed;
  const sent = await Promise.all([1, 2].map((number) => line.send(door.cell, { ...empty, assigned: 2, requests: [{ number, step: 'openTube', mode: 'ask', claimedAt: 1, body: { tube: tubeOf(number), station: '3' } }] })));
  t.match(sent.map(({ answers }) => answers[0]), [{ number: 1, outcome: 'applied' }, { number: 2, outcome: 'applied' }]);
  t.equal(requests, 1);
  t.equal(await kindOf(line.send(door.cell, { ...empty, device: '-' })), 'problem content_invalid', 'what the door says of an envelope comes through the socket too');
});

t.test('a socket that breaks is no loss: what waited is told, and requests go on', async (t) => {
  const door = await build(t, { round: {} });
  const base = `http://${await door.listen()}`;
  const sockets: WebSocket[] = [];
  const opened = gate();
  const line = openLine({ base, socket: socketWith({}, (socket) => { sockets.push(socket); opened.open(); }) });
  t.teardown(() => line.close());
  await line.send(door.cell, empty);
  await opened.closed;
  const waiting = kindOf(line.send(door.cell, empty));
  sockets[0]?.terminate();
  t.match(await waiting, /^(offline|receipt)$/);
  t.equal(await kindOf(line.send(door.cell, empty)), 'receipt');
});

t.test('who is not the service is not taken for it', async (t) => {
  const page = await stranger(t, (_request, reply) => reply.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Hotel</h1>'));
  t.equal(await kindOf(openLine({ base: page, socket: null }).send({ round: 'r', area: 'a' }, empty)), 'offline', 'the sign-in page of a network');
  const json = await stranger(t, (_request, reply) => reply.writeHead(200).end('{"answers":true}'));
  t.equal(await kindOf(openLine({ base: json, socket: null }).send({ round: 'r', area: 'a' }, empty)), 'offline');
  const elsewhere = await stranger(t, (_request, reply) => reply.writeHead(302, { location: page }).end());
  t.equal(await kindOf(openLine({ base: elsewhere, socket: null }).send({ round: 'r', area: 'a' }, empty)), 'offline', 'nor is a way to another place followed');
  const silent = await stranger(t, () => undefined);
  t.equal(await kindOf(openLine({ base: silent, socket: null, timeoutMs: 50 }).send({ round: 'r', area: 'a' }, empty)), 'timeout');
  t.equal(await kindOf(openLine({ base: 'http://127.0.0.1:1', socket: null }).send({ round: 'r', area: 'a' }, empty)), 'offline');
  const busy = await stranger(t, (_request, reply) => reply.writeHead(503, { 'retry-after': '7' }).end(JSON.stringify({ word: 'record_unreachable', zh: '稍后', en: 'later', nextZh: '', nextEn: '', status: 503, title: '' })));
  t.match(await openLine({ base: busy, socket: null }).send({ round: 'r', area: 'a' }, empty).catch((fault: unknown) => fault), { kind: 'problem', retryAfter: 7000, problem: { status: 503 } });
});

t.test('a tablet works: a tube, ten people, the next tube, with the line cut in the middle', async (t) => {
  const door = await build(t, { residents: 10, stations: ['3'] });
  const base = `http://${await door.listen()}`;
  const way = openLine({ base, socket: socketWith() });
  let cut = false;
  const line = { send: (...args: Parameters<typeof way.send>) => (cut ? Promise.reject(new LineFault('offline', 'cut')) : way.send(...args)), close: () => way.close() };
  const outbox = await open(t, line, { paired: false });
  await outbox.pair({ ...door.cell, device: 'tablet', role: 'station', site: 's1', station: '3' });
  const [first, second] = [tubeOf(1), tubeOf(2)];
  t.match(await outbox.ask('openTube', { tube: first, station: '3' }, { by: '600000000190' }), { outcome: 'applied', events: [{ event: 'tube.opened', tube: first }] });
  for (let resident = 1; resident <= 5; resident++) t.match(await outbox.ask('takeSwab', { resident: String(resident), tube: first }), { outcome: 'applied' });
  t.match(await outbox.ask('takeSwab', { resident: '5', tube: first }), { outcome: 'refused', word: 'already_sampled', zh: /已采样/ });
  cut = true;
  outbox.wake();
  await told(outbox, ({ state }) => state === 'offline');
  for (let resident = 6; resident <= 10; resident++) t.match(await outbox.ask('takeSwab', { resident: String(resident), tube: first }), { outcome: 'reported' });
  t.match(await outbox.ask('openTube', { tube: second, station: '3' }), { outcome: 'reported' });
  t.match(await outbox.receipt(first), { level: 0, records: 11, reached: [11, 6, 0, 0] });
  const answered: string[] = [];
  outbox.onAnswer(({ answer }) => { if (answer?.outcome === 'applied') answered.push(...answer.events.map(({ event }) => event)); });
  cut = false;
  outbox.wake();
  await allSent(outbox);
  t.same(answered, ['swab.taken', 'swab.taken', 'swab.taken', 'swab.taken', 'swab.taken', 'tube.sealed', 'tube.opened']);
  t.match((await door.get(`/tubes/${first}`)).json(), { state: 'sealed', count: 10 });
  t.match(await outbox.receipt(first), { level: 1, records: 11 });
  t.equal(outbox.status.toFix, 0);
});

t.test('a revoked tablet forgets its roster, keeps what it has not sent, and says what it is', async (t) => {
  const { door, send, pair, tool } = await guarded(t, { stations: ['3'] });
  const base = `http://${await door.listen()}`;
  const tablet = await pair('station', { site: 's1', station: '3' });
  const way = openLine({ base, headers: tablet.headers, socket: socketWith(tablet.headers) });
  let cut = false;
  const line = { send: (...args: Parameters<typeof way.send>) => (cut ? Promise.reject(new LineFault('offline', 'cut')) : way.send(...args)), close: () => way.close() };
  const outbox = await open(t, line, { paired: false });
  await outbox.pair({ ...door.cell, device: tablet.device, role: 'station', site: 's1', station: '3' });
  t.match(await outbox.ask('openTube', { tube: tubeOf(1), station: '3' }), { outcome: 'applied' });
  await outbox.db.put('people', { ordinal: 1, name: '李*明', village: 1, household: 1, risk: 0, priority: 0, marks: 0, hash: 'h' });
  cut = true;
  outbox.wake();
  await told(outbox, ({ state }) => state === 'offline');
  await outbox.report('sealTube', { tube: tubeOf(1) });
  t.equal((await send(tool, 'POST', `/api/devices/${tablet.device}/revoke`, { reason: 'lost' })).statusCode, 200);
  cut = false;
  outbox.wake();
  const status = await told(outbox, ({ state }) => state === 'revoked');
  t.match(status, { waiting: 1, problem: { word: 'badge_revoked', zh: String } });
  t.equal(await outbox.db.count('people'), 0);
  t.match(await outbox.rows({ pending: true }), [{ step: 'sealTube' }]);
});

t.test('a key nobody knows: pair again, and the records wait', async (t) => {
  const line = service();
  const outbox = await open(t, line);
  line.problem = { status: 401, word: 'badge_unknown' };
  outbox.wake();
  await outbox.report('sealTube', { tube: '180000000197' });
  t.match(await told(outbox, ({ state, waiting }) => state === 'pairAgain' && waiting === 1), { problem: { word: 'badge_unknown' } });
  t.match(await outbox.ask('openTube', { tube: '180000000197', station: '3' }), { outcome: 'reported' }, 'sampling goes on');
  line.problem = undefined;
  const { device = '', round = '', area = '', role = '' } = outbox.place ?? {};
  await outbox.pair({ device, round, area, role });
  await allSent(outbox);
  t.same(line.applied.map(({ record }) => record.number), [1, 2]);
});
