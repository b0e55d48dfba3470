// What the command post looks at after the swab: recalls, the sums and their gaps, who is missing, what one resident may be told.
// Residents are numbers; the names of those missing are masked, and shown to whoever may see a person masked.

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { identifier } from '../domain/fields.js';
import { recall, recallList, resultOf } from '../ledger/custody.js';
import { gapTubes, missingPersons, reconciliation, stages } from '../ledger/reconciliation.js';
import { cellState, resident } from '../ledger/reads.js';
import type { Door } from './door.js';
import { maskedPeople } from './maskedPeople.js';
import { entry, listOf, none, number, page, place, readsOf } from './reading.js';

const missingQuery = z.strictObject({
  /** The ordinal of a village; left out, the sums only. */
  village: z.int().min(1).max(65_535).optional(),
  from: place(1),
  many: page(500, 200),
});

export function followUpRoutes(app: FastifyInstance, door: Door): void {
  const { redis } = door.ledger;
  const { add, listed, vaultFor } = readsOf(app, door);

  add({
    path: '/recalls', name: 'recalls', may: 'recalls', in: 'area', summary: '召回 Recalls by number, oldest first, without their people.', query: z.strictObject({ from: place(1), count: page(500, 200) }), reply: listOf('recalls'),
    read: (cell, { from, count }) => listed(cell, 'recalls', recallList(redis, cell, from, count)),
  });
  add({
    path: '/recalls/:recall', name: 'recall', may: 'recalls', in: 'area', summary: '一次召回 A recall with its people by number: those of the tube, then their households and those who queued beside them.',
    params: z.strictObject({ recall: number }), query: none, reply: entry,
    read: (cell, _, params) => recall(redis, cell, params.recall),
  });
  add({
    path: '/reconciliation', name: 'reconciliation', may: 'reconciliation', in: 'area', summary: '对账 How many people, tubes and swabs have come how far, by village, site, station, box and laboratory, and the gaps between.', query: none, reply: entry,
    async read(cell) {
      return (await cellState(redis, cell)) && reconciliation(redis, cell);
    },
  });
  add({
    path: '/gaps', name: 'gaps', may: 'reconciliation', in: 'area', summary: '缺口试管 Tubes that stand between two stages, longest standing first, each with the one who owns it.',
    query: z.strictObject({ gap: z.enum(stages).optional(), station: identifier.optional(), trip: z.int().min(1).max(4_294_967_295).optional(), from: place(0), count: page(500, 200) }),
    reply: listOf('tubes', { total: { type: 'integer' } }),
    async read(cell, { from, count, ...filter }) {
      return (await cellState(redis, cell)) && gapTubes(redis, cell, filter, from, count);
    },
  });
  add({
    path: '/missing', name: 'missing', may: 'missing', in: 'area', summary: '未采人员 Expected and not sampled: how many in each village, and of one village who, door by door, masked where the role may see people. `next` begins the next page.',
    query: missingQuery, reply: listOf('households', { villages: listOf('villages').properties['villages'], total: { type: 'integer' }, next: { type: ['integer', 'null'] } }),
    async read(cell, { village, from, many }, _, request) {
      if (!(await cellState(redis, cell))) return undefined;
      const { households, ...sums } = await missingPersons(redis, cell, village === undefined ? undefined : { village, from, many });
      const numbers = households.flatMap(({ residents }) => residents);
      const vault = numbers.length > 0 ? await vaultFor(request, cell) : undefined;
      const people = vault && (await maskedPeople(redis, vault, cell, numbers, (one) => door.fault({ cell: `${cell.round}:${cell.area}`, resident: one }, 'the entry of a person does not open')));
      return {
        ...sums,
        households: households.map(({ household, residents }) => ({ household, residents: residents.map((one) => ({ resident: one, ...(people?.has(one) ? { person: people.get(one) } : {}) })) })),
        next: numbers.length < many ? null : Math.max(...numbers) + 1,
      };
    },
  });
  add({
    path: '/residents/:resident/result', name: 'personalResult', may: 'personalResult', in: 'area', summary: '个人结果 What a resident may be told, worked out from the tubes the swabs are in.',
    params: z.strictObject({ resident: number }), query: none, reply: entry,
    async read(cell, _, params) {
      return (await resident(redis, cell, params.resident)) && { resident: params.resident, ...(await resultOf(redis, cell, params.resident)) };
    },
  });
}
