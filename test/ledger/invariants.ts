// The invariants of a record: what must be true of every cell at any moment, read from its keys and its stream.
import type { Redis } from 'ioredis';
import type { CellName } from '../../src/domain/requests.js';
export const invariants = async (_r: Redis, _c: CellName): Promise<string[]> => [];
