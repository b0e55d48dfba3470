// The cell an address names, `/api/cells/:round/:area`. Whether there is such a cell, the record says.

import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { refusals } from '../domain/refusals.js';
import { identifier } from '../domain/fields.js';
import type { CellName } from '../domain/requests.js';
import { Problem } from './problems.js';

export const cellAddress = '/api/cells/:round/:area';
export const cellParams = z.object({ round: identifier, area: identifier });

const name = /^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$/;

/** The cell, or undefined where the address holds what can be no cell's name. */
export function cellOf(request: FastifyRequest): CellName | undefined {
  const { round, area } = request.params as CellName;
  return name.test(round) && name.test(area) ? { round, area } : undefined;
}

/** No such cell, in the words the record uses. */
export const cellUnknown = (): Problem => new Problem('nothing_there', undefined, { word: 'cell_unknown', zh: refusals.cell_unknown.zh, en: refusals.cell_unknown.en });
