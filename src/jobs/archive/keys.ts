// Keeps the backup of the keys up to date, beside the master key and apart from the archive. A round's keys are in it a few seconds after
// the round is opened, and out of it a few seconds after they are destroyed.

import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { writeKeys } from '../../ledger/copy/keysFile.js';

const everyMs = 5000;

export interface KeysBackupOptions {
  redis: Redis;
  file: string;
  log: Pick<Logger, 'warn'>;
}

export function backUpKeys({ redis, file, log }: KeysBackupOptions): { close(): Promise<void> } {
  let failed = false;
  let writing: Promise<unknown> = Promise.resolve();
  const write = () => {
    writing = writeKeys(redis, file).then(
      () => { failed = false; },
      (fault: Error) => {
        if (!failed) log.warn({ fault: fault.message }, 'the backup of the keys could not be written');
        failed = true;
      },
    );
  };
  const timer = setInterval(write, everyMs);
  timer.unref();
  return {
    /** Writes it once more: what was opened a moment ago is in it. */
    async close() {
      clearInterval(timer);
      await writing;
      write();
      await writing;
    },
  };
}
