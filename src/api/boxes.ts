// What packers and couriers look at: boxes, what is in them, what still waits for one. Codes, counts and times, never a person.

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { manifestHash, writeManifest } from '../domain/manifest.js';
import { identifier } from '../domain/fields.js';
import { boxCode, type CellName } from '../domain/requests.js';
import { box, boxes, type BoxState, boxStory, toPack, tubeStatus } from '../ledger/custody.js';
import { tubesOf } from '../ledger/reads.js';
import type { Door } from './door.js';
import { refusalProblem } from './replies.js';
import { entry, listOf, none, page, place, readsOf, storyQuery } from './reading.js';

const params = z.strictObject({ box: boxCode });

export function boxRoutes(app: FastifyInstance, door: Door): void {
  const { redis } = door.ledger;
  const { add, listed, told } = readsOf(app, door);

  add({
    path: '/boxes', name: 'boxes', may: 'boxes', in: 'area', summary: '转运箱 Boxes by the number of their trip, oldest first; a box that went out twice stands here twice.',
    query: z.strictObject({ from: place(1), count: page(500, 200) }), reply: listOf('boxes'),
    read: (cell, { from, count }) => listed(cell, 'boxes', boxes(redis, cell, from, count)),
  });
  add({
    path: '/boxes/toPack', name: 'tubesToPack', may: 'boxes', in: 'area', summary: '待装箱试管 Sealed tubes in no box, longest sealed first, of one site or of all.',
    query: z.strictObject({ site: identifier.optional(), count: page(500, 200) }), reply: listOf('tubes', { at: { type: 'integer' }, total: { type: 'integer' }, whole: { type: 'boolean' } }),
    read: (cell, { site, count }) => toPack(redis, cell, site, count),
  });
  add({
    path: '/boxes/:box', name: 'box', may: 'boxes', in: 'area', summary: '一个转运箱 A box on its latest trip, with the tubes in it.', params, query: none, reply: entry,
    async read(cell, _, { box: code }) {
      const found = await box(redis, cell, code);
      return found && { ...found, contents: await contentsOf(cell, found) };
    },
  });
  add({
    path: '/boxes/:box/story', name: 'boxStory', may: 'boxes', in: 'area', summary: '转运箱经过 What happened with a box on its latest trip, newest first.', params, query: storyQuery, reply: listOf('events'),
    async read(cell, { count }, { box: code }, request) {
      const found = await box(redis, cell, code);
      return found && { trip: found.trip, ...(await told(request, cell, await boxStory(redis, cell, found.trip, count))) };
    },
  });
  add({
    path: '/boxes/:box/manifest', name: 'boxManifest', may: 'boxes', in: 'area', summary: '装箱清单二维码 The manifest of a sealed box as the text of a QR code, with its hash.', params, query: none, reply: entry,
    async read(cell, _, { box: code }) {
      const found = await box(redis, cell, code);
      if (!found) return undefined;
      if (found.hash === '') return refusalProblem('box_not_sealed');
      const hash = manifestHash(found.tubes);
      // A tube reported into a sealed box is in it, and not in the hash that was told of at sealing.
      return { box: code, trip: found.trip, sealedAt: found.sealedAt, laboratory: found.laboratory, tubes: found.tubes.length, hash, recorded: found.hash, agrees: hash === found.hash, text: writeManifest(code, found.tubes) };
    },
  });

  async function contentsOf(cell: CellName, found: BoxState): Promise<object[]> {
    const tubes = await tubesOf(redis, cell, found.tubes);
    return found.tubes.map((tube, i) => {
      const one = tubes[i];
      return one
        ? { tube, status: tubeStatus(one, found), swabs: one.count, station: one.station, sealedAt: one.sealedAt, firstSwabAt: one.firstSwabAt }
        : { tube, status: 'open', swabs: 0, station: 0, sealedAt: 0, firstSwabAt: 0 };
    });
  }
}
