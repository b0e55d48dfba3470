// What has become due is applied: tubes too long open, tickets kept too long, stations where nothing moves, excuses that end.

import t from 'tap';
import { type Device, minute } from '../support.js';
import { refusesInOrder, repeats } from './refuses.js';
import { station } from './station.js';

const come = (desk: Device, n: number, station?: string) => desk.report('issueTicket', { site: 's1', party: [{ resident: String(n), number: `A${n}` }], ...(station ? { station } : {}) });
const alive = (device: Device) => device.send([]);

t.test('an open tube is warned of, and sealed by the timer when its tablet has sent everything', async (t) => {
  const { rig, tablet, open, fill, tube } = await station(t);
  const code = await fill(await open(), 1);
  await rig.advance(44 * minute);
  t.match(await tube(code), { warned: false });
  await rig.advance(minute);
  t.match(await tube(code), { warned: true, state: 'open' });
  await rig.advance(14 * minute);
  await alive(tablet);
  await rig.advance(minute);
  t.match(await tube(code), { state: 'sealed', reason: 'timer' });
});

t.test('the tube of a silent tablet is overdue, and sealed when the tablet is back with all it has', async (t) => {
  const { rig, tablet, open, fill, tube } = await station(t);
  const code = await fill(await open(), 1);
  await rig.advance(61 * minute);
  t.match(await tube(code), { state: 'open', overdue: true });
  const held = tablet.draft({ step: 'takeSwab', body: { resident: '2', tube: code }, mode: 'report' });
  await alive(tablet);
  await rig.advance(minute);
  t.match(await tube(code), { state: 'open' }, 'it is here, and has a record to send');
  await tablet.send([held]);
  await rig.advance(minute);
  t.match(await tube(code), { state: 'sealed', count: 2, reason: 'timer', held: 0 });
});

t.test('a tube everybody was taken out of again is taken off', async (t) => {
  const { rig, tablet, open, fill, tube } = await station(t);
  const code = await fill(await open(), 1);
  await tablet.done('voidSwab', { resident: '1', tube: code, reason: 'not_taken' });
  await rig.advance(59 * minute);
  await alive(tablet);
  await rig.advance(minute);
  t.match(await tube(code), { state: 'void' });
});

t.test('where people wait and nothing moves, they are handed on', async (t) => {
  const { rig, station: at } = await station(t, { stations: ['a1', 'a2'] });
  for (const n of [1, 2]) await come(rig.device('desk'), n, 'a1');
  await rig.advance(10 * minute);
  t.match([await at('a1'), await at('a2')], [{ stalled: true, waiting: 0 }, { stalled: false, waiting: 2 }]);
  await rig.post.done('pauseStation', { station: 'a1' });
  await rig.post.done('openStation', { station: 'a1', site: 's1' });
  t.match(await at('a1'), { stalled: false }, 'opened again it is like new');
});

t.test('nobody is sent from one stalled station to another', async (t) => {
  const { rig, station: at } = await station(t, { stations: ['a1', 'a2'] });
  for (const [n, where] of [[1, 'a1'], [2, 'a2']] as const) await come(rig.device('desk'), n, where);
  await rig.post.done('advanceClock', { to: rig.now() + 10 * minute });
  await rig.post.done('runDue', {});
  const first = [await at('a1'), await at('a2')].map((one) => one?.waiting);
  await rig.advance(30 * minute);
  t.same([await at('a1'), await at('a2')].map((one) => one?.waiting), first);
  t.match([await at('a1'), await at('a2')], [{ stalled: true }, { stalled: true }]);
});

t.test('a station that swabs is not stalled, however long its queue', async (t) => {
  const { rig, open, fill, station: at } = await station(t);
  for (const n of [1, 2, 3, 4]) await come(rig.device('desk'), n);
  const tube = await open();
  for (const n of [1, 2, 3]) {
    await rig.advance(9 * minute);
    await fill(tube, n);
  }
  t.match(await at(), { stalled: false, waiting: 1 });
});

t.test('so many at once, and no more', async (t) => {
  const { rig } = await station(t);
  for (let n = 1; n <= 6; n++) await rig.post.done('excuseResident', { resident: String(n), reason: 'medical', until: rig.now() + minute });
  await rig.post.done('advanceClock', { to: rig.now() + minute });
  t.equal(rig.post.receipt.due, 6);
  t.match((await rig.post.done('runDue', { limit: 4 })).events.length, 4);
  t.equal(rig.post.receipt.due, 2);
  await repeats(t, { rig, device: rig.post });
  t.match((await rig.post.done('runDue', { limit: 4 })).events.length, 2);
  t.match((await rig.post.done('runDue', { limit: 4 })).events.length, 0, 'what is done is no longer due');
});

t.test('many handed on in one call leave the rest due', async (t) => {
  const { rig, station: at } = await station(t, { stations: ['a1'], residents: 130 });
  for (let n = 1; n <= 130; n++) await come(rig.device('desk'), n, 'a1');
  await rig.post.done('openStation', { station: 'a2', site: 's1' });
  await rig.post.done('pauseStation', { station: 'a1' });
  t.match([await at('a1'), await at('a2')], [{ waiting: 80 }, { waiting: 50 }]);
  await rig.advance(0);
  t.match([await at('a1'), await at('a2')], [{ waiting: 0 }, { waiting: 130 }]);
});

t.test('refuses, in order', (t) => refusesInOrder(t, 'runDue', async (t) => {
  const { rig } = await station(t);
  return { rig, device: rig.post, body: {}, rows: [] };
}));

t.test('two at once apply each thing once', async (t) => {
  const { rig } = await station(t);
  for (let n = 1; n <= 6; n++) await rig.post.done('excuseResident', { resident: String(n), reason: 'medical', until: rig.now() + minute });
  await rig.post.done('advanceClock', { to: rig.now() + minute });
  const answers = await Promise.all([rig.post, rig.device('other')].map((one) => one.done('runDue', { limit: 4 })));
  t.equal(answers.reduce((sum, { events }) => sum + events.length, 0), 6);
});
