// The queue of a site, the board of called numbers and the waits for anybody: numbers only, and a call is on the board at once.

import { once } from 'node:events';
import t from 'tap';
import { WebSocket } from 'ws';
import { connect } from '../../src/ledger/redis.js';
import { ownRedis } from '../support-redis.js';
import { build, minute, type Rig } from '../support.js';
import { serve, type Served } from './screen.js';

const pulse = { changesEveryMs: 5, beatEveryMs: 200 };

interface BoardMessage { kind: string; site?: string; name?: string; state?: string; calls?: { number: string; station: string; at: number; again: boolean }[]; waiting?: number; minutes?: number | null }

/** A screen before the people, that keeps what it was told. */
async function openBoard(t: { teardown(end: () => unknown): void }, { address }: Served, { cell }: Rig, site: string) {
  const socket = new WebSocket(`${address}/api/cells/${cell.round}/${cell.area}/board/live?site=${site}`);
  const messages: BoardMessage[] = [];
  const heard: (() => void)[] = [];
  const board = {
    messages, now: {} as BoardMessage,
    async until(asked: (now: BoardMessage) => boolean) { while (!asked(board.now)) await new Promise<void>((resolve) => heard.push(resolve)); },
  };
  socket.on('message', (data) => {
    const message = JSON.parse(String(data)) as BoardMessage;
    messages.push(message);
    Object.assign(board.now, message);
    for (const one of heard.splice(0)) one();
  });
  t.teardown(() => socket.terminate());
  await once(socket, 'open');
  return board;
}

t.test('on a Redis of its own', async (t) => {
  const own = await ownRedis(t, { appendfsync: 'no' });
  const redis = connect(own.url);
  t.teardown(() => redis.disconnect());
  const place = async (t: Parameters<typeof build>[0]) => {
    const rig = await build(t, { redis, round: { rules: { secondsPerPerson: 60, absencesMax: 1 } }, stations: ['a', 'b', ['c', 's2']], residents: [12, (i) => ({ priority: i === 8 ? 'pregnant' : 'none' })] });
    const served = await serve(t, own.url, { pulse });
    const get = (path: string) => served.app.inject(`/api/cells/${rig.cell.round}/${rig.cell.area}${path}`);
    const issue = (resident: number, number: string, station = 'a') => rig.post.done('issueTicket', { site: 's1', station, party: [{ resident: String(resident), number }] });
    return { rig, served, get, issue };
  };

  t.test('a desk sees who waits, who was called, who was skipped, and its stations', async (t) => {
    const { rig, get, issue } = await place(t);
    for (let n = 1; n <= 4; n++) {
      await issue(n, `A${n}`);
      await rig.advance(minute);
    }
    await issue(9, 'B9', 'b');
    await issue(5, 'C5', 'c');
    await rig.post.done('callNext', { station: 'a' });
    await rig.post.done('callNext', { station: 'a' });
    await rig.post.done('skipTicket', { resident: '1' });
    const queue = (await get('/queue?site=s1')).json<Record<string, unknown>>();
    t.match(queue, { site: 's1', name: String, total: { waiting: 3, called: 1, skipped: 1 }, next: 0 });
    t.match(queue['waiting'], [
      { resident: 9, number: 'B9', station: 'b', priority: 'pregnant', at: rig.now() },
      { resident: 3, number: 'A3', station: 'a', priority: 'none', at: rig.now() - 2 * minute },
      { resident: 4, number: 'A4', station: 'a' },
    ], 'whoever goes first stands first');
    t.match(queue['called'], [{ resident: 2, number: 'A2', station: 'a', at: rig.now() }]);
    t.match(queue['skipped'], [{ resident: 1, number: 'A1', station: 'a' }]);
    t.match(queue['stations'], [
      { station: 'a', state: 'open', waiting: 2, called: 1, secondsPerPerson: 60 },
      { station: 'b', state: 'open', waiting: 1, called: 0, secondsPerPerson: 60 },
    ]);
    const page = (await get('/queue?site=s1&from=1&count=1')).json<{ waiting: { number: string }[]; next: number }>();
    t.strictSame([page.waiting.map(({ number }) => number), page.next], [['A3'], 2]);
    t.match((await get('/queue?site=s2')).json(), { total: { waiting: 1 }, waiting: [{ number: 'C5' }] });
    t.match((await get('/queue?site=nowhere')).json(), { status: 404, word: 'site_unknown' });
    t.match((await get('/queue')).json(), { status: 404, word: 'site_unknown' }, 'of two sites one must be named');
    t.match((await get('/queue?site=s1&count=501')).json(), { status: 422, word: 'content_invalid' });
  });

  t.test('a call is on the board at once, and a second call of the same number says so', async (t) => {
    const { rig, served, get, issue } = await place(t);
    const [board, other] = [await openBoard(t, served, rig, 's1'), await openBoard(t, served, rig, 's2')];
    await board.until(({ kind }) => kind === 'snapshot');
    t.match(board.now, { site: 's1', state: 'free', calls: [], waiting: 0, minutes: 0 });
    for (let n = 1; n <= 12; n++) await issue(n, `A${n}`);
    await board.until(({ waiting }) => waiting === 12);
    for (let n = 1; n <= 11; n++) await rig.post.done('callNext', { station: 'a' });
    await board.until(({ calls }) => calls?.[0]?.number === 'A11');
    t.equal(board.now.calls?.length, 10);
    t.strictSame(board.now.calls?.[0], { number: 'A11', station: 'a', at: rig.now(), again: false });
    t.equal(board.now.minutes, 0, 'the other table is free');
    await rig.post.done('skipTicket', { resident: '11' });
    await rig.post.done('moveTicket', { resident: '11', station: 'b' });
    await rig.post.done('callNext', { station: 'b' });
    await board.until(({ calls }) => calls?.[0]?.station === 'b');
    t.strictSame(board.now.calls?.[0], { number: 'A11', station: 'b', at: rig.now(), again: true });
    await rig.post.done('closeStation', { station: 'b' });
    await rig.post.done('pauseStation', { station: 'a' });
    await board.until(({ minutes }) => minutes === null);
    t.match(board.now, { state: 'closed' });
    const { kind: _, ...shown } = board.now;
    t.match((await get('/board?site=s1')).json(), { calls: shown.calls, waiting: shown.waiting, minutes: null, state: 'closed' });
    t.notMatch(JSON.stringify(board.messages), /resident/, 'and no person');
    t.notOk(other.messages.some(({ calls }) => (calls ?? []).length > 0), 'another site calls nobody');
    t.match((await get('/board?site=x')).json(), { word: 'site_unknown' });
    t.match((await get('/board/live?site=s1')).json(), { word: 'websocket_only' });
  });

  t.test('anybody may know how long it takes, and nothing else', async (t) => {
    const { rig, served, issue } = await place(t);
    for (let n = 1; n <= 11; n++) await issue(n, `A${n}`, 'a');
    await rig.post.done('drainStation', { station: 'b' });
    await rig.post.done('closeStation', { station: 'c' });
    await served.app.inject(`/api/cells/${rig.cell.round}/${rig.cell.area}/counts?fresh=1`);
    const waits = await served.app.inject(`/api/public/${rig.cell.round}/${rig.cell.area}/waits`);
    t.equal(waits.headers['cache-control'], 'public, max-age=15');
    t.match(waits.json(), {
      rehearsal: true, state: 'open',
      sites: [{ site: 's1', name: String, state: 'busy', minutes: 11, waiting: 11 }, { site: 's2', state: 'closed', minutes: null, waiting: 0 }],
    });
    t.strictSame(Object.keys(waits.json<{ sites: object[] }>().sites[0] ?? {}).sort(), ['minutes', 'name', 'site', 'state', 'waiting']);
    await issue(12, 'A12', 'a');
    t.equal((await served.app.inject(`/api/public/${rig.cell.round}/${rig.cell.area}/waits`)).body, waits.body, 'the same for a quarter of a minute');
    t.match((await served.app.inject('/api/public/no/where/waits')).json(), { word: 'cell_unknown' });
    t.match((await served.app.inject('/api/public/../x/waits')).statusCode, 404);
  });
});
