// The master key of all tests that share a Redis. The vault tries its key on every round of the record when it opens, so tests with a
// key each would stop each other. This one is the same in every process and every run, and protects nothing.

import { createHash, randomBytes } from 'node:crypto';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The file to give to openVault in a test on the shared Redis. */
export async function testMasterKey(): Promise<string> {
  const directory = join(tmpdir(), `swabline-test-key-${process.getuid?.() ?? 0}`);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const file = join(directory, 'master.key');
  // Several processes may be here at once, all with the same bytes.
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  await writeFile(draft, createHash('sha256').update('the master key of the tests').digest(), { mode: 0o600 });
  await rename(draft, file);
  return file;
}
