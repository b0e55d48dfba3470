// Pairing gives a device a place, a role and the hash of its key; pairing it again ends the old one.

import { randomBytes } from 'node:crypto';
import t from 'tap';
import { bodies } from '../../src/domain/requests.js';
import { ownSystem, secret } from './ownSystem.js';

const place = { round: 'r1', area: 'north', site: 's1', station: '3' };

t.test('a paired device has its place, and pairing it again gives it another key', async (t) => {
  const { system } = await ownSystem(t, { shared: true });
  const device = `t${randomBytes(5).toString('hex')}`;
  t.equal(await system.device(device), undefined);
  const first = await system.take('pairDevice', { device, role: 'station', ...place, secret: secret('a') }, 'post');
  t.match(first, { outcome: 'applied', events: [{ event: 'device.paired', name: device, role: 'station', again: 0, by: 'post' }] });
  t.match(await system.device(device), { state: 'paired', places: [{ role: 'station', ...place }] });
  const again = await system.take('pairDevice', { device, role: 'desk', round: 'r1', area: 'north', secret: secret('b') }, 'post');
  t.match(again, { outcome: 'applied', events: [{ again: 1 }] });
  const now = await system.device(device);
  t.equal(now?.secret.toString('hex'), secret('b'));
  t.match(now?.places, [{ role: 'desk', site: undefined }]);
});

t.test('nobody can be paired under a name of the service, as an administrator, or into no cell', async (t) => {
  const good = { device: 't1', role: 'station', round: 'r1', area: 'north', secret: secret('a') };
  t.ok(bodies.pairDevice.safeParse(good).success);
  for (const device of ['service', 'clock', 'relay-r1', 'person.ann', 'import.7', 'a:b', '']) t.notOk(bodies.pairDevice.safeParse({ ...good, device }).success, device);
  for (const role of ['administrator', 'command_post', 'system', 'resident', 'lab_reviewer']) t.notOk(bodies.pairDevice.safeParse({ ...good, role }).success, role);
  t.notOk(bodies.pairDevice.safeParse({ ...good, area: undefined }).success);
});

t.test('steps of the system belong to its cell, and its cell takes no others', async (t) => {
  const { ledger } = await ownSystem(t, { shared: true });
  const send = async (cell: { round: string; area: string }, step: 'pairDevice' | 'closeRound' | 'openRound', body: unknown, number: number) => {
    const request = { number, step, mode: 'ask' as const, claimedAt: 1, body: bodies[step].parse(body) as never };
    return (await ledger.take(cell, [{ device: 'x', epoch: randomBytes(6).toString('hex'), requests: [request] }]))[0]?.answers[0];
  };
  const cell = { round: `t${randomBytes(6).toString('hex')}`, area: 'north' };
  t.match(await send(cell, 'openRound', { name: 'a round' }, 1), { outcome: 'applied' });
  t.match(await send(cell, 'pairDevice', { device: 't1', role: 'station', ...place, secret: secret('a') }, 1), { outcome: 'refused', word: 'wrong_cell' });
  t.match(await send({ round: 'system', area: 'system' }, 'closeRound', {}, 1), { outcome: 'refused', word: 'wrong_cell' });
});
