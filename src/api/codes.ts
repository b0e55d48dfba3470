// Printed numbers: which ranges belong to whom, how many of their numbers are used, and what left the printer how often. Reserving and
// printing are steps (reserveCodes, recordPrint).

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { makeCode, serialKey, serialOf } from '../domain/codes.js';
import type { CellName } from '../domain/requests.js';
import { codeRanges, printRuns, printSums } from '../ledger/codes.js';
import { cellState } from '../ledger/reads.js';
import { codeSeed } from '../vault/offline.js';
import type { Door } from './door.js';
import { listOf, none, page, place, readsOf } from './reading.js';

export function codeRoutes(app: FastifyInstance, door: Door): void {
  const { redis } = door.ledger;
  const { add } = readsOf(app, door);

  add({
    path: '/codes/ranges', name: 'codeRanges', may: 'codes', query: none,
    summary: '号段 Ranges of printed numbers set apart in this cell: for whom, how many used, unused, printed; and what has been printed in all.',
    description: 'Used: a tube or a box of that number is on record here; of a range of resident cards, the resident it names is on the roster (null when the people are gone).',
    reply: listOf('ranges', { printing: listOf('printing').properties['printing'] }),
    async read(cell) {
      const state = await cellState(redis, cell);
      if (!state) return undefined;
      const cards = await serialsOf(cell, state.residents, state.rehearsal);
      const [ranges, printing] = await Promise.all([codeRanges(redis, cell, (first, last) => cards?.filter((serial) => serial >= first && serial <= last).length ?? 0), printSums(redis, cell)]);
      return {
        ranges: ranges.map((one) => ({
          ...one, count: one.last - one.first + 1, firstCode: makeCode(one.kind, one.first), lastCode: makeCode(one.kind, one.last),
          ...(one.kind === 'resident' && !cards ? { used: null, unused: null } : {}),
        })),
        printing,
      };
    },
  });
  add({
    path: '/codes/prints', name: 'codePrints', may: 'codes', query: z.strictObject({ from: place(1), count: page(500, 200) }),
    summary: '打印记录 Print runs by number, oldest first: what, how many copies, by whom, and why again.', reply: listOf('prints'),
    async read(cell, { from, count }) {
      return (await cellState(redis, cell)) && { prints: await printRuns(redis, cell, from, count) };
    },
  });

  /** The serials on the cards of everybody on the roster; undefined when the people are gone. */
  async function serialsOf(cell: CellName, residents: number, rehearsal: boolean): Promise<number[] | undefined> {
    const vault = await door.vault.round(cell.round);
    if (vault === 'erased') return undefined;
    const key = serialKey(codeSeed(vault, cell.area));
    return Array.from({ length: residents }, (_, i) => serialOf(key, i, rehearsal));
  }
}
