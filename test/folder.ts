// A folder of a test's own that outlives whatever the test serves from it: tap removes its `t.testdir()` before the teardowns have run,
// under a service that still writes there.

import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** An empty folder, removed after everything that was torn down later than this call. */
export function ownFolder(t: { teardown(end: () => unknown): void }): string {
  const dir = mkdtempSync(join(tmpdir(), 'swabline-test-'));
  t.teardown(() => rm(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }));
  return dir;
}
