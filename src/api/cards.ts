// Printed codes: what one is here, what stands on a resident's card, and whole lists of those for the printer. A resident's code is the
// number sent through the cell's permutation (domain/codes.ts), so it is nowhere kept: number and code make each other.

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { type CodeType, isForeignTube, makeCode, ordinalOf, readScan, type SerialKey, serialKey, serialOf, unknownScans } from '../domain/codes.js';
import { maskName } from '../domain/masking.js';
import type { CellName } from '../domain/requests.js';
import { box } from '../ledger/custody.js';
import { delivery, intake } from '../ledger/laboratory.js';
import { type CellState, cellState, directory, resident, residents, tube } from '../ledger/reads.js';
import { codeSeed } from '../vault/offline.js';
import type { RoundVault, Vault } from '../vault/vault.js';
import { cellAddress, cellOf, cellParams, cellUnknown } from './cells.js';
import { documented } from './documented.js';
import type { Door } from './door.js';
import { peopleOf } from './maskedPeople.js';
import { Problem, sendProblem } from './problems.js';
import { entry, none, number, page, place, readsOf, relieved } from './reading.js';
import { reader } from './systemSteps.js';

/** As scanners send them; what a person would have to type in clear (a document number) has no place in an address. */
const code = z.string().regex(/^[0-9A-Z]{6,20}$/);
const printBody = z.strictObject({ from: place(1), count: page(2000, 500) });

/** A card for the printer: resident, code, masked name, village, household. */
type Card = [resident: number, code: string, name: string, village: string, household: number];

export function cardRoutes(app: FastifyInstance, door: Door): void {
  const { ledger: { redis }, vault, log } = door;
  const { add } = readsOf(app, door);

  add({
    path: '/codes/:code', name: 'code', may: 'readCode', params: z.strictObject({ code }), query: none, reply: entry,
    summary: '查码 What a printed code is in this round: a resident by number, a tube, a box, a station, a card. Says nothing of a person.',
    description: '`fits` false: a rehearsal\'s code in a real round, or the other way round. `known`: the record has it. Of a resident `resident` is the number.',
    async read(cell, _, asked) {
      const state = await cellState(redis, cell);
      if (!state) return undefined;
      const scan = readScan(asked.code);
      switch (scan.kind) {
        case 'resident': {
          const { serial, value } = scan;
          const fits = scan.rehearsal === state.rehearsal;
          const key = await keyOf(vault, cell);
          if (key instanceof Problem) return key;
          const n = fits ? ordinalOf(key, serial) + 1 : 0;
          const known = n > 0 && n <= state.residents && (await resident(redis, cell, n)) !== undefined;
          return { kind: 'resident', code: value, fits, known, ...(known ? { resident: n } : {}) };
        }
        case 'tube':
        case 'foreignTube': {
          const fits = scan.kind === 'foreignTube' || scan.rehearsal === state.rehearsal;
          return (await thingOf(cell, state, scan.value, 'tube', fits)) ?? { kind: 'tube', code: scan.value, foreign: isForeignTube(scan.value), fits, known: false };
        }
        case 'box': {
          const fits = scan.rehearsal === state.rehearsal;
          return (await thingOf(cell, state, scan.value, 'box', fits)) ?? { kind: 'box', code: scan.value, fits, known: false };
        }
        case 'station':
        case 'device':
        case 'staff':
        case 'command': return { kind: scan.kind satisfies CodeType, code: scan.value, serial: scan.serial, fits: scan.rehearsal === state.rehearsal };
        // Another maker's label may look like either, and the record knows what it has taken.
        case 'document':
        case 'shopBarcode':
        case 'twoCodes':
        case 'unknown': {
          const there = (await thingOf(cell, state, asked.code, 'tube', true)) ?? (await thingOf(cell, state, asked.code, 'box', true));
          if (there) return there;
          return scan.kind === 'unknown' ? new Problem('code_mistaken', { kind: scan.kind }, unknownScans[scan.reason]) : new Problem('code_mistaken', { kind: scan.kind });
        }
      }
    },
  });

  /** The tube or box of this code, if the record has it: an area by what it has opened, a laboratory by what it expects or has. */
  async function thingOf(cell: CellName, { laboratory }: CellState, value: string, kind: 'tube' | 'box', fits: boolean): Promise<object | undefined> {
    const told = (state: string, more: object = {}) => ({ kind, code: value, ...(kind === 'tube' ? { foreign: isForeignTube(value) } : {}), fits, known: true, state, ...more });
    if (kind === 'box') {
      const there = await (laboratory ? delivery : box)(redis, cell, value);
      return there && told(there.state);
    }
    if (laboratory) {
      const there = await intake(redis, cell, value);
      return there && told(there.state);
    }
    const there = await tube(redis, cell, value);
    return there && told(there.state, { size: there.size, count: there.count });
  }

  add({
    path: '/residents/:resident/code', name: 'residentCode', may: 'readCode', params: z.strictObject({ resident: number }), query: none,
    summary: '居民码 The twelve digits on the card of a resident.', reply: { type: 'object', required: ['resident', 'code'], properties: { resident: { type: 'integer' }, code: { type: 'string' } } },
    async read(cell, _, asked) {
      const [state, there] = await Promise.all([cellState(redis, cell), resident(redis, cell, asked.resident)]);
      if (!state || !there) return undefined;
      const key = await keyOf(vault, cell);
      return key instanceof Problem ? key : { resident: asked.resident, code: codeOf(key, asked.resident, state.rehearsal) };
    },
  });

  const readPrint = reader(printBody);
  app.post(`${cellAddress}/residents/codes`, documented({
    name: 'residentCodes', tag: 'people', summary: '打印居民码 Cards for the printer: number, code, masked name, village, household; next 0: that was the last page.',
    params: cellParams, body: printBody, may: { read: 'residentCodes' }, replies: { 200: entry },
  }), async (request, reply) => {
    const asked = readPrint(reply, request.body);
    if (!asked) return reply;
    return relieved(door, reply, async () => {
      const cell = cellOf(request);
      const state = cell && (await cellState(redis, cell));
      if (!cell || !state) return cellUnknown();
      const opened = await vault.round(cell.round);
      if (opened === 'erased') return new Problem('person_gone');
      const key = serialKeyOf(opened, cell);
      const [found, { villages }] = await Promise.all([residents(redis, cell, asked.from, asked.count), directory(redis, cell)]);
      const broken: number[] = [];
      const people = await peopleOf(redis, opened, cell, found.map(({ resident }) => resident), (resident) => broken.push(resident));
      if (broken.length > 0) log.error({ cell: `${cell.round}:${cell.area}`, broken }, 'entries of people were changed or moved, and do not open');
      const next = asked.from + asked.count;
      return {
        total: state.residents, next: next <= state.residents ? next : 0,
        codes: found.map(({ resident, village, household }): Card => [
          resident, codeOf(key, resident, state.rehearsal), maskName(people.get(resident)?.name ?? ''), villages.get(village) ?? '', household,
        ]),
      };
    });
  });
}

const codeOf = (key: SerialKey, resident: number, rehearsal: boolean): string => makeCode('resident', serialOf(key, resident - 1, rehearsal));

const serialKeyOf = (vault: RoundVault, { area }: CellName): SerialKey => serialKey(codeSeed(vault, area));

async function keyOf(vault: Vault, cell: CellName): Promise<SerialKey | Problem> {
  const opened = await vault.round(cell.round);
  return opened === 'erased' ? new Problem('person_gone') : serialKeyOf(opened, cell);
}
