// What `verify`, `rebuild` and `swabline remove` share: which archive is meant, which keys count, and the sentences about what was found.

import type { KeyObject } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Redis } from 'ioredis';
import { type Config, ConfigError } from '../../config.js';
import { ArchiveDamaged, isArchive, keysIn, nameOf } from '../../ledger/copy/archive.js';
import { NotABackup } from '../../ledger/copy/keysBackup.js';
import { type CellVerdict, NotEmpty } from '../../ledger/copy/rebuild.js';
import { keyId, readPublicKey } from '../../ledger/copy/signing.js';
import { AlreadyRunning } from '../../ledger/dataLock.js';
import { RedisUnavailable } from '../../ledger/embedded.js';

/** The command was given something it cannot work with; the message says what. */
export class Misuse extends Error {
  override name = 'Misuse';
}

export function archiveAt(dir: string): string {
  if (!isArchive(dir)) throw new Misuse(`There is no archive in ${dir}.`);
  return dir;
}

/** The keys that count: the one in the file, else those that stand in the archive itself. @throws Misuse */
export function trustedKeys(dir: string, file: string | undefined): Map<string, KeyObject> {
  if (file === undefined) return keysIn(dir);
  if (!existsSync(file)) throw new Misuse(`There is no key in ${file}.`);
  try {
    // The private key of the machine holds the public one.
    const key = readPublicKey(readFileSync(file, 'utf8'));
    return new Map([[keyId(key), key]]);
  } catch {
    throw new Misuse(`${file} holds no key in PEM.`);
  }
}

/** Tries a Redis that was named before anything is done with it. @throws Misuse, without the address: it may hold a password */
export async function reach(redis: Redis): Promise<void> {
  await redis.ping().catch((fault: Error) => {
    throw new Misuse(`The Redis that was named does not answer (${fault.message}).`);
  });
}

/** Where this machine keeps the key it signs with. */
export const ownKeyFile = (config: Config): string => join(dirname(config.masterKeyFile), 'archive.key');

const count = (n: number, one: string): string => `${n.toLocaleString('en')} ${one}${n === 1 ? '' : 's'}`;

/** One line about a cell that is in order. */
export function soundness({ cell, changes, segments, unsigned, record, behind }: CellVerdict): string {
  const with_ = {
    same: 'the record is the same',
    ahead: `the record is the same so far and ${count(behind, 'change')} ahead`,
    gone: 'no longer on the record',
    none: 'compared with no record',
    differs: 'the record differs',
  }[record];
  return `${nameOf(cell)}: ${count(changes, 'change')} in ${count(segments, 'segment')}${unsigned > 0 ? `, the last ${unsigned} not signed yet` : ''}; ${with_}.`;
}

/** What a tool says: what was asked for, and everything else. */
export interface Out {
  print(text: string): void;
  say(sentence: string): void;
}

export const onConsole: Out = { print: (text) => process.stdout.write(`${text}\n`), say: (sentence) => process.stderr.write(`${sentence}\n`) };

/** Runs a tool and gives its exit code; what a person can put right is said in a sentence, without a stack trace. */
export async function runTool({ say }: Out, work: () => Promise<number>): Promise<number> {
  try {
    return await work();
  } catch (fault) {
    const misuse = fault instanceof Misuse || (fault as { code?: string }).code?.startsWith('ERR_PARSE_ARGS');
    const expected = misuse || [ArchiveDamaged, ConfigError, NotEmpty, NotABackup, AlreadyRunning, RedisUnavailable].some((kind) => fault instanceof kind);
    say(expected ? (fault as Error).message : ((fault as Error).stack ?? String(fault)));
    return misuse ? 2 : 1;
  }
}
