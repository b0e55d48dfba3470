// The open line of a tablet: the same records and answers as an outbox.
import { WebSocket } from 'ws';
import t from 'tap';
import { readEvents } from '../../src/ledger/stream.js';
import { build, record, tubeOf } from './support.js';

t.test('a station works over its line', async (t) => {
  const door = await build(t, { stations: ['a1'], residents: 2 });
  const line = await door.line();
  const tube = door.tube();
  t.match(await line.ask({ id: 1, requests: [record(1, 'openTube', { tube, station: 'a1' })] }), { id: 1, mark: 1, answers: [{ outcome: 'applied' }] });
  t.match(await line.ask({ id: 'b', requests: [record(2, 'takeSwab', { resident: '1', tube }), record(3, 'takeSwab', { resident: '9', tube })] }), {
    id: 'b', mark: 3, answers: [{ outcome: 'applied', events: [{ event: 'swab.taken' }] }, { outcome: 'refused', word: 'resident_unknown', zh: String }],
  });
  t.match(await line.ask({ id: 3, requests: [] }), { id: 3, mark: 3, answers: [] });
});

t.test('frames of many lines in one turn go to the record in one call', async (t) => {
  const door = await build(t, { stations: ['a1'], residents: 30 });
  const calls: number[] = [];
  const take = door.ledger.take;
  door.ledger.take = (cell, parcels) => {
    calls.push(parcels.length);
    return take(cell, parcels);
  };
  const lines = await Promise.all(Array.from({ length: 10 }, () => door.line()));
  const replies = await Promise.all(
    lines.flatMap((line, i) => [1, 2, 3].map((n) => line.ask({ id: n, device: `tablet${i}`, requests: [record(n, 'excuseResident', { resident: String(i * 3 + n), reason: 'away' })] }))),
  );
  t.ok(replies.every(({ answers }) => answers?.[0]?.outcome === 'applied'));
  t.equal(calls.reduce((sum, parcels) => sum + parcels), 30);
  t.ok(calls.length < 30, `30 frames in ${calls.length} calls`);
});

t.test('frames of one line are taken in their order, also behind one that waits', async (t) => {
  const door = await build(t, { round: false });
  const line = await door.line();
  const round = { name: 'Practice', rehearsal: true, clock: 1_700_000_000_000, sites: [{ site: 's1', name: 'School' }] };
  const tube = tubeOf(1);
  const replies = await Promise.all([
    line.ask({ id: 1, requests: [record(1, 'openRound', round)] }),
    line.ask({ id: 2, requests: [record(2, 'openStation', { station: 'a1', site: 's1' })] }),
    line.ask({ id: 3, requests: [record(3, 'registerWalkIn', { village: 'Upper', name: 'somebody' })] }),
    line.ask({ id: 4, requests: [record(4, 'openTube', { tube, station: 'a1' })] }),
    line.ask({ id: 5, requests: [record(5, 'takeSwab', { resident: '#3', tube })] }),
    line.ask({ id: 6, requests: [record(6, 'closeStation', { station: 'a1' })] }),
    line.ask({ id: 7, requests: [record(7, 'closeRound', {})] }),
  ]);
  t.strictSame(replies.map(({ answers }) => answers?.[0]?.word ?? answers?.[0]?.outcome), ['applied', 'applied', 'applied', 'applied', 'applied', 'applied', 'tubes_unfinished']);
});

t.test('a short frame does not overtake the long one before it', async (t) => {
  const door = await build(t, { stations: ['a1'], residents: 60 });
  const line = await door.line();
  const tubes = Array.from({ length: 6 }, () => door.tube());
  const all = tubes.flatMap((tube, i) => [
    record(i * 11 + 1, 'openTube', { tube, station: 'a1' }, { mode: 'report' }),
    ...Array.from({ length: 10 }, (_, k) => record(i * 11 + k + 2, 'takeSwab', { resident: String(i * 10 + k + 1), tube }, { mode: 'report' })),
  ]);
  const replies = await Promise.all([line.ask({ id: 1, requests: all.slice(0, 50) }), line.ask({ id: 2, requests: all.slice(50, 53) }), line.ask({ id: 3, requests: all.slice(53) })]);
  t.ok(replies.every(({ answers }) => answers?.every(({ outcome }) => outcome === 'applied')));
  const events = await readEvents(door.redis, door.cell);
  t.strictSame(events.flatMap((event) => (event.event === 'swab.taken' ? [Number(event.resident)] : [])), Array.from({ length: 60 }, (_, i) => i + 1));
});

t.test('a bad frame is answered with a problem, and the line stays open', async (t) => {
  const door = await build(t, { residents: 1 });
  const line = await door.line();
  line.socket.send('{"id":');
  t.match(await line.next(), { problem: { word: 'not_json', zh: String, en: String } });
  line.socket.send(Buffer.from('{}'));
  t.match(await line.next(), { problem: { word: 'not_json' } }, 'binary frames are none of ours');
  line.socket.send('{"device":"d","epoch":"e","requests":[]}');
  t.match(await line.next(), { problem: { word: 'content_invalid', detail: { faults: [{ path: 'id', fault: 'missing' }] } } });
  line.socket.send('{"id":1,"device":"d","epoch":"e","requests":[],"__proto__":{"admin":true}}');
  t.match(await line.next(), { id: 1, problem: { word: 'content_invalid', detail: { faults: [{ fault: 'unknown_field' }] } } });
  t.match(await line.ask({ id: 2, requests: Array.from({ length: 201 }, (_, i) => record(i + 1, 'closeRound', {})) }), { id: 2, problem: { word: 'outbox_too_long' } });
  t.match(await line.ask({ id: 3, requests: [record(1, 'excuseResident', { resident: '1', reason: 'away' })] }), { answers: [{ outcome: 'applied' }] });
});

t.test('a frame of more than 256 kB ends the line', async (t) => {
  const door = await build(t, { round: false });
  const line = await door.line();
  line.socket.send(JSON.stringify({ id: 'x'.repeat(300_000) }));
  t.equal(await line.closed, 1009);
});

t.test('a page of another site cannot open a line', async (t) => {
  const door = await build(t, { round: false }, { origins: ['https://desk.example'] });
  const base = await door.listen();
  const refused = await new Promise((resolve) => {
    new WebSocket(`ws://${base}${door.at('/socket')}`, { headers: { origin: 'https://elsewhere.example' } })
      .once('unexpected-response', (_, reply) => { reply.resume(); resolve(reply.statusCode); })
      .once('open', () => resolve('open'))
      .on('error', () => undefined);
  });
  t.equal(refused, 403);
  for (const origin of [`http://${base}`, 'https://desk.example']) await t.resolves(door.line({ origin }), origin);
});

t.test('a line that does not read its answers is not read from', async (t) => {
  const door = await build(t, { residents: 1 });
  const line = await door.line();
  line.socket.pause();
  const frame = JSON.stringify({ device: 'd', epoch: 'e', id: 1, requests: Array.from({ length: 200 }, () => record(1, 'excuseResident', { resident: '9', reason: 'away' })) });
  // Answers of 60 kB, together far more than the sockets' buffers hold: without the brake all of them would wait in memory.
  for (let i = 0; i < 200; i++) line.socket.send(frame);
  const server = [...door.app.websocketServer.clients][0];
  while (!server?.isPaused) await new Promise((resolve) => setImmediate(resolve));
  t.ok((server?.bufferedAmount ?? 0) < 8_000_000, 'what is unread stays small');
  line.socket.resume();
  let answered = 0;
  while (answered < 200) {
    await line.next();
    answered++;
  }
  t.notOk(server?.isPaused, 'it goes on when the answers are read');
});

t.test('a flood of frames that are none is held back too', async (t) => {
  const door = await build(t, { round: false });
  const line = await door.line();
  line.socket.pause();
  for (let i = 0; i < 60_000; i++) line.socket.send('{}');
  const server = [...door.app.websocketServer.clients][0];
  while (!server?.isPaused) await new Promise((resolve) => setImmediate(resolve));
  t.ok((server?.bufferedAmount ?? 0) < 4_000_000, 'what is unread stays small');
});

t.test('the service goes down without waiting for lines that stay silent', async (t) => {
  const door = await build(t, { round: false });
  const line = await door.line();
  const closed = line.closed;
  await door.app.close();
  t.equal(await closed, 1012);
});
