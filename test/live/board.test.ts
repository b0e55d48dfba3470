// What screens get: a snapshot and then changes, from where they were, encoded once, and never a wrong number.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import type { Counts } from '../../src/live/counts.js';
import type { Traffic } from '../../src/live/channel.js';
import { codeDirectory } from '../../src/domain/requests.js';
import { keyOf } from '../../src/ledger/keys.js';
import { connect } from '../../src/ledger/redis.js';
import { ownRedis } from '../support-redis.js';
import { build, type Rig } from '../support.js';
import { countRecord, samePart } from './record.js';
import { Screen, serve, type Served } from './screen.js';
import { seeded, traffic } from './traffic.js';

/** Messages often and beats seldom, so that a test is about changes and not about the clock. */
const pulse = { changesEveryMs: 5, beatEveryMs: 200 };

t.test('screens on a Redis of their own', async (t) => {
  const own = await ownRedis(t, { appendfsync: 'no' });
  const redis = connect(own.url);
  t.teardown(() => redis.disconnect());
  const place = (t: Parameters<typeof build>[0]) => build(t, { redis, stations: ['a', 'b', 'c'], residents: 60 });
  const trafficOf = async (served: Served) => (await served.app.inject('/api/counts')).json<{ screens: number; traffic: Traffic }>();
  /** Does the screen show what the record says? */
  const shows = async (t: { strictSame(found: unknown, wanted: unknown): boolean }, screen: Screen, rig: Rig) => t.strictSame(samePart(screen.counts as unknown as Counts), await countRecord(redis, rig.cell));

  t.test('the first message is everything, the next ones are what changed, and together they are the record', async (t) => {
    const rig = await place(t);
    const served = await serve(t, own.url, { pulse });
    const screen = await Screen.open(t, served, rig.cell);
    await screen.until(({ messages }) => messages.length > 0);
    t.match(screen.messages[0], { kind: 'snapshot', counts: { total: { residents: 60, sampled: 0 } } });

    const tablet = rig.device('tablet1');
    const tube = rig.tube();
    await tablet.done('openTube', { tube, station: 'a' });
    await tablet.done('takeSwab', { resident: '1', tube });
    await screen.until(({ total }) => total.sampled === 1);
    const change = screen.messages.find(({ patch }) => (patch as { total?: { sampled?: number } } | undefined)?.total?.sampled === 1);
    t.equal(change?.kind, 'change');
    t.match(change?.patch, { total: { residents: undefined }, round: { name: undefined } }, 'what stays is not said again');
    t.equal(change?.counts, undefined);

    for (let part = 0; part < 5; part++) await traffic(rig, 60, seeded(part));
    const { position } = (await served.app.inject(`/api/cells/${rig.cell.round}/${rig.cell.area}/counts?fresh=1`)).json<{ position: string }>();
    await screen.until((screen) => screen.position === position);
    await shows(t, screen, rig);
    t.equal(screen.messages.filter(({ kind }) => kind === 'snapshot').length, 1, 'and no second snapshot was needed');
  });

  t.test('what happened in each minute is there for a screen that comes later', async (t) => {
    const rig = await place(t);
    const served = await serve(t, own.url, { pulse });
    const tablet = rig.device('tablet1');
    const tube = rig.tube();
    await tablet.done('openTube', { tube, station: 'a' });
    for (const resident of ['1', '2']) await tablet.done('takeSwab', { resident, tube });
    await rig.advance(2 * 60_000);
    await tablet.done('takeSwab', { resident: '3', tube });
    const address = `/api/cells/${rig.cell.round}/${rig.cell.area}`;
    await served.app.inject(`${address}/counts?fresh=1`);
    const { from, swabs } = (await served.app.inject(`${address}/history`)).json<{ from: number; swabs: number[] }>();
    t.strictSame(swabs, [2, 0, 1]);
    t.equal(from % 60_000, 0);
    t.equal((await served.app.inject('/api/cells/none/here/history')).statusCode, 404);
  });

  t.test('the directory of foreign codes is no area to look at', async (t) => {
    const rig = await build(t, { redis, cell: codeDirectory(true), round: { sites: [], villages: [] } });
    const other = await place(t);
    const served = await serve(t, own.url, { pulse });
    for (const { round, area } of [rig.cell, other.cell]) await served.app.inject(`/api/cells/${round}/${area}/counts?fresh=1`);
    const { cells } = (await served.app.inject('/api/counts')).json<{ cells: { round: string }[] }>();
    t.ok(cells.some(({ round }) => round === other.cell.round));
    t.notOk(cells.some(({ round }) => round === rig.cell.round));
    t.equal((await served.app.inject(`/api/public/${rig.cell.round}/${rig.cell.area}/waits`)).statusCode, 404);
    t.equal((await served.app.inject(`/api/public/${other.cell.round}/${other.cell.area}/waits`)).statusCode, 200);
  });

  t.test('a screen that was cut off goes on from its position', async (t) => {
    const rig = await place(t);
    const served = await serve(t, own.url, { pulse });
    const stays = await Screen.open(t, served, rig.cell);
    const cut = await Screen.open(t, served, rig.cell);
    await cut.until(({ messages }) => messages.length > 0);
    const tablet = rig.device('tablet1');
    const tube = rig.tube();
    await tablet.done('openTube', { tube, station: 'a' });
    await cut.until(({ counts }) => (counts as unknown as Counts).tubes.opened === 1);
    cut.socket.terminate();
    await tablet.done('takeSwab', { resident: '1', tube });
    await stays.until(({ total }) => total.sampled === 1);
    await tablet.done('takeSwab', { resident: '2', tube });
    await stays.until(({ total }) => total.sampled === 2);

    const back = await Screen.open(t, served, rig.cell, cut);
    await back.until(({ position }) => position === stays.position);
    t.notOk(back.messages.some(({ kind }) => kind === 'snapshot'), 'without a snapshot');
    t.strictSame(back.total, stays.total);
    await shows(t, back, rig);

    const upToDate = await Screen.open(t, served, rig.cell, back);
    await upToDate.until(({ messages }) => messages.length > 0);
    t.equal(upToDate.messages[0]?.kind, 'change', 'who has missed nothing is told so');
  });

  t.test('a position nobody knows, or one of another history, gets a snapshot', async (t) => {
    const rig = await place(t);
    const served = await serve(t, own.url, { pulse });
    const screen = await Screen.open(t, served, rig.cell);
    await screen.until(({ messages }) => messages.length > 0);
    for (const query of ['?after=1-0', `?after=1-0&epoch=${screen.dataEpoch}`, `?after=${screen.position}&epoch=of.another`, '?after=nonsense']) {
      const other = await Screen.open(t, served, rig.cell, query);
      await other.until(({ messages }) => messages.length > 0);
      t.equal(other.messages[0]?.kind, 'snapshot', query);
    }
  });

  t.test('changes that have left the ring are not missed: the snapshot comes instead', async (t) => {
    const rig = await place(t);
    const served = await serve(t, own.url, { pulse: { ...pulse, ringBytesMax: 600 } });
    const screen = await Screen.open(t, served, rig.cell);
    await screen.until(({ messages }) => messages.length > 0);
    const { position, dataEpoch } = screen;
    const tablet = rig.device('tablet1');
    const tube = rig.tube();
    await tablet.done('openTube', { tube, station: 'a' });
    for (let person = 1; person <= 8; person++) {
      await tablet.done('takeSwab', { resident: String(person), tube });
      await screen.until(({ total }) => total.sampled === person);
    }
    const back = await Screen.open(t, served, rig.cell, `?after=${position}&epoch=${dataEpoch}`);
    await back.until(({ messages }) => messages.length > 0);
    t.equal(back.messages[0]?.kind, 'snapshot');
    t.equal(back.total.sampled, 8);
  });

  t.test('when the history changes every screen gets a new snapshot', async (t) => {
    const rig = await place(t);
    const served = await serve(t, own.url, { pulse });
    const screen = await Screen.open(t, served, rig.cell);
    await screen.until(({ messages }) => messages.length > 0);
    const { dataEpoch } = screen;
    await redis.hset(keyOf(rig.cell, 'cell'), 'epoch', 'another');
    await screen.until((screen) => screen.dataEpoch !== dataEpoch);
    t.equal(screen.messages.filter(({ kind }) => kind === 'snapshot').length, 2);
    await shows(t, screen, rig);
  });

  t.test('a change is encoded once for all screens, and all get the same bytes', async (t) => {
    const rig = await place(t);
    const served = await serve(t, own.url, { pulse: { changesEveryMs: 5, beatEveryMs: 60_000 } });
    const screens = await Promise.all(Array.from({ length: 25 }, () => Screen.open(t, served, rig.cell)));
    await Promise.all(screens.map((screen) => screen.until(({ messages }) => messages.length > 0)));
    const before = (await trafficOf(served)).traffic;
    const tablet = rig.device('tablet1');
    const tube = rig.tube();
    await tablet.done('openTube', { tube, station: 'a' });
    for (let person = 1; person <= 8; person++) {
      await tablet.done('takeSwab', { resident: String(person), tube });
      await screens[0]?.until(({ total }) => total.sampled === person);
    }
    await Promise.all(screens.map((screen) => screen.until(({ total }) => total.sampled === 8)));
    const { traffic, screens: watching } = await trafficOf(served);
    t.equal(watching, 25);
    t.equal(traffic.sent - before.sent, 25 * (traffic.encoded - before.encoded), 'each message went out 25 times');
    t.ok(traffic.encoded - before.encoded >= 8);
    const changes = ({ messages, texts }: Screen) => texts.filter((_, i) => messages[i]?.patch);
    for (const screen of screens) t.strictSame(changes(screen), changes(screens[0] as Screen));
  });

  t.test('who reads slowly is skipped, hinders nobody, and then gets the latest', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'swabline-live-'));
    t.teardown(() => rmSync(folder, { recursive: true, force: true }));
    // A unix socket holds little by itself, so that what is not read soon waits in this process.
    const served = await serve(t, own.url, { socket: join(folder, 'live.sock'), pulse: { ...pulse, waitingBytesMax: 16 * 1024 } });
    const rig = await place(t);
    const slow = await Screen.open(t, served, rig.cell);
    const quick = await Screen.open(t, served, rig.cell);
    await Promise.all([slow, quick].map((screen) => screen.until(({ messages }) => messages.length > 0)));
    slow.socket.pause();
    for (let round = 0; (await trafficOf(served)).traffic.skipped === 0; round++) {
      // Many villages make each change a large message.
      const villages = Array.from({ length: 500 }, (_, i) => ({ sealed: 'AAAA', village: `village ${i}` }));
      await rig.post.done('enrolResidents', { residents: villages });
      await quick.until(({ total }) => total.residents === 60 + 500 * (round + 1));
    }
    t.not(slow.total.residents, quick.total.residents, 'the slow one is behind');
    const had = slow.messages.length;
    slow.socket.resume();
    await slow.until((screen) => screen.total.residents === quick.total.residents);
    const kinds = slow.messages.slice(had).map(({ kind }) => kind);
    t.ok(kinds.includes('snapshot'), 'it was brought up to date by a snapshot');
    t.strictSame(slow.total, quick.total);
    rig.spoil();
  });

  t.test('counts over HTTP say the position, and with fresh they have seen everything written before', async (t) => {
    const rig = await place(t);
    const served = await serve(t, own.url, { pulse });
    const tablet = rig.device('tablet1');
    const tube = rig.tube();
    await tablet.done('openTube', { tube, station: 'a' });
    for (let person = 1; person <= 5; person++) {
      await tablet.done('takeSwab', { resident: String(person), tube });
      const reply = await served.app.inject(`/api/cells/${rig.cell.round}/${rig.cell.area}/counts?fresh=1`);
      t.equal(reply.statusCode, 200);
      t.match(reply.json(), { cell: rig.cell, counts: { total: { sampled: person, residents: 60 } } });
    }
    t.equal((await served.app.inject(`/api/cells/${rig.cell.round}/${rig.cell.area}/counts`)).headers['cache-control'], 'no-store');
    const all = (await served.app.inject('/api/counts')).json<{ cells: { round: string; sampled: number }[] }>();
    t.match(all.cells.find(({ round }) => round === rig.cell.round), { name: 'a round of a test', sampled: 5, residents: 60, ready: true });
  });

  t.test('a cell that does not exist is refused in words, over HTTP and before a WebSocket opens', async (t) => {
    const served = await serve(t, own.url, { pulse, screensMax: 1 });
    for (const path of ['/api/cells/none/here/counts', '/api/cells/a%20b/north/counts', `/api/cells/${'x'.repeat(80)}/north/counts`]) {
      const reply = await served.app.inject(path);
      t.equal(reply.statusCode, 404);
      t.match(reply.json(), { word: 'cell_unknown', zh: /.+/, en: /.+/ });
    }
    t.equal((await served.app.inject('/api/cells/none/here/live')).statusCode, 426);
    await t.rejects(Screen.open(t, served, { round: 'none', area: 'here' }), /404/);
    const rig = await place(t);
    await Screen.open(t, served, rig.cell);
    await t.rejects(Screen.open(t, served, rig.cell), /503/, 'more screens than one process serves');
  });

  t.test('a screen that talks is closed', async (t) => {
    const rig = await place(t);
    const served = await serve(t, own.url, { pulse });
    const screen = await Screen.open(t, served, rig.cell);
    screen.socket.send('{"step":"takeSwab"}');
    await screen.until(({ closed }) => closed);
    t.pass();
  });
});

t.test('while the record is away screens keep their numbers and are told how old they are', async (t) => {
  const own = await ownRedis(t);
  const redis = connect(own.url);
  t.teardown(() => redis.disconnect());
  const rig = await build(t, { redis, residents: 5 });
  rig.spoil();
  const served = await serve(t, own.url, { pulse: { ...pulse, beatEveryMs: 50 } });
  const screen = await Screen.open(t, served, rig.cell);
  await screen.until(({ messages }) => messages.length > 0);
  await own.kill();
  await screen.until(({ messages }) => (messages.at(-1)?.age ?? 0) > 1500);
  t.equal(screen.total.residents, 5);
  const reply = await served.app.inject(`/api/cells/${rig.cell.round}/${rig.cell.area}/counts?fresh=1`);
  t.equal(reply.statusCode, 503);
  t.match(reply.json(), { word: 'counts_behind' });
  t.ok(reply.headers['retry-after']);
});

t.test('the page and its parts are served with a policy that allows nothing from elsewhere', async (t) => {
  const own = await ownRedis(t, { appendfsync: 'no' });
  const served = await serve(t, own.url);
  for (const [path, type] of [['/live', 'text/html'], ['/live/live.js', 'text/javascript'], ['/live/counts.js', 'text/javascript'], ['/live/words.js', 'text/javascript'], ['/live/live.css', 'text/css']]) {
    const reply = await served.app.inject(path as string);
    t.equal(reply.statusCode, 200);
    t.match(reply.headers['content-type'], type);
    t.match(reply.headers['content-security-policy'], /default-src 'none'/);
    t.notMatch(reply.body, /https?:\/\//, 'no address of anywhere else');
    t.notMatch(reply.body, /style=|onclick=|<script>/, 'nothing the policy would stop');
  }
});
