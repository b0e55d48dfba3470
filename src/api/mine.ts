// What a device asks about itself when its storage is new: the tubes it has open, and who is in them.

import type { FastifyInstance } from 'fastify';
import { openTubesOf } from '../ledger/openTubes.js';
import { cellState } from '../ledger/reads.js';
import type { Door } from './door.js';
import { listOf, none, readsOf } from './reading.js';

export function mineRoutes(app: FastifyInstance, door: Door): void {
  const { redis } = door.ledger;
  const { add } = readsOf(app, door);

  add({
    path: '/me/open', name: 'ownOpenTubes', may: 'outbox', tag: 'devices', query: none,
    summary: '本机未封的管 The tubes this device has open, with their members, over all ages of its storage: for a tablet that was installed anew.',
    description: '`epochs`: the ages of its storage the record knows, the latest last, and the highest number received of each. A new storage begins an age of its own, and may add to these tubes by asking.',
    reply: listOf('tubes', { device: { type: 'string' }, epochs: { type: 'array', items: { type: 'object', additionalProperties: true } } }),
    async read(cell, _, _params, request) {
      // Of a device and a person on one screen it is the device that opens tubes; a tool is nobody.
      const device = (request.badges?.find(({ kind }) => kind === 'device') ?? request.badges?.[0])?.device ?? '';
      return (await cellState(redis, cell)) && { device, ...(await openTubesOf(redis, cell, device)) };
    },
  });
}
