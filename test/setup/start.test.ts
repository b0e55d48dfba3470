// One command starts everything and one signal ends it: `npm start` in a copy of the project, as the person at the console has it.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import t, { type Test } from 'tap';
import { ownFolder } from '../folder.js';

interface Started {
  npm: ChildProcess;
  address: string;
  /** The processes of the program and of its Redis. */
  pids: number[];
  said: () => string;
}

/** A clone after the first installation: the sources, and the dependencies that are already here. */
function copyOfProject(t: Test): string {
  const dir = ownFolder(t);
  for (const name of ['package.json', 'package-lock.json', '.npmrc', '.taprc', 'tsconfig.json', 'tsconfig.build.json', 'src']) {
    cpSync(name, join(dir, name), { recursive: true });
  }
  // Each package is linked, not their folder: whatever npm might do in the copy, it would remove links and never our dependencies.
  mkdirSync(join(dir, 'node_modules'));
  for (const name of readdirSync('node_modules')) symlinkSync(resolve('node_modules', name), join(dir, 'node_modules', name));
  mkdirSync(join(dir, '.cache'));
  if (existsSync('.cache/redis.json')) cpSync('.cache/redis.json', join(dir, '.cache/redis.json'));
  return dir;
}

const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};
const allGone = async (pids: number[]): Promise<void> => {
  while (pids.some(isRunning)) await sleep(20);
};

function npmStart(t: Test, dir: string, more: Record<string, string> = {}): { npm: ChildProcess; said: () => string } {
  const { REDIS_URL: _redis, SWABLINE_DATA: _data, SWABLINE_ROLES: _roles, ...env } = process.env;
  // tap loads itself into every Node below it by way of NODE_OPTIONS, which it adds at each spawn; a person's console has none of that.
  const command = ['-u', 'NODE_OPTIONS', 'npm', 'start'];
  // A group of its own, as at a console: Ctrl-C goes to all of it.
  const npm = spawn('env', command, { cwd: dir, env: { ...env, PORT: '0', HOST: '127.0.0.1', ...more }, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [npm.stdout, npm.stderr]) stream.on('data', (chunk) => (text += String(chunk)));
  t.teardown(() => {
    try {
      process.kill(-(npm.pid as number), 'SIGKILL');
    } catch {
      // It has ended already.
    }
  });
  return { npm, said: () => text };
}

async function start(t: Test, dir: string): Promise<Started> {
  const { npm, said } = npmStart(t, dir);
  for (;;) {
    if (npm.exitCode !== null || npm.signalCode !== null) throw new Error(`npm start ended:\n${said()}`);
    const lock = join(dir, 'data', 'lock');
    const holder = existsSync(lock) ? (JSON.parse(readFileSync(lock, 'utf8')) as { pid: number; address?: string }) : undefined;
    if (holder?.address !== undefined && isRunning(holder.pid)) {
      const redis = Number(readFileSync(join(dir, 'data', 'redis', 'redis.pid'), 'utf8'));
      return { npm, address: holder.address, pids: [holder.pid, redis], said };
    }
    await sleep(50);
  }
}

async function ended(npm: ChildProcess): Promise<number | null> {
  if (npm.exitCode === null && npm.signalCode === null) await once(npm, 'exit');
  return npm.exitCode;
}

// One copy for all: what takes the time is compiling it.
const dir = copyOfProject(t);

t.test('npm start serves, is alone on its data, ends whole, and finds its data again', async (t) => {
  const note = 'written by the first run';
  const redis = (): Redis => new Redis(redisOf(dir));

  const first = await start(t, dir);
  for (const path of ['/healthz', '/readyz']) t.equal((await fetch(first.address + path)).status, 200, path);
  t.match(first.said(), first.address, 'the console says where');

  const second = npmStart(t, dir);
  t.not(await ended(second.npm), 0, 'a second start does not pretend to have worked');
  t.match(second.said(), `Swabline is already running at ${first.address}`);
  t.equal((await fetch(`${first.address}/healthz`)).status, 200, 'the first one does not notice');

  const client = redis();
  await client.set('note-of-a-test', note);
  client.disconnect();
  process.kill(-(first.npm.pid as number), 'SIGINT');
  await ended(first.npm);
  await allGone(first.pids);
  t.notOk(existsSync(join(dir, 'data', 'lock')), 'the folder is free');

  const third = await start(t, dir);
  const again = redis();
  t.equal(await again.get('note-of-a-test'), note);
  again.disconnect();
  // npm passes a signal that only it gets to nobody; the program notices that npm is gone.
  third.npm.kill('SIGTERM');
  await allGone(third.pids);
  t.notOk(existsSync(join(dir, 'data', 'lock')));
});

t.test('after kill -9 of everything the next start takes over', async (t) => {
  const first = await start(t, dir);
  for (const pid of [...first.pids, first.npm.pid as number]) process.kill(pid, 'SIGKILL');
  await allGone(first.pids);
  const second = await start(t, dir);
  t.equal((await fetch(`${second.address}/healthz`)).status, 200);
  process.kill(second.pids[0] as number, 'SIGINT');
  await allGone(second.pids);
});

t.test('a bad setting ends the start with a sentence', async (t) => {
  const { npm, said } = npmStart(t, dir, { LOG_LEVEL: 'loud' });
  t.not(await ended(npm), 0);
  t.match(said(), 'LOG_LEVEL must be one of');
  t.notMatch(said(), /^\s+at /m, 'without a stack trace');
  t.notOk(existsSync(join(dir, 'data', 'lock')));
});

/** The socket stands in the data folder, or elsewhere where that is too deep for one: Redis itself is asked through its log. */
function redisOf(dir: string): string {
  const log = readFileSync(join(dir, 'data', 'redis', 'redis.log'), 'utf8');
  return log.match(/now ready to accept connections at \/\S+/g)?.at(-1)?.split(' ').at(-1) ?? join(dir, 'data', 'redis', 'redis.sock');
}
