// Whatever was thrown while a request was served, as a problem in words: never a stack trace, never the fault's own text.

import type { FastifyError } from 'fastify';
import { Problem, type ProblemWord } from './problems.js';

/** What Redis says when it cannot take a command just now: away, starting, not the master, out of memory or of disk. */
const redisCannot = /^(LOADING|READONLY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|NOREPLICAS|MISCONF|OOM|BUSY|NOAUTH|WRONGPASS|MAXCLIENTS)\b/;
const connectionLost = /^(Connection is closed|Command timed out|Socket closed|Stream isn't writeable|Reached the max retries per request limit)/i;
const networkCodes = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ENOENT', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'EAI_AGAIN', 'EACCES', 'ECONNABORTED']);

/** Is the record out of reach, rather than something wrong here? Then nothing was lost: the device sends again. */
export function isUnreachable(fault: unknown): boolean {
  const { message = '', name = '', code = '' } = (fault ?? {}) as { message?: string; name?: string; code?: string };
  return redisCannot.test(message) || connectionLost.test(message) || name === 'MaxRetriesPerRequestError' || networkCodes.has(code);
}

/** Fastify's own refusals, by their code. */
const byCode: Readonly<Record<string, ProblemWord>> = {
  FST_ERR_CTP_INVALID_JSON_BODY: 'not_json',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'no_content',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'content_type_wrong',
  FST_ERR_CTP_BODY_TOO_LARGE: 'content_too_large',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'malformed_request',
  FST_ERR_NOT_FOUND: 'not_found',
  FST_ERR_BAD_URL: 'malformed_request',
  FST_ERR_MAX_PARAM_LENGTH: 'address_too_long',
  FST_ERR_REOPENED_CLOSE_SERVER: 'shutting_down',
};

/** By status, for what is thrown without a code we know. */
const byStatus: Readonly<Record<number, ProblemWord>> = {
  400: 'malformed_request', 404: 'not_found', 413: 'content_too_large', 414: 'address_too_long', 415: 'content_type_wrong', 503: 'shutting_down',
};

/** Carries a problem out of a place that can only throw (Fastify's checks). */
export class ProblemThrown extends Error {
  override name = 'ProblemThrown';
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.body.word);
    this.problem = problem;
  }
}

export function problemOf(fault: unknown): Problem {
  if (fault instanceof ProblemThrown) return fault.problem;
  const { code, statusCode } = (fault ?? {}) as Partial<FastifyError>;
  if (isUnreachable(fault)) return new Problem('record_unreachable');
  const word = byCode[code ?? ''] ?? (statusCode !== undefined && statusCode < 500 ? (byStatus[statusCode] ?? 'malformed_request') : undefined);
  return new Problem(word ?? 'step_failed');
}

/** What may be logged of a fault: its kind and message. ioredis hangs the whole command on its errors, so nothing else is. */
export const faultOf = (fault: unknown): { fault: string; message: string } => {
  const { name = 'Error', message = String(fault) } = (fault ?? {}) as Error;
  return { fault: name, message: message.slice(0, 500) };
};
