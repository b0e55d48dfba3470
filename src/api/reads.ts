// What screens may look at: named reads of a cell, each bounded or paged. They change nothing and hold no personal data; residents are
// numbers here. Under pressure they are refused first, with Retry-After (pressure.ts).

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { tubeCode } from '../domain/requests.js';
import {
  cellState, devices, directory, discrepancies, openedCells, resident, residents, stations, story, tube, tubes, unfinished,
} from '../ledger/reads.js';
import { conditions } from '../ledger/conditions.js';
import { readEvents } from '../ledger/stream.js';
import { knowsCell } from './badge.js';
import { compileCheck } from './checks.js';
import { documented } from './documented.js';
import type { Door } from './door.js';
import { Problem } from './problems.js';
import { checkWords, cursor, entry, listOf, none, number, page, place, readsOf, relieved, storyQuery } from './reading.js';

const position = z.string().regex(/^\d{1,15}(-\d{1,15})?$/);

export function readRoutes(app: FastifyInstance, door: Door): void {
  const { redis } = door.ledger;

  const { add, listed, told } = readsOf(app, door);

  app.get('/api/cells', documented({ name: 'cells', tag: 'reads', summary: '所有单元 The cells that have been opened, by name; those one has to do with.', may: { read: 'cells' }, query: cellsQuery, replies: { 200: listOf('cells') } }), (request, reply) =>
    relieved(door, reply, async () => {
      const query = checkWords(checkCells, cellsQuery, request.query);
      if (query instanceof Problem) return query;
      const opened = await openedCells(redis);
      const all = request.badges ? opened.filter((cell) => request.badges.some((badge) => knowsCell(badge, cell))) : opened;
      const some = await Promise.all(all.slice(query.from, query.from + query.count).map(async (cell) => ({ cell, state: await cellState(redis, cell) })));
      return {
        // A cell that was announced and never opened has no state.
        cells: some.flatMap(({ cell, state }) => (state ? [{ ...cell, name: state.name, state: state.state, rehearsal: state.rehearsal, laboratory: state.laboratory, openedAt: state.openedAt }] : [])),
        total: all.length,
      };
    }),
  );

  add({
    path: '', name: 'cell', may: 'cell', summary: '单元概况 The round in this area: its rules, its counters, the names of sites and villages by their ordinal.', query: none, reply: entry,
    async read(cell) {
      const [state, { sites, siteNames, villages, teams }] = await Promise.all([cellState(redis, cell), directory(redis, cell)]);
      return state && {
        ...state,
        sites: [...sites].map(([ordinal, site]) => ({ ordinal, site, name: siteNames.get(ordinal) || site })).sort(byOrdinal),
        villages: [...villages].map(([ordinal, village]) => ({ ordinal, village })).sort(byOrdinal),
        teams: [...teams].map(([team, of]) => ({ team, villages: of })),
      };
    },
  });
  add({
    path: '/stations', name: 'stations', may: 'stations', summary: '采样台 Every station with its state, its pace and who waits there.', query: none, reply: listOf('stations'),
    read: (cell) => listed(cell, 'stations', stations(redis, cell)),
  });
  add({
    path: '/unfinished', name: 'unfinished', may: 'unfinished', summary: '未了事项 What keeps the round from closing, oldest first.', query: z.strictObject({ from: place(0), count: page(1000, 200) }), reply: listOf('unfinished'),
    read: (cell, { from, count }) => listed(cell, 'unfinished', unfinished(redis, cell, from, count)),
  });
  add({
    path: '/devices', name: 'devices', may: 'presence', summary: '设备 Every device that has spoken: numbers given out, applied, refused, quarantined, lost, missing.', query: none, reply: listOf('devices', { conditions: { type: 'array', items: entry } }),
    description: '`conditions`: what devices say of themselves, also those without a record: version of their pages, how many ms their clock is ahead, battery in per cent, and when they said so.',
    async read(cell) {
      const [list, told] = await Promise.all([devices(redis, cell), conditions(redis, cell)]);
      return list.length > 0 || told.length > 0 || (await cellState(redis, cell)) ? { devices: list, conditions: told } : undefined;
    },
  });
  add({
    path: '/discrepancies', name: 'discrepancies', may: 'discrepancies', summary: '矛盾记录 Contradictions on the record, oldest first.', query: z.strictObject({ from: place(1), count: page(1000, 200) }), reply: listOf('discrepancies'),
    read: (cell, { from, count }) => listed(cell, 'discrepancies', discrepancies(redis, cell, from, count)),
  });
  add({
    path: '/residents', name: 'residents', may: 'residents', summary: '居民 Residents by number: expected or excused, swabs, ticket, station. No personal data.', query: z.strictObject({ from: place(1), count: page(1000, 500) }), reply: listOf('residents'),
    read: (cell, { from, count }) => listed(cell, 'residents', residents(redis, cell, from, count)),
  });
  add({
    path: '/residents/:resident', name: 'resident', may: 'residents', summary: '一位居民 One resident by number.', params: z.strictObject({ resident: number }), query: none, reply: entry,
    read: (cell, _, params) => resident(redis, cell, params.resident),
  });
  add({
    path: '/residents/:resident/story', name: 'residentStory', may: 'residents', summary: '居民经过 What happened with a resident, newest first.', params: z.strictObject({ resident: number }), query: storyQuery, reply: listOf('events'),
    read: async (cell, { count }, params, request) => ((await resident(redis, cell, params.resident)) ? told(request, cell, await story(redis, cell, { resident: params.resident }, count)) : undefined),
  });
  add({
    path: '/tubes', name: 'tubes', may: 'tubes', summary: '试管 Tubes page by page; the page whose cursor is 0 was the last.', query: z.strictObject({ cursor, count: page(1000, 500) }), reply: listOf('tubes', { cursor: { type: 'string' } }),
    async read(cell, { cursor: from, count }) {
      const found = await tubes(redis, cell, from, count);
      return found.tubes.length > 0 || (await cellState(redis, cell)) ? found : undefined;
    },
  });
  add({
    path: '/tubes/:tube', name: 'tube', may: 'tubes', summary: '一支试管 One tube by its printed code, with everyone whose swab is or was in it.', params: z.strictObject({ tube: tubeCode }), query: none, reply: entry,
    read: (cell, _, params) => tube(redis, cell, params.tube),
  });
  add({
    path: '/tubes/:tube/story', name: 'tubeStory', may: 'tubes', summary: '试管经过 What happened with a tube, newest first.', params: z.strictObject({ tube: tubeCode }), query: storyQuery, reply: listOf('events'),
    read: async (cell, { count }, params, request) => ((await tube(redis, cell, params.tube)) ? told(request, cell, await story(redis, cell, { tube: params.tube }, count)) : undefined),
  });
  add({
    path: '/events', name: 'events', may: 'events', summary: '事件 Events after a position, oldest first; none: that was the last.', query: z.strictObject({ after: position.default('0'), count: page(2000, 500) }), reply: listOf('events', { after: { type: 'string' } }),
    async read(cell, { after, count }, _params, request) {
      const events = await readEvents(redis, cell, after, count);
      return events.length > 0 || (await cellState(redis, cell)) ? { ...(await told(request, cell, events)), after: events.at(-1)?.id ?? after } : undefined;
    },
  });
}

const cellsQuery = z.strictObject({ from: place(0), count: page(200, 100) });
const checkCells = compileCheck(cellsQuery);

const byOrdinal = (a: { ordinal: number }, b: { ordinal: number }) => a.ordinal - b.ordinal;
