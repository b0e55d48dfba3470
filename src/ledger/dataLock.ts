// One Swabline per data folder: a lock file names the process that holds it and where it can be reached. A lock whose process is gone
// (kill -9, power cut) is taken over without asking.

import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

interface Holder {
  pid: number;
  /** When the system started this process, as the kernel counts it: tells a number used again from the process that had it. */
  started: string;
  /** When the lock was taken, for the reader of the file. */
  since: string;
  address: string | undefined;
  /** Its Redis, for commands that work on the record while it runs. */
  redis: string | undefined;
}

export interface DataLock {
  /** Writes where this Swabline can be reached, so that a second start can name it, and where its Redis is. */
  serving(address: string, redis?: string): void;
  release(): void;
}

/** The data folder is in use; `message` says by whom. */
export class AlreadyRunning extends Error {
  override name = 'AlreadyRunning';
  readonly address: string | undefined;

  constructor(holder: { pid: number; address: string | undefined }, dir: string) {
    super(
      holder.address === undefined
        ? `Swabline is already starting on ${dir} (process ${holder.pid}).`
        : `Swabline is already running at ${holder.address} (process ${holder.pid}).`,
    );
    this.address = holder.address;
  }
}

/** Takes the lock of `dir`, which is made when missing. @throws AlreadyRunning */
export function lockData(dir: string): DataLock {
  mkdirSync(dir, { recursive: true });
  const file = join(dir, 'lock');
  const mine = `${file}.${process.pid}`;
  const me: Holder = { pid: process.pid, started: startOf(process.pid), since: new Date().toISOString(), address: undefined, redis: undefined };
  const write = (): void => writeFileSync(mine, `${JSON.stringify(me, undefined, 2)}\n`);
  write();
  try {
    takeIn(file, mine, dir);
  } finally {
    rmSync(mine, { force: true });
  }
  return {
    serving(address, redis) {
      me.address = address;
      me.redis = redis;
      write();
      renameSync(mine, file);
    },
    release() {
      if (sameHolder(read(file), me)) rmSync(file, { force: true });
    },
  };
}

/** Where the Swabline that works on `dir` and its Redis can be reached; undefined where none does. */
export function servedFrom(dir: string): { address: string | undefined; redis: string | undefined } | undefined {
  const holder = read(join(dir, 'lock'));
  return holder && isAlive(holder) ? { address: holder.address, redis: holder.redis } : undefined;
}

/** A link appears whole or not at all, so nobody reads half a lock and only one of two who try gets it. */
function takeIn(file: string, mine: string, dir: string): void {
  for (;;) {
    try {
      linkSync(mine, file);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const holder = read(file);
    if (holder !== undefined && isAlive(holder)) throw new AlreadyRunning(holder, dir);
    // Somebody else may be taking the same stale lock: what is moved away is looked at again, and put back if it is a living one.
    const aside = `${mine}.stale`;
    try {
      renameSync(file, aside);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') continue;
      throw error;
    }
    const moved = read(aside);
    if (moved !== undefined && isAlive(moved)) linkSync(aside, file);
    rmSync(aside, { force: true });
  }
}

function read(file: string): Holder | undefined {
  try {
    const { pid, started, since, address, redis } = JSON.parse(readFileSync(file, 'utf8')) as Partial<Holder>;
    return Number.isInteger(pid) ? { pid: pid as number, started: started ?? '', since: since ?? '', address, redis } : undefined;
  } catch {
    return undefined; // Gone, or cut short by a full disk: nobody's.
  }
}

const sameHolder = (a: Holder | undefined, b: Holder): boolean => a?.pid === b.pid && a.started === b.started;

function isAlive(holder: Holder): boolean {
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  return startOf(holder.pid) === holder.started;
}

/** Linux only: the boot and the 22nd field of /proc/PID/stat. Elsewhere '' and the number alone decides. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    // The second field is the program's name in brackets and may itself hold spaces and brackets.
    return `${boot}/${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''}`;
  } catch {
    return '';
  }
}
