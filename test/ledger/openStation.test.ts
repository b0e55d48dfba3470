// A table is ready to take people: the first time, or again after a rest or a closing.

import t from 'tap';
import { build, wordOf } from '../support.js';
import { refusesInOrder, repeats } from './refuses.js';
import { station } from './station.js';

t.test('it stands at its site and may be given people', async (t) => {
  const { rig, station: at } = await station(t, { stations: [] });
  t.match((await rig.post.done('openStation', { station: 'a1', site: 's2' })).events, [{ event: 'station.opened', station: 1, code: 'a1', site: 2 }]);
  t.match(await at(), { station: 'a1', ordinal: 1, site: 2, state: 'open', waiting: 0 });
  await repeats(t, { rig, device: rig.post });
});

for (const [name, step] of [['rest', 'pauseStation'], ['last hour', 'drainStation'], ['closing', 'closeStation']] as const) {
  t.test(`it opens again after a ${name}, as the same station`, async (t) => {
    const { rig, station: at } = await station(t);
    await rig.post.done(step, { station: 'a1' });
    await rig.post.done('openStation', { station: 'a1', site: 's1' });
    t.match(await at(), { ordinal: 1, state: 'open' });
  });
}

t.test('refuses, in order', (t) => refusesInOrder(t, 'openStation', async (t) => {
  const rig = await build(t, { stations: ['a1'] });
  const crowded = await build(t);
  for (let from = 0; from < 1000; from += 50) {
    await crowded.post.send(Array.from({ length: 50 }, (_, i) => ({ step: 'openStation', body: { station: `t${from + i}`, site: 's1' } }) as const));
  }
  return { rig, device: rig.post, rows: [
    { word: 'site_unknown', body: { station: 'a1', site: 'nowhere' }, also: ['station_elsewhere', 'station_open'] },
    { word: 'station_elsewhere', body: { station: 'a1', site: 's2' }, also: ['station_open'] },
    { word: 'too_many_stations', body: { station: 'one-more', site: 's1' }, by: crowded.post },
    { word: 'station_open', body: { station: 'a1', site: 's1' } },
  ] };
}));

t.test('two at once: one opens', async (t) => {
  const rig = await build(t);
  const answers = await Promise.all([rig.post, rig.device('other')].map((one) => one.ask('openStation', { station: 'a1', site: 's1' })));
  t.same(answers.map(wordOf).sort(), ['applied', 'station_open']);
});
