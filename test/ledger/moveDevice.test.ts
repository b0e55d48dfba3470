// A device is moved at a time: before it, it stood where it stood.

import { randomBytes } from 'node:crypto';
import t from 'tap';
import { ownSystem, secret } from './ownSystem.js';

t.test('a move adds a place from its time on, and its refusals come in order', async (t) => {
  const { system } = await ownSystem(t, { shared: true });
  const device = `t${randomBytes(5).toString('hex')}`;
  const to = (area: string, from: number) => ({ device, role: 'station' as const, round: 'r1', area, site: 's2', station: '1', from });
  t.match(await system.take('moveDevice', to('south', 1), 'post'), { outcome: 'refused', word: 'device_not_paired' });
  await system.take('pairDevice', { device, role: 'desk', round: 'r1', area: 'north', secret: secret('a') }, 'post');
  const paired = (await system.device(device))?.places[0]?.from ?? 0;
  t.match(await system.take('moveDevice', to('south', paired - 1), 'post'), { outcome: 'refused', word: 'move_backwards', detail: { since: String(paired) } });
  t.match(await system.take('moveDevice', to('south', paired + 5000), 'post'), { outcome: 'applied', events: [{ event: 'device.moved', area: 'south', from: paired + 5000 }] });
  t.match((await system.device(device))?.places, [{ role: 'desk', area: 'north' }, { role: 'station', area: 'south', station: '1', from: paired + 5000 }]);
  for (let i = 0; i < 25; i++) await system.take('moveDevice', to(`a${i}`, paired + 6000 + i), 'post');
  const places = (await system.device(device))?.places ?? [];
  t.equal(places.length, 20, 'the oldest places are dropped');
  t.equal(places.at(-1)?.area, 'a24');
  await system.take('revokeDevice', { device, reason: 'lost' }, 'post');
  t.match(await system.take('moveDevice', to('east', paired + 9000), 'post'), { outcome: 'refused', word: 'device_revoked' });
});
