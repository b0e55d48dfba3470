// What screens may look at: named reads of a cell, each bounded or paged. They change nothing and hold no personal data; residents are
// numbers here. Under pressure they are refused first, with Retry-After (pressure.ts).

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { LedgerEvent } from '../domain/events.js';
import { type CellName, tubeCode } from '../domain/requests.js';
import type { ReadName } from '../domain/roles.js';
import {
  cellState, devices, directory, discrepancies, openedCells, resident, residents, stations, story, tube, tubes, unfinished,
} from '../ledger/reads.js';
import { readEvents } from '../ledger/stream.js';
import { badgeMayRead, knowsCell } from './badge.js';
import { cellAddress, cellOf, cellParams, cellUnknown } from './cells.js';
import { type Check, compileCheck, sentenceOf } from './checks.js';
import { documented } from './documented.js';
import type { Door } from './door.js';
import { anyNote, openNotes } from './notes.js';
import { Problem, sendProblem } from './problems.js';
import { plainEvent } from './replies.js';

/** Places in lists and pages; numbers come as text in an address. */
const place = (first: number) => z.int().min(first).max(100_000_000).default(first);
const page = (max: number, usual: number) => z.int().min(1).max(max).default(usual);
const position = z.string().regex(/^\d{1,15}(-\d{1,15})?$/);
const none = z.strictObject({});

const number = z.int().min(1).max(999_999_999);

interface Read<Query extends z.ZodObject, Params extends z.ZodObject> {
  /** What follows the cell's address. */
  path: string;
  name: string;
  /** The line of the table of roles. */
  may: ReadName;
  summary: string;
  query: Query;
  params?: Params;
  reply: Record<string, unknown>;
  /** The answer; undefined: there is no such entry, or no such cell. */
  read(cell: CellName, query: z.output<Query>, params: z.output<Params>, request: FastifyRequest): Promise<object | undefined>;
}

const listOf = (name: string, more: Record<string, unknown> = {}) => ({
  type: 'object', required: [name], properties: { [name]: { type: 'array', items: { type: 'object', additionalProperties: true } }, ...more },
});
const entry = { type: 'object', additionalProperties: true };

export function readRoutes(app: FastifyInstance, door: Door): void {
  const { redis } = door.ledger;

  const add = <Query extends z.ZodObject, Params extends z.ZodObject = typeof none>(one: Read<Query, Params>): void => {
    const params = one.params ? cellParams.extend(one.params.shape) : cellParams;
    const options = documented({ name: one.name, tag: 'reads', summary: one.summary, may: { read: one.may }, params, query: one.query, replies: { 200: one.reply } });
    const checkQuery = compileCheck(one.query);
    const checkParams = one.params && compileCheck(one.params);
    app.get(`${cellAddress}${one.path}`, options, (request, reply) =>
      relieved(door, reply, async () => {
        const cell = cellOf(request);
        if (!cell) return cellUnknown();
        const query = checkWords(checkQuery, one.query, request.query);
        if (query instanceof Problem) return query;
        const asked = checkParams && one.params ? checkWords(checkParams, one.params, request.params) : {};
        if (asked instanceof Problem) return new Problem('nothing_there');
        const found = await one.read(cell, query, asked as z.output<Params>, request);
        return found ?? ((await cellState(redis, cell)) ? new Problem('nothing_there') : cellUnknown());
      }),
    );
  };

  app.get('/api/cells', documented({ name: 'cells', tag: 'reads', summary: '所有单元 The cells that have been opened, by name; those one has to do with.', may: { read: 'cells' }, query: cellsQuery, replies: { 200: listOf('cells') } }), (request, reply) =>
    relieved(door, reply, async () => {
      const query = checkWords(checkCells, cellsQuery, request.query);
      if (query instanceof Problem) return query;
      const opened = await openedCells(redis);
      const all = request.badges ? opened.filter((cell) => request.badges.some((badge) => knowsCell(badge, cell))) : opened;
      const some = await Promise.all(all.slice(query.from, query.from + query.count).map(async (cell) => ({ cell, state: await cellState(redis, cell) })));
      return {
        // A cell that was announced and never opened has no state.
        cells: some.flatMap(({ cell, state }) => (state ? [{ ...cell, name: state.name, state: state.state, rehearsal: state.rehearsal, openedAt: state.openedAt }] : [])),
        total: all.length,
      };
    }),
  );

  add({
    path: '', name: 'cell', may: 'cell', summary: '单元概况 The round in this area: its rules, its counters, the names of sites and villages by their ordinal.', query: none, reply: entry,
    async read(cell) {
      const [state, { sites, villages }] = await Promise.all([cellState(redis, cell), directory(redis, cell)]);
      return state && {
        ...state,
        sites: [...sites].map(([ordinal, site]) => ({ ordinal, site })).sort(byOrdinal),
        villages: [...villages].map(([ordinal, village]) => ({ ordinal, village })).sort(byOrdinal),
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
    path: '/devices', name: 'devices', may: 'presence', summary: '设备 Every device that has spoken: numbers given out, applied, refused, quarantined, lost, missing.', query: none, reply: listOf('devices'),
    read: (cell) => listed(cell, 'devices', devices(redis, cell)),
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
    path: '/residents/:resident/story', name: 'residentStory', may: 'residents', summary: '居民经过 What happened with a resident, newest first.', params: z.strictObject({ resident: number }), query: z.strictObject({ count: page(200, 100) }), reply: listOf('events'),
    read: async (cell, { count }, params, request) => ((await resident(redis, cell, params.resident)) ? told(request, cell, await story(redis, cell, { resident: params.resident }, count)) : undefined),
  });
  add({
    path: '/tubes', name: 'tubes', may: 'tubes', summary: '试管 Tubes page by page; the page whose cursor is 0 was the last.', query: z.strictObject({ cursor: z.string().regex(/^\d{1,20}$/).default('0'), count: page(1000, 500) }), reply: listOf('tubes', { cursor: { type: 'string' } }),
    async read(cell, { cursor, count }) {
      const found = await tubes(redis, cell, cursor, count);
      return found.tubes.length > 0 || (await cellState(redis, cell)) ? found : undefined;
    },
  });
  add({
    path: '/tubes/:tube', name: 'tube', may: 'tubes', summary: '一支试管 One tube by its printed code, with everyone whose swab is or was in it.', params: z.strictObject({ tube: tubeCode }), query: none, reply: entry,
    read: (cell, _, params) => tube(redis, cell, params.tube),
  });
  add({
    path: '/tubes/:tube/story', name: 'tubeStory', may: 'tubes', summary: '试管经过 What happened with a tube, newest first.', params: z.strictObject({ tube: tubeCode }), query: z.strictObject({ count: page(200, 100) }), reply: listOf('events'),
    read: async (cell, { count }, params, request) => ((await tube(redis, cell, params.tube)) ? told(request, cell, await story(redis, cell, { tube: params.tube }, count)) : undefined),
  });
  add({
    path: '/events', name: 'events', may: 'events', summary: '事件 Events after a position, oldest first; none: that was the last.', query: z.strictObject({ after: position.default('0'), count: page(2000, 500) }), reply: listOf('events', { after: { type: 'string' } }),
    async read(cell, { after, count }, _params, request) {
      const events = await readEvents(redis, cell, after, count);
      return events.length > 0 || (await cellState(redis, cell)) ? { ...(await told(request, cell, events)), after: events.at(-1)?.id ?? after } : undefined;
    },
  });

  /** Events as they are shown: free words in clear to those who may see people. */
  async function told(request: FastifyRequest, cell: CellName, events: LedgerEvent[]): Promise<{ events: object[] }> {
    if (anyNote(events)) {
      const may = !request.badges || request.badges.some((badge) => badgeMayRead(badge, 'person', cell));
      const vault = may ? await door.vault.round(cell.round).catch(() => 'erased' as const) : 'erased';
      openNotes(events, cell, vault === 'erased' ? undefined : vault);
    }
    for (const event of events) plainEvent(event);
    return { events };
  }

  /** An empty list may mean that there is no such cell. */
  async function listed(cell: CellName, name: string, list: Promise<object[]>): Promise<object | undefined> {
    const found = await list;
    return found.length > 0 || (await cellState(redis, cell)) ? { [name]: found } : undefined;
  }
}

const cellsQuery = z.strictObject({ from: place(0), count: page(200, 100) });
const checkCells = compileCheck(cellsQuery);

const byOrdinal = (a: { ordinal: number }, b: { ordinal: number }) => a.ordinal - b.ordinal;

/** Checks words of an address; those that the schema wants as numbers are made numbers where they look like one. */
function checkWords<Schema extends z.ZodObject>(check: Check<z.output<Schema>>, schema: Schema, sent: unknown): z.output<Schema> | Problem {
  const words: Record<string, unknown> = { ...(sent as Record<string, unknown>) };
  for (const [name, value] of Object.entries(words)) {
    if (typeof value === 'string' && /^\d{1,15}$/.test(value) && wantsNumber(schema.shape[name])) words[name] = Number(value);
  }
  if ('round' in words && !('round' in schema.shape)) {
    delete words['round'];
    delete words['area'];
  }
  const checked = check(words);
  return checked.ok ? checked.value : new Problem('content_invalid', { faults: checked.faults }, sentenceOf(checked.faults));
}

const wantsNumber = (schema: unknown): boolean => {
  const def = (schema as { _zod?: { def: { type: string; innerType?: unknown } } } | undefined)?._zod?.def;
  return def?.type === 'number' || (def?.innerType !== undefined && wantsNumber(def.innerType));
};

/** Reads only while there is room for reads. */
async function relieved(door: Door, reply: FastifyReply, work: () => Promise<object | Problem>): Promise<FastifyReply> {
  if (!door.pressure.roomForRead()) return sendProblem(reply, new Problem('reads_shed'));
  door.pressure.reads++;
  try {
    const found = await work();
    if (found instanceof Problem) return sendProblem(reply, found);
    return reply.header('content-type', 'application/json; charset=utf-8').header('cache-control', 'no-store').send(JSON.stringify(found));
  } finally {
    door.pressure.reads--;
  }
}
