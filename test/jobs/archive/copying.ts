// A record that is being archived, for the tests of the second copy: a Redis of the test's own, a folder, and an archiver on both.

import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import type { Test } from 'tap';
import type { CellName } from '../../../src/domain/requests.js';
import { type Archiver, type ArchiverOptions, startArchive } from '../../../src/jobs/archive/archiver.js';
import { type ArchiveEnd, ArchiveReader, type FoundChange, keysIn } from '../../../src/ledger/copy/archive.js';
import { type CopyEntry, EntryReader } from '../../../src/ledger/copy/entries.js';
import type { EmbeddedRedis } from '../../../src/ledger/embedded.js';
import { createLedger } from '../../../src/ledger/ledger.js';
import { connect } from '../../../src/ledger/redis.js';
import { ownRedis } from '../../support-redis.js';

export interface Copying {
  server: EmbeddedRedis;
  redis: Redis;
  dir: string;
  keyFile: string;
  /** Sentences the archiver has logged, with what belongs to them. */
  said: string[];
  start(options?: Partial<ArchiverOptions>): Archiver;
}

export function folder(t: Test, root = tmpdir()): string {
  const dir = mkdtempSync(join(root, 'swabline-archive-'));
  t.teardown(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** A Redis, a folder and what starts an archiver from one to the other; all of it goes with the test. */
export async function copying(t: Test, { dir = folder(t) } = {}): Promise<Copying> {
  const server = await ownRedis(t, { appendfsync: 'no' });
  const redis = connect(server.url);
  t.teardown(() => redis.disconnect());
  const said: string[] = [];
  const hear = (detail: object, message: string) => void said.push(`${message} ${JSON.stringify(detail)}`);
  const log = { info: hear, warn: hear, error: hear } as unknown as ArchiverOptions['log'];
  const keyFile = join(folder(t), 'archive.key');
  return {
    server, redis, dir, keyFile, said,
    start(options = {}) {
      const ledger = createLedger(redis, { error: (detail) => t.fail(JSON.stringify(detail)) });
      const archiver = startArchive({ ledger, following: connect(server.url, { patient: true }), dir, keyFile, copies: 1, log, ...options });
      t.teardown(() => archiver.close());
      return archiver;
    },
  };
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Everything the archive of a cell holds, checked. */
export async function readAll(dir: string, cell: CellName): Promise<{ found: FoundChange[]; end: ArchiveEnd }> {
  const reader = new ArchiveReader(dir, cell, keysIn(dir));
  const found: FoundChange[] = [];
  for await (const segment of reader.changes()) found.push(...segment);
  return { found, end: reader.end };
}

/** Everything the record of a cell holds for a copy. */
export async function entriesOf(redis: Redis, cell: CellName): Promise<CopyEntry[]> {
  const all: CopyEntry[] = [];
  const reader = new EntryReader(redis, cell);
  for (;;) {
    const last = all.at(-1);
    const page = await reader.after(last?.position ?? '', last?.bytes, 500);
    if (page === null) throw new Error('the record has changed');
    if (page.length === 0) return all;
    all.push(...page);
  }
}
