// At which site a station stands: asked by the door to hold a role to its own site. A station never changes its site (openStation
// refuses it as station_elsewhere), so what was found once is true for good.

import type { Redis } from 'ioredis';
import type { CellName } from '../domain/requests.js';
import type { RoundRules } from '../domain/roundRules.js';
import { decode } from './codec.js';
import { keyOf } from './keys.js';
import { directory } from './reads.js';
import * as records from './records.js';

/** The site of a station by its code; undefined where no such station has been opened. */
export async function siteOf(redis: Redis, cell: CellName, station: string): Promise<string | undefined> {
  const key = keyOf(cell, 'stations');
  const ordinal = await redis.hget(key, `@${station}`);
  const bytes = ordinal === null ? null : await redis.hgetBuffer(key, ordinal);
  if (!bytes) return undefined;
  return (await directory(redis, cell)).sites.get(decode(records.station, bytes).values['site'] as number);
}

/** The rules a round was opened with; they do not change. Undefined where no round has been opened. */
export async function rulesOf(redis: Redis, cell: CellName): Promise<RoundRules | undefined> {
  const rules = await redis.hget(keyOf(cell, 'cell'), 'rules');
  return rules === null ? undefined : (JSON.parse(rules) as RoundRules);
}
