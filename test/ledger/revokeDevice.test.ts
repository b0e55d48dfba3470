// A revoked device stays known, so that it is told why, until it is paired anew. Every process hears of it.

import { randomBytes } from 'node:crypto';
import { once, EventEmitter } from 'node:events';
import t from 'tap';
import { ownSystem, secret } from './ownSystem.js';

t.test('a device is revoked once, and may be paired anew', async (t) => {
  const { system } = await ownSystem(t, { shared: true });
  const device = `t${randomBytes(5).toString('hex')}`;
  t.match(await system.take('revokeDevice', { device, reason: 'stolen' }, 'post'), { outcome: 'refused', word: 'device_not_paired' });
  await system.take('pairDevice', { device, role: 'desk', round: 'r1', area: 'north', secret: secret('a') }, 'post');
  t.match(await system.take('revokeDevice', { device, reason: 'stolen' }, 'post'), { outcome: 'applied', events: [{ event: 'device.revoked', reason: 'stolen' }] });
  t.match(await system.device(device), { state: 'revoked' });
  t.match(await system.take('revokeDevice', { device, reason: 'stolen' }, 'post'), { outcome: 'refused', word: 'device_revoked' });
  await system.take('pairDevice', { device, role: 'desk', round: 'r1', area: 'north', secret: secret('b') }, 'post');
  t.match(await system.device(device), { state: 'paired' });
});

t.test('another process forgets a device as soon as the stream tells of it', async (t) => {
  const { system, another } = await ownSystem(t, { shared: true });
  const other = await another();
  const device = `t${randomBytes(5).toString('hex')}`;
  await system.take('pairDevice', { device, role: 'desk', round: 'r1', area: 'north', secret: secret('a') }, 'post');
  t.match(await other.device(device), { state: 'paired' });
  const told = new EventEmitter();
  other.onChange((event) => { if (event?.event === 'device.revoked' && event.name === device) told.emit('revoked'); });
  const heard = once(told, 'revoked');
  await system.take('revokeDevice', { device, reason: 'lost' }, 'post');
  await heard;
  t.match(await other.device(device), { state: 'revoked' });
});
