// The master key: 32 random bytes in a file of their own. It wraps the keys of the rounds and does nothing else, so it can be replaced
// without touching a single person's data, and whoever copies the record without it has copied nothing about anybody.
//
// Made once, at the first start, and never again: a missing file beside a record that holds ciphertext is a lost key, and a new one
// would only hide the loss until somebody needs a name. So whoever starts the vault says whether the record is still empty.

import { createHash, randomBytes } from 'node:crypto';
import { chmod, link, mkdir, open, readFile, rename, rm, stat, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';

export interface MasterKey {
  /** Eight hex digits that tell one master key from another and nothing about either. */
  id: string;
  key: Buffer;
}

/** The key file cannot be used; the message is the sentence for the person who starts the program. */
export class MasterKeyProblem extends Error {
  override name = 'MasterKeyProblem';
}

export interface MasterKeyOptions {
  file: string;
  /** True only while the record holds nothing encrypted. */
  mayCreate: boolean;
  /** Where the sentence about copying a new key goes. */
  say?: ((sentence: string) => void) | undefined;
}

/** Reads the master key, or makes it where that is allowed. Throws MasterKeyProblem. */
export async function readOrMakeMasterKey({ file, mayCreate, say = () => {} }: MasterKeyOptions): Promise<MasterKey> {
  const present = await readMasterKey(file);
  if (present) return present;
  if (!mayCreate) {
    throw new MasterKeyProblem(
      `The master key ${file} is missing, and the record already holds personal data sealed with it. ` +
        'Put the copy of the key back there and start again; without it names and document numbers cannot be read by anybody.',
    );
  }
  const made = await makeMasterKey(file);
  say(
    `A master key was made: ${file}. Copy it now to a place that is not this machine and not beside the backups: ` +
      'without it nobody can read the personal data again.',
  );
  return made;
}

/** The master key in a file, or null where there is no file. Throws MasterKeyProblem for a file that is not fit to hold one. */
export async function readMasterKey(file: string): Promise<MasterKey | null> {
  let key: Buffer;
  try {
    const { mode } = await stat(file);
    // Windows has no such bits; elsewhere a key that other accounts can read is not a secret.
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
      throw new MasterKeyProblem(`The master key ${file} can be read by other accounts of this machine. Run: chmod 600 ${file}`);
    }
    key = await readFile(file);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
    if (cause instanceof MasterKeyProblem) throw cause;
    throw new MasterKeyProblem(`The master key ${file} cannot be read (${(cause as NodeJS.ErrnoException).code ?? 'unknown'}).`, { cause });
  }
  if (key.length !== 32) {
    throw new MasterKeyProblem(
      `The master key ${file} has ${key.length} bytes instead of 32: it is damaged or another file. Put the copy of the key back.`,
    );
  }
  return named(key);
}

/**
 * Makes a key file that was not there. Whole or not at all: the bytes are on disk under another name before the file appears, and if
 * two processes start at once both end up with the one that appeared first.
 */
export async function makeMasterKey(file: string): Promise<MasterKey> {
  const directory = dirname(file);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  await writeDurably(draft, randomBytes(32));
  try {
    await link(draft, file);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
  } finally {
    await unlink(draft);
  }
  await syncDirectory(directory);
  const made = await readMasterKey(file);
  if (!made) throw new MasterKeyProblem(`The master key ${file} was made and is gone again.`);
  return made;
}

/** Puts the key in `next` in the place of `file`, keeping the old one as `<file>.old` until a person destroys it. */
export async function installNextKey(file: string, next: string): Promise<void> {
  // The old key gets its second name first: cut short anywhere, `file` holds one of the two.
  await rm(`${file}.old`, { force: true });
  await link(file, `${file}.old`);
  await rename(next, file);
  await syncDirectory(dirname(file));
}

function named(key: Buffer): MasterKey {
  return { id: createHash('sha256').update('swabline master key').update(key).digest('hex').slice(0, 8), key };
}

async function writeDurably(file: string, bytes: Buffer): Promise<void> {
  const handle = await open(file, 'wx', 0o600);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
  // The process's umask may have taken bits from the owner; it never adds any.
  await chmod(file, 0o600);
}

async function syncDirectory(directory: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
