// What a tablet takes along so that it can work without a network: everybody of its cell by number with a masked name, each under a hash
// that only this tablet can compute from a scanned document, and the key for that. No document number leaves the service here.

import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { maskName } from '../domain/masking.js';
import { identifier } from '../domain/fields.js';
import type { CellName } from '../domain/requests.js';
import { priorityClasses, riskGroups } from '../domain/reasons.js';
import { cellState, directory, ownSites, residents, type ResidentState } from '../ledger/reads.js';
import { carryKey, codeSeed, identityHash, type TabletKey, tabletKey } from '../vault/offline.js';
import { identityOf, type Person } from '../vault/people.js';
import type { RoundVault } from '../vault/vault.js';
import type { Door } from './door.js';
import { peopleOf } from './maskedPeople.js';
import { Problem } from './problems.js';
import { entry, page, place, readsOf } from './reading.js';

/** The age of the tablet's storage, as in its records: a new storage gets another key. */
const epoch = identifier.optional();
const rosterQuery = z.strictObject({ from: place(1), count: page(2000, 2000), epoch });
const keyQuery = z.strictObject({ epoch });
const carryQuery = z.strictObject({ epoch: identifier, device: identifier.optional() });

/** One person: number, masked name, village (its ordinal), door, risk, priority, marks, hash. */
type Row = [resident: number, name: string, village: number, household: number, risk: number, priority: number, marks: number, hash: string];

export function tabletRoutes(app: FastifyInstance, door: Door): void {
  const { ledger: { redis }, vault, log } = door;
  const { add } = readsOf(app, door);

  add({
    path: '/tablet/key', name: 'tabletKey', may: 'tabletRoster', tag: 'devices', query: keyQuery,
    summary: '平板密钥 The key under which this tablet hashes a scanned document, and the seed of the printed codes.',
    description:
      '`key` (base64, 32 bytes) is for HMAC-SHA256 of the identity text that `judgeDocument` gives for a document; the first twelve bytes, as base64url, are the `hash` of the roster. ' +
      'It is of this device, its `epoch` and this cell only. `seed` is the text for `serialKey`: a printed resident code of serial s is resident `ordinalOf(serialKey(seed), s) + 1`.',
    reply: { type: 'object', required: ['id', 'key', 'seed'], properties: { id: { type: 'string' }, key: { type: 'string' }, seed: { type: 'string' } } },
    async read(cell, { epoch: storage }, _, request) {
      if (!(await cellState(redis, cell))) return undefined;
      const opened = await vault.round(cell.round);
      if (opened === 'erased') return new Problem('person_gone');
      const { id, key } = keyFor(opened, cell, request, storage);
      return { id, key: key.toString('base64'), seed: codeSeed(opened, cell.area) };
    },
  });

  add({
    path: '/tablet/carryKey', name: 'carryKey', may: 'outbox', tag: 'devices', query: carryQuery,
    summary: '备份密钥 The key under which this device seals what it cannot send, for another one to bring.',
    description:
      '`key` (base64, 32 bytes) is for AES-256-GCM: iv of 12 bytes, ciphertext, tag; bound to the text `swabline carried 1`, round, area, device and epoch, with U+001F between them. In it: one byte (1: what follows is ' +
      'gzip), then an outbox { device, epoch, assigned, requests } as JSON. It goes as `sealed` in the step `carryRecords`, sent by any other device of the cell. The key is of this device, its `epoch` and this cell only.',
    reply: { type: 'object', required: ['id', 'key'], properties: { id: { type: 'string' }, key: { type: 'string' } } },
    async read(cell, { epoch: storage, device }, _, { badges }) {
      if (!(await cellState(redis, cell))) return undefined;
      const opened = await vault.round(cell.round);
      if (opened === 'erased') return new Problem('person_gone');
      const badge = badges?.find(({ kind }) => kind === 'device') ?? badges?.[0];
      // Nobody gets another's key: with it, records could be made in that name.
      const { id, key } = carryKey(opened, cell.area, badge && badge.kind !== 'tool' ? badge.device : (device ?? ''), storage);
      return { id, key: key.toString('base64') };
    },
  });

  add({
    path: '/tablet/roster', name: 'tabletRoster', may: 'tabletRoster', tag: 'devices', query: rosterQuery,
    summary: '离线名单 Everybody of the cell by number, masked, for working without a network; next 0: that was the last page.',
    description:
      'people: [resident, masked name, village, household, risk, priority, marks, hash]; village is an ordinal of `villages` (`homes`: the site each is told to go to), marks are 1 must have a tube alone, 2 deceased, 4 excused, ' +
      '8 called back for a single swab and still to come. Name and hash are empty where an entry cannot be opened. `key.id` says under which key the hashes were made.',
    reply: entry,
    async read(cell, { from, count, epoch: storage }, _, request) {
      const state = await cellState(redis, cell);
      if (!state) return undefined;
      const opened = await vault.round(cell.round);
      if (opened === 'erased') return new Problem('person_gone');
      const [found, { sites, siteNames, villages }, homes] = await Promise.all([residents(redis, cell, from, count), directory(redis, cell), ownSites(redis, cell)]);
      const key = keyFor(opened, cell, request, storage);
      const broken: number[] = [];
      const people = await peopleOf(redis, opened, cell, found.map(({ resident }) => resident), (resident) => broken.push(resident));
      if (broken.length > 0) log.error({ cell: `${cell.round}:${cell.area}`, broken }, 'entries of people were changed or moved, and do not open');
      const next = from + count <= state.residents ? from + count : 0;
      return {
        total: state.residents, next, key: { id: key.id },
        villages: [...villages], sites: [...sites].map(([ordinal, site]) => [ordinal, site, siteNames.get(ordinal) || site]), homes: [...homes],
        people: found.map((one): Row => rowOf(one, people.get(one.resident), key)),
      };
    },
  });
}

/** The key of whoever asks: of the device, else of the person at a screen. */
function keyFor(vault: RoundVault, { area }: CellName, { badges }: FastifyRequest, epoch = ''): TabletKey {
  const badge = badges?.find(({ kind }) => kind === 'device') ?? badges?.[0];
  return tabletKey(vault, area, badge?.device ?? '', epoch);
}

const rowOf = ({ resident, village, household, risk, priority, single, deceased, state, recalled }: ResidentState, person: Person | undefined, key: TabletKey): Row => [
  resident, person ? maskName(person.name) : '', village, household, riskGroups.indexOf(risk), priorityClasses.indexOf(priority),
  (single ? 1 : 0) + (deceased ? 2 : 0) + (state === 'excused' ? 4 : 0) + (recalled === 'to come' ? 8 : 0),
  person ? identityHash(key, identityOf(person)) : '',
];
