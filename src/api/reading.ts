// One read of a cell: its address, what may be asked of it, and the way every read takes, checked, and shed when there is too much to do.

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { LedgerEvent } from '../domain/events.js';
import type { CellName } from '../domain/requests.js';
import type { ReadName } from '../domain/roles.js';
import { kindOf } from '../ledger/laboratory.js';
import { cellState } from '../ledger/reads.js';
import type { RoundVault } from '../vault/vault.js';
import { badgeMayRead } from './badge.js';
import { cellAddress, cellOf, cellParams, cellUnknown } from './cells.js';
import { type Check, compileCheck, sentenceOf } from './checks.js';
import { documented } from './documented.js';
import type { Door } from './door.js';
import { anyNote, openNotes } from './notes.js';
import { Problem, sendProblem } from './problems.js';
import { plainEvent } from './replies.js';

/** Places in lists and pages; numbers come as text in an address. */
export const place = (first: number) => z.int().min(first).max(100_000_000).default(first);
export const page = (max: number, usual: number) => z.int().min(1).max(max).default(usual);
/** The number of a resident, a ticket, a trip. */
export const number = z.int().min(1).max(999_999_999);
export const none = z.strictObject({});
/** Where a page of a scan begins. */
export const cursor = z.string().regex(/^\d{1,20}$/).default('0');
export const storyQuery = z.strictObject({ count: page(200, 100) });

export const entry = { type: 'object', additionalProperties: true };
export const listOf = (name: string, more: Record<string, unknown> = {}) => ({
  type: 'object', required: [name], properties: { [name]: { type: 'array', items: entry }, ...more },
});

export interface Read<Query extends z.ZodObject, Params extends z.ZodObject> {
  /** What follows the cell's address. */
  path: string;
  name: string;
  /** The line of the table of roles. */
  may: ReadName;
  summary: string;
  description?: string;
  /** Where it stands in the description; `reads` unless it shows people. */
  tag?: string;
  /** The kind of cell it is read in, where the other kind keeps something else in that place. */
  in?: 'area' | 'laboratory';
  query: Query;
  params?: Params;
  reply: Record<string, unknown>;
  /** The answer; undefined: there is no such entry, or no such cell. */
  read(cell: CellName, query: z.output<Query>, params: z.output<Params>, request: FastifyRequest): Promise<object | Problem | undefined>;
}

export interface Reads {
  add<Query extends z.ZodObject, Params extends z.ZodObject = typeof none>(one: Read<Query, Params>): void;
  /** An empty list may mean that there is no such cell. */
  listed(cell: CellName, name: string, list: Promise<object[]>): Promise<object | undefined>;
  /** Events as they are shown: free words in clear to those who may see people. */
  told(request: FastifyRequest, cell: CellName, events: LedgerEvent[]): Promise<{ events: object[] }>;
  /** The round's vault for somebody who may see people masked; undefined for others, and where the people are gone. */
  vaultFor(request: FastifyRequest, cell: CellName): Promise<RoundVault | undefined>;
}

const elsewhere = {
  laboratory: new Problem('nothing_there', undefined, { word: 'wrong_cell', zh: '此处不是实验室', en: 'This cell is no laboratory', nextZh: '请在实验室的单元查询', nextEn: "Look in the laboratory's own cell" }),
  area: new Problem('nothing_there', undefined, { word: 'wrong_cell', zh: '此处是实验室', en: 'This cell is a laboratory', nextZh: '请在采样区域的单元查询', nextEn: 'Look in the cell of the area' }),
} as const;

export function readsOf(app: FastifyInstance, door: Door): Reads {
  const { redis } = door.ledger;
  const reads: Reads = {
    add(one) {
      const params = one.params ? cellParams.extend(one.params.shape) : cellParams;
      const { name, summary, query: asks, tag = 'reads', may, reply: told, description } = one;
      const options = documented({ name, tag, summary, ...(description ? { description } : {}), may: { read: may }, params, query: asks, replies: { 200: told } });
      const checkQuery = compileCheck(asks);
      const checkParams = one.params && compileCheck(one.params);
      app.get(`${cellAddress}${one.path}`, options, (request, reply) =>
        relieved(door, reply, async () => {
          const cell = cellOf(request);
          if (!cell) return cellUnknown();
          const query = checkWords(checkQuery, asks, request.query);
          if (query instanceof Problem) return query;
          const named = checkParams && one.params ? checkWords(checkParams, one.params, request.params) : {};
          if (named instanceof Problem) return new Problem('nothing_there');
          if (one.in && ((await kindOf(redis, cell)) ?? one.in) !== one.in) return elsewhere[one.in];
          const found = await one.read(cell, query, named as Parameters<typeof one.read>[2], request);
          return found ?? ((await cellState(redis, cell)) ? new Problem('nothing_there') : cellUnknown());
        }),
      );
    },
    async listed(cell, name, list) {
      const found = await list;
      return found.length > 0 || (await cellState(redis, cell)) ? { [name]: found } : undefined;
    },
    async told(request, cell, events) {
      if (anyNote(events)) openNotes(events, cell, await reads.vaultFor(request, cell));
      for (const event of events) plainEvent(event);
      return { events };
    },
    async vaultFor(request, cell) {
      // A door without a gate has no badges; it is for measurements and tests, and hides nothing.
      if (request.badges && !request.badges.some((badge) => badgeMayRead(badge, 'person', cell))) return undefined;
      const vault = await door.vault.round(cell.round).catch(() => 'erased' as const);
      return vault === 'erased' ? undefined : vault;
    },
  };
  return reads;
}

/** Checks words of an address; those that the schema wants as numbers are made numbers where they look like one. */
export function checkWords<Schema extends z.ZodObject>(check: Check<z.output<Schema>>, schema: Schema, sent: unknown): z.output<Schema> | Problem {
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

const shed = new Problem('reads_shed');

/** Reads only while there is room for reads. */
export async function relieved(door: Door, reply: FastifyReply, work: () => Promise<object | Problem>): Promise<FastifyReply> {
  if (!door.pressure.roomForRead()) return sendProblem(reply, shed);
  door.pressure.reads++;
  try {
    const found = await work();
    if (found instanceof Problem) return sendProblem(reply, found);
    return reply.header('content-type', 'application/json; charset=utf-8').header('cache-control', 'no-store').send(JSON.stringify(found));
  } finally {
    door.pressure.reads--;
  }
}
