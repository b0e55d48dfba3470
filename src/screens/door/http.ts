// Asking the service: JSON over HTTP with the cookie of this device or person. "No" is a value here as everywhere: a problem in words. A
// service that does not answer is a problem like others, so that no screen forgets it.

import { common } from '../words/everywhere.js';

/** What is wrong, in words: application/problem+json as the service sends it. */
export interface Problem {
  status: number;
  word: string;
  zh: string;
  en: string;
  nextZh: string;
  nextEn: string;
  detail?: Record<string, unknown>;
  /** Seconds after which to try again. */
  retryAfter?: number;
}

export type Reply<Value> = { ok: true; value: Value } | { ok: false; problem: Problem };

export const silence: Problem = { status: 0, word: 'no_answer', zh: common.noAnswer.zh, en: common.noAnswer.en, nextZh: common.noAnswerNext.zh, nextEn: common.noAnswerNext.en };

interface Asked {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  body?: unknown;
  /** ms after which the service counts as silent. */
  patience?: number;
  headers?: Record<string, string>;
}

/** Sends a request; never throws. A FormData body is sent as a file, everything else as JSON. */
export async function ask<Value>(path: string, { method, body, patience = 15_000, headers = {} }: Asked = {}): Promise<Reply<Value>> {
  const file = body instanceof FormData;
  try {
    const response = await fetch(path, {
      method: method ?? (body === undefined ? 'GET' : 'POST'),
      // The header tells the service that a page of ours asks, and no form of somebody else's (CSRF).
      headers: { 'x-swabline': '1', ...(body === undefined || file ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: file ? body : JSON.stringify(body) }),
      signal: AbortSignal.timeout(patience),
      cache: 'no-store',
    });
    const value: unknown = response.headers.get('content-type')?.includes('json') ? await response.json() : undefined;
    if (response.ok) return { ok: true, value: value as Value };
    const retryAfter = Number(response.headers.get('retry-after'));
    const problem = typeof value === 'object' && value !== null && 'word' in value ? (value as Problem) : { ...silence, status: response.status };
    return { ok: false, problem: { ...problem, status: response.status, ...(retryAfter > 0 ? { retryAfter } : {}) } };
  } catch {
    return { ok: false, problem: silence };
  }
}

export const get = <Value>(path: string): Promise<Reply<Value>> => ask<Value>(path);
export const post = <Value>(path: string, body: unknown, more: Omit<Asked, 'body' | 'method'> = {}): Promise<Reply<Value>> => ask<Value>(path, { ...more, method: 'POST', body });

/** `/api/cells/round/area`. */
export const cellPath = ({ round, area }: { round: string; area: string }): string => `/api/cells/${encodeURIComponent(round)}/${encodeURIComponent(area)}`;
