// What a laboratory looks at in its own cell: boxes against their manifests, tubes, results that wait. Codes only; no laboratory sees a person.

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { boxCode, tubeCode } from '../domain/requests.js';
import { comparison, deliveries, intake, intakes, resultsOf, waiting } from '../ledger/laboratory.js';
import { laboratoryReconciliation } from '../ledger/reconciliation.js';
import { cellState } from '../ledger/reads.js';
import type { Door } from './door.js';
import { cursor, entry, listOf, none, page, place, readsOf } from './reading.js';

const pages = z.strictObject({ cursor, count: page(1000, 500) });
const tube = z.strictObject({ tube: tubeCode });
const codes = { type: 'array', items: { type: 'string' } };

export function laboratoryRoutes(app: FastifyInstance, door: Door): void {
  const { redis } = door.ledger;
  const { add, listed } = readsOf(app, door);

  add({
    path: '/deliveries', name: 'deliveries', may: 'laboratory', in: 'laboratory', summary: '送检箱 Boxes announced to the laboratory or received, by number, oldest first.',
    query: z.strictObject({ from: place(1), count: page(500, 200) }), reply: listOf('deliveries'),
    read: (cell, { from, count }) => listed(cell, 'deliveries', deliveries(redis, cell, from, count)),
  });
  add({
    path: '/deliveries/:box', name: 'delivery', may: 'laboratory', in: 'laboratory',
    summary: '核对送检箱 The latest delivery of a box against its manifest: expected, there, missing, extra, rejected, elsewhere.', params: z.strictObject({ box: boxCode }), query: none, reply: entry,
    read: (cell, _, params) => comparison(redis, cell, params.box),
  });
  add({
    path: '/intakes', name: 'intakes', may: 'laboratory', in: 'laboratory', summary: '实验室试管 Tubes at the laboratory page by page; the page whose cursor is 0 was the last.',
    query: pages, reply: listOf('intakes', { cursor: { type: 'string' } }),
    async read(cell, { cursor: from, count }) {
      const found = await intakes(redis, cell, from, count);
      return found.intakes.length > 0 || (await cellState(redis, cell)) ? found : undefined;
    },
  });
  add({
    path: '/intakes/:tube', name: 'intake', may: 'laboratory', in: 'laboratory', summary: '实验室的一支试管 One tube at the laboratory.', params: tube, query: none, reply: entry,
    read: (cell, _, params) => intake(redis, cell, params.tube),
  });
  add({
    path: '/intakes/:tube/results', name: 'intakeResults', may: 'laboratory', in: 'laboratory', summary: '试管检测结果 All results of a tube, oldest first, those set aside included.', params: tube, query: none, reply: listOf('results'),
    async read(cell, _, params) {
      return (await intake(redis, cell, params.tube)) && { results: await resultsOf(redis, cell, params.tube) };
    },
  });
  add({
    path: '/results/waiting', name: 'waitingResults', may: 'laboratory', in: 'laboratory', summary: '待处理结果 Results held for two people or parked, and tubes no area has told of, page by page; the page whose cursor is 0 was the last.',
    query: pages, reply: listOf('results', { unregistered: codes, cursor: { type: 'string' } }),
    async read(cell, { cursor: from, count }) {
      const found = await waiting(redis, cell, from, count);
      return found.results.length > 0 || found.unregistered.length > 0 || (await cellState(redis, cell)) ? found : undefined;
    },
  });
  add({
    path: '/laboratory/reconciliation', name: 'laboratoryReconciliation', may: 'laboratory', in: 'laboratory', summary: '实验室对账 The laboratory’s side of the ledger by area: to receive, to test, to release.', query: none, reply: listOf('areas'),
    read: (cell) => listed(cell, 'areas', laboratoryReconciliation(redis, cell)),
  });
}
