// The file that the backup of the keys is kept in: always whole, for its owner alone.

import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Redis } from 'ioredis';
import { type KeysBackup, readKeys } from './keysBackup.js';

/** Writes the backup if it is not what the file holds already; gives it. */
export async function writeKeys(redis: Redis, file: string): Promise<KeysBackup> {
  const backup = await readKeys(redis);
  const text = `${JSON.stringify(backup, undefined, 2)}\n`;
  if (existsSync(file) && readFileSync(file, 'utf8') === text) return backup;
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  const handle = await open(draft, 'wx', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(draft, file);
  return backup;
}
