// Devices: a pairing code is made by the command post, given by the tablet, and good once; the tablet gets a key of its own, shown to it
// once. It can be moved at a time, and revoked at once, also where its socket is open.

import { randomBytes } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { bodies } from '../domain/requests.js';
import { deviceRoles } from '../domain/roles.js';
import { countAttempt, drawKey, hidden, makePairingCode, redeemPairingCode, uncountAttempt } from '../ledger/passes.js';
import { keepCondition } from '../ledger/conditions.js';
import { cellTime } from '../ledger/presence.js';
import type { PairedDevice, System } from '../ledger/system.js';
import { badgeMayRead, placeAt } from './badge.js';
import { writeCookie } from './cookies.js';
import { documented } from './documented.js';
import type { Gate } from './gate.js';
import { Problem, sendProblem } from './problems.js';
import { nameOf, reader, sendJson, takeForPerson, whoMay } from './systemSteps.js';

export interface PeopleParts {
  redis: Redis;
  system: System;
  gate: Gate;
}

const { device: deviceName, secret: _, ...place } = bodies.pairDevice.shape;
const offerBody = z.strictObject({ ...place, device: deviceName.optional() });
const redeemBody = z.strictObject({
  /** What the QR code holds, or the twelve digits. */
  code: z.string().max(60),
  /** `cookie`: for a browser, which keeps the key where no script can read it. `key`: for a program. */
  keep: z.enum(['cookie', 'key']).default('cookie'),
});
const moveBody = z.strictObject({ ...place, role: z.enum(deviceRoles), from: bodies.moveDevice.shape.from.optional() });
const revokeBody = bodies.revokeDevice.omit({ device: true });
/** What a device says of itself: no personal data, and nothing that anything is decided by. */
const conditionBody = z.strictObject({
  version: z.string().regex(/^[\w.+-]{1,40}$/),
  /** By how many ms its own clock is ahead of the service's; a tablet whose battery was empty may be fifty years behind. */
  clockAhead: z.int().min(-4e12).max(4e12).optional(),
  battery: z.int().min(0).max(100).optional(),
});
const listQuery = z.strictObject({ cursor: z.string().regex(/^\d{1,20}$/).default('0') });
const deviceParams = z.object({ device: deviceName });

/** Wrong codes from one address in a quarter of an hour. Five make a code void, so this only slows a flood of many codes. */
const redeemTriesMax = 30;
const cookieSeconds = 60 * 24 * 3600;
const entry = { type: 'object', additionalProperties: true };

export function deviceRoutes(app: FastifyInstance, { redis, system, gate }: PeopleParts): void {
  const [readOffer, readRedeem, readMove, readRevoke, readList, readCondition] = [reader(offerBody), reader(redeemBody), reader(moveBody), reader(revokeBody), reader(listQuery), reader(conditionBody)];

  app.post('/api/pairing', documented({
    name: 'makePairingCode', tag: 'devices', summary: '生成配对码 A pairing code for one device: single use, 15 minutes, void after five wrong tries.',
    body: offerBody, may: { step: 'pairDevice' }, replies: { 201: entry },
  }), async (request, reply) => {
    const offer = readOffer(reply, request.body);
    if (!offer) return reply;
    const by = whoMay(request, 'pairDevice', offer);
    const device = offer.device ?? `d${randomBytes(5).toString('hex')}`;
    const there = await system.device(device);
    // A name that stands in somebody else's cell is not to be taken over.
    if (!by || (there && !whoMay(request, 'pairDevice', placeAt(there.places, Date.now()) ?? {}))) return sendProblem(reply, new Problem('not_allowed'));
    const code = await makePairingCode(redis, { ...offer, device, by: nameOf(by) });
    return sendJson(reply, { device, code: code.short.replace(/(\d{3})(?=\d)/g, '$1 '), qr: `${ownAddress(request)}/pair#${code.long}`, expiresAt: code.expiresAt, known: there !== undefined }, 201);
  });

  app.post('/api/pairing/redeem', documented({
    name: 'redeemPairingCode', tag: 'devices', summary: '配对设备 A device gives a pairing code and gets its name, its place and its key, once.',
    body: redeemBody, may: 'anybody', replies: { 200: entry },
  }), async (request, reply) => {
    const sent = readRedeem(reply, request.body);
    if (!sent) return reply;
    const tries = `redeem:${hidden(request.ip)}`;
    if ((await countAttempt(redis, tries, 900)) > redeemTriesMax) return sendProblem(reply, new Problem('tries_exceeded'));
    const redeemed = await redeemPairingCode(redis, sent.code.replace(/\s/g, '').replace(/^.*#/, ''));
    if (!redeemed.ok) return sendProblem(reply, new Problem(redeemed.why));
    await uncountAttempt(redis, tries);
    const { offer: { by, ...offer } } = redeemed;
    const { key, hash } = drawKey(offer.device);
    if (!(await takeForPerson(reply, system, 'pairDevice', { ...offer, role: offer.role as 'station', secret: hash }, by))) return reply;
    if (sent.keep === 'cookie') {
      reply.header('set-cookie', writeCookie(gate.cookies.device, key, cookieSeconds));
      return sendJson(reply, offer);
    }
    return sendJson(reply, { ...offer, key });
  });

  app.get('/api/devices', documented({
    name: 'pairedDevices', tag: 'devices', summary: '已配对设备 Paired devices with their places, those one has to do with; the page whose cursor is 0 was the last.',
    query: listQuery, may: { read: 'devices' }, replies: { 200: entry },
  }), async (request, reply) => {
    const query = readList(reply, request.query);
    if (!query) return reply;
    const { cursor, devices } = await system.devices(query.cursor);
    const seen = devices.filter(({ places }) => request.badges.some((badge) => badgeMayRead(badge, 'devices', placeAt(places, Date.now()) ?? {})));
    return sendJson(reply, { cursor, devices: seen.map(told) });
  });

  app.post('/api/devices/me/condition', documented({
    name: 'tellCondition', tag: 'devices', summary: '本机状况 A device says which version of the pages it runs and how wrong its clock is. Kept beside when it was last seen, for three days; nothing follows from it.',
    body: conditionBody, may: { read: 'own' }, replies: { 200: entry },
  }), async (request, reply) => {
    const device = request.badges.find(({ kind }) => kind === 'device');
    const place = device && placeAt(device.places, Date.now());
    if (!device || place?.round === undefined || place.area === undefined) return sendProblem(reply, new Problem('not_allowed'));
    const told = readCondition(reply, request.body);
    if (!told) return reply;
    const cell = { round: place.round, area: place.area };
    await keepCondition(redis, cell, device.device, (await cellTime(redis, cell)) ?? Date.now(), told);
    return sendJson(reply, { ok: true });
  });

  /** The device of an address, if whoever asks may do this with it; otherwise it does not exist for them. */
  async function deviceFor(request: FastifyRequest, step: 'moveDevice' | 'revokeDevice'): Promise<PairedDevice | undefined> {
    const name = deviceParams.safeParse(request.params);
    const found = name.success ? await system.device(name.data.device) : undefined;
    return found && whoMay(request, step, placeAt(found.places, Date.now()) ?? {}) ? found : undefined;
  }

  app.post('/api/devices/:device/move', documented({
    name: 'moveDevice', tag: 'devices', summary: '调动设备 From a time on (now, if left out) the device stands elsewhere.', params: deviceParams,
    body: moveBody, may: { step: 'moveDevice' }, replies: { 200: entry },
  }), async (request, reply) => {
    const found = await deviceFor(request, 'moveDevice');
    if (!found) return sendProblem(reply, new Problem('nothing_there'));
    const to = readMove(reply, request.body);
    if (!to) return reply;
    const by = whoMay(request, 'moveDevice', to);
    if (!by) return sendProblem(reply, new Problem('not_allowed'));
    // Two moves within one millisecond, or a clock set back, must not count as a move into the past.
    const from = to.from ?? Math.max(Date.now(), found.places.at(-1)?.from ?? 0);
    if (!(await takeForPerson(reply, system, 'moveDevice', { ...to, device: found.device, from }, nameOf(by)))) return reply;
    return sendJson(reply, { device: found.device, ...to, from });
  });

  app.post('/api/devices/:device/revoke', documented({
    name: 'revokeDevice', tag: 'devices', summary: '吊销设备 The device may no longer speak; its open sockets are closed.', params: deviceParams,
    body: revokeBody, may: { step: 'revokeDevice' }, replies: { 200: entry },
  }), async (request, reply) => {
    const found = await deviceFor(request, 'revokeDevice');
    const by = found && whoMay(request, 'revokeDevice', placeAt(found.places, Date.now()) ?? {});
    if (!found || !by) return sendProblem(reply, new Problem('nothing_there'));
    const sent = readRevoke(reply, request.body);
    if (!sent) return reply;
    if (!(await takeForPerson(reply, system, 'revokeDevice', { device: found.device, reason: sent.reason }, nameOf(by)))) return reply;
    return sendJson(reply, { device: found.device, state: 'revoked' });
  });
}

const told = ({ device, state, places, changedAt }: PairedDevice): object => ({ device, state, changedAt, ...placeAt(places, Date.now()), next: places.filter(({ from }) => from > Date.now()) });

/** The address this service was called by, for links that lead back to it. */
export const ownAddress = (request: FastifyRequest): string => `${request.protocol}://${request.host}`;
