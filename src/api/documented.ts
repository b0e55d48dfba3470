// What a route says of itself in the OpenAPI document. The checking is done by the route, which knows more than a schema can say, so
// Fastify is told to check nothing.

import type { FastifySchema, RouteShorthandOptions } from 'fastify';
import { z } from 'zod';
import type { Policy } from './badge.js';
import { jsonSchema } from './checks.js';

export interface Description {
  /** One line in both languages. */
  summary: string;
  description?: string;
  tag: string;
  /** Stable name of the operation. */
  name: string;
  params?: z.ZodType;
  query?: z.ZodType;
  body?: z.ZodType | Record<string, unknown>;
  /** Media type of the body, where it is not JSON. */
  consumes?: string;
  /** Who may call it. */
  may?: Policy;
  /** By status; a plain object is JSON Schema already. */
  replies?: Record<number, z.ZodType | Record<string, unknown>>;
}

const schemaOf = (schema: z.ZodType | Record<string, unknown>): Record<string, unknown> =>
  schema instanceof z.ZodType ? jsonSchema(schema, 'draft-2020-12') : schema;

/** Route options with the description, and no checking or serialising by Fastify. */
export function documented({ summary, description, tag, name, params, query, body, consumes, may, replies = {} }: Description): RouteShorthandOptions {
  const schema: FastifySchema & Record<string, unknown> = {
    summary, tags: [tag], operationId: name,
    ...(description ? { description } : {}),
    ...(params ? { params: schemaOf(params) } : {}),
    ...(query ? { querystring: schemaOf(query) } : {}),
    ...(body ? { body: schemaOf(body) } : {}),
    ...(consumes ? { consumes: [consumes] } : {}),
    response: {
      ...Object.fromEntries(Object.entries(replies).map(([status, reply]) => [status, schemaOf(reply)])),
      default: { description: 'A problem (application/problem+json).', content: { 'application/problem+json': { schema: problemSchema } } },
    },
  };
  return { schema, ...(may ? { config: { may } } : {}), validatorCompiler: () => () => true, serializerCompiler: () => (value) => JSON.stringify(value) };
}

const line = { type: 'string' };

export const problemSchema = {
  type: 'object',
  required: ['type', 'title', 'status', 'word', 'zh', 'en', 'nextZh', 'nextEn'],
  properties: {
    type: line, title: line, status: { type: 'integer' }, word: { ...line, description: 'The same word for the same reason, always.' },
    zh: { ...line, description: 'For the person, in Chinese.' }, en: { ...line, description: 'For the person, in English.' },
    nextZh: { ...line, description: 'What to do now, in Chinese.' }, nextEn: { ...line, description: 'What to do now, in English.' },
    detail: { type: 'object', description: 'More for programs; never what was sent.' },
  },
};

const whole = { type: 'integer' };

const receiptFields = {
  dataEpoch: { ...line, description: 'Another value means that the record may have gone back: send again everything above the mark.' },
  at: { ...whole, description: "The cell's time, ms since 1970 UTC." },
  mark: { ...whole, description: 'Highest number of this device received without a hole below it.' },
  missing: { ...whole, description: 'Numbers given out by the device and not received.' },
  lost: { ...whole, description: 'Numbers two people stopped waiting for.' },
  copies: { ...whole, enum: [1, 2], description: 'How many disks keep what is received; 1: one copy only.' },
  safeUpTo: { ...whole, description: 'Highest number of this device up to which a second disk holds everything; 0 where there is none.' },
  due: { ...whole, description: 'Items due by the clock of the cell, told by runDue and advanceClock.' },
};

const answer = {
  type: 'object',
  required: ['outcome'],
  properties: {
    number: whole,
    outcome: { enum: ['applied', 'refused', 'quarantined', 'fault', 'unreadable'] },
    again: { type: 'boolean', description: 'This is the answer to a repeat.' },
    events: { type: 'array', items: { type: 'object', required: ['event'], properties: { event: line }, additionalProperties: true }, description: 'What was recorded (applied).' },
    word: { ...line, description: 'Why not (refused, unreadable, fault).' },
    detail: { type: 'object' }, zh: line, en: line, nextZh: line, nextEn: line,
  },
};

/** The answer to an outbox. */
export const receiptSchema = { type: 'object', required: Object.keys(receiptFields).concat('answers'), properties: { ...receiptFields, answers: { type: 'array', items: answer, description: 'One for each record, in its order.' } } };
/** The answer to a step sent alone. */
export const stepReplySchema = { type: 'object', required: Object.keys(receiptFields).concat('answer'), properties: { ...receiptFields, answer } };
