// Brings a real Redis up as a child, on a folder, and takes it down again.
//
// Between this process and Redis stands a few lines of shell that read from a pipe. When this process ends, however it ends (kill -9
// included), the pipe closes and Redis is asked to stop: nothing is left running, and what was acknowledged is on disk. Redis stands in
// a process group of its own, so that Ctrl-C reaches the program first, which closes the door before it closes the record.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readlinkSync, realpathSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** How to start a Redis on this machine, as `src/setup` found or installed it. */
export interface RedisProgram {
  /** The command and its first arguments, without Redis's own. */
  command: readonly string[];
  /** Redis runs in a container: it sees `dir` as /data and is reached through a port. */
  container: boolean;
}

export interface EmbeddedOptions {
  /** Where the data lives; made when missing. Without it: a new temporary folder that goes when Redis goes. */
  dir?: string;
  /** `always` (the default) means that an answer is on disk. */
  appendfsync?: 'always' | 'everysec' | 'no';
  /** A port on 127.0.0.1; 'free' takes a free one. Without it Redis is reached through a unix socket only. */
  port?: number | 'free';
  /** More of Redis's own settings, such as ['--maxmemory', '8mb']; they win over those here. */
  args?: readonly string[];
  /** Told what happens, in words. */
  log?: (sentence: string) => void;
  program?: RedisProgram;
}

export interface EmbeddedRedis {
  /** What `new Redis(url)` takes: the path of a unix socket, or redis://127.0.0.1:port. */
  readonly url: string;
  readonly dir: string;
  readonly pid: number;
  /** Stops Redis in order: everything is written and closed. */
  stop(): Promise<void>;
  /** SIGKILL, and waits until the process is gone. For tests of faults. */
  kill(): Promise<void>;
  /** Settles when Redis has ended, asked or not. */
  readonly ended: Promise<void>;
}

/** No Redis could be started; `message` is a sentence for the person at the console. */
export class RedisUnavailable extends Error {
  override name = 'RedisUnavailable';
}

/** The oldest that has functions, which every step is. */
export const oldestRedis = 7;

// A Linux socket path has room for 107 bytes, and macOS for 103.
const longestSocketPath = 100;

// $0 is the folder to remove at the end, or empty. File 3 is the pipe: a background job of a shell has no standard input of its own.
const keeper = `exec 3<&0
"$@" </dev/null >/dev/null 2>&1 3<&- &
redis=$!
echo $redis
{ read -r _ <&3; kill $redis; } >/dev/null 2>&1 &
watch=$!
wait $redis
kill $watch 2>/dev/null
[ -z "$0" ] || rm -rf "$0"`;

/** Starts Redis on `dir` and resolves when it answers, its data read. @throws RedisUnavailable */
export async function startEmbeddedRedis(options: EmbeddedOptions = {}): Promise<EmbeddedRedis> {
  const say = options.log ?? (() => {});
  const program = options.program ?? findRedis();
  const temporary = options.dir === undefined;
  const dir = options.dir === undefined ? mkdtempSync(join(tmpdir(), 'swabline-redis-')) : resolve(options.dir);
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  await waitForPredecessor(dir, say);

  const wantsPort = program.container || options.port !== undefined;
  const port = !wantsPort ? 0 : typeof options.port === 'number' && options.port !== 0 ? options.port : await freePort();
  const socketDir = program.container || join(dir, 'redis.sock').length <= longestSocketPath ? undefined : mkdtempSync(join(tmpdir(), 'swabline-'));
  const socket = join(socketDir ?? dir, 'redis.sock');
  if (!program.container) rmSync(socket, { force: true });

  // Within its container Redis hears everybody; outside only 127.0.0.1 is published.
  const settings = [
    '--dir', program.container ? '/data' : dir,
    '--port', String(program.container ? 6379 : port),
    '--bind', program.container ? '0.0.0.0' : '127.0.0.1',
    ...(program.container ? ['--protected-mode', 'no'] : ['--unixsocket', socket, '--unixsocketperm', '700', '--pidfile', join(dir, 'redis.pid'), '--logfile', join(dir, 'redis.log')]),
    '--daemonize', 'no',
    '--save', '',
    '--appendonly', 'yes',
    '--appendfsync', options.appendfsync ?? 'always',
    '--aof-use-rdb-preamble', 'yes',
    '--maxmemory-policy', 'noeviction',
    // A histogram of each command, inside scripts too, is a twentieth of Redis's time for a swab; the service measures its own.
    '--latency-tracking', 'no',
    ...(options.args ?? []),
  ];
  const command = program.container ? containerCommand(program.command, dir, port) : program.command;
  const child = spawn('sh', ['-c', keeper, temporary ? dir : (socketDir ?? ''), ...command, ...settings], {
    stdio: ['pipe', 'pipe', 'ignore'],
    detached: true,
  });
  const ended = once(child, 'exit').then(() => {});
  const pid = await firstLine(child);
  // Nothing here keeps the program alive: it ends when its own work has.
  child.unref();
  for (const end of [child.stdin, child.stdout]) (end as unknown as { unref?: () => void } | null)?.unref?.();

  const url = wantsPort ? `redis://127.0.0.1:${port}` : socket;
  const target = wantsPort ? { port, host: '127.0.0.1' } : { path: socket };
  const stop = async (): Promise<void> => {
    if (!hasExited(child)) {
      child.ref();
      child.stdin?.end();
    }
    await ended;
  };
  const kill = async (): Promise<void> => {
    if (!hasExited(child)) {
      child.ref();
      process.kill(pid, 'SIGKILL');
    }
    await ended;
  };
  let told = false;
  for (;;) {
    const answer = await ping(target);
    if (answer === 'ready') break;
    if (hasExited(child)) throw new RedisUnavailable(`Redis did not start on ${dir}. ${lastWords(dir)}`);
    if (answer === 'loading' && !told) {
      told = true;
      say('Redis is reading its data.');
    }
    await sleep(answer === 'loading' ? 200 : 20);
  }
  return { url, dir, pid, stop, kill, ended };
}

/** The Redis that set-up found, else one on the PATH. @throws RedisUnavailable */
export function findRedis(): RedisProgram {
  const note = join(projectRoot(), '.cache', 'redis.json');
  if (existsSync(note)) {
    const found = JSON.parse(readFileSync(note, 'utf8')) as RedisProgram;
    if (found.container || redisVersion(found.command) !== undefined) return found;
  }
  const seen: string[] = [];
  for (const name of ['redis-server', 'valkey-server']) {
    const version = redisVersion([name]);
    if (version !== undefined && Number.parseInt(version, 10) >= oldestRedis) return { command: [name], container: false };
    if (version !== undefined) seen.push(`${name} here is ${version}`);
  }
  throw new RedisUnavailable(
    `Swabline needs Redis ${oldestRedis}.0 or newer${seen.length > 0 ? `, and ${seen.join(', ')}` : ' and found none'}. Install redis-server, or set REDIS_URL.`,
  );
}

/** What `command --version` says, such as 7.0.15; undefined when it does not run. */
function redisVersion(command: readonly string[]): string | undefined {
  const [name = '', ...rest] = command;
  const run = spawnSync(name, [...rest, '--version'], { encoding: 'utf8' });
  return run.status === 0 ? /\bv=(\d+\.\d+\.\d+)/.exec(run.stdout)?.[1] : undefined;
}

const containerCommand = (command: readonly string[], dir: string, port: number): string[] => {
  const [docker = 'docker', image = 'redis:7'] = command;
  const user = `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`;
  return [docker, 'run', '--rm', '--init', '--user', user, '--publish', `127.0.0.1:${port}:6379`, '--volume', `${dir}:/data`, image, 'redis-server'];
};

/**
 * Two Redis on one folder would spoil the append-only file, and Redis itself does not look. One that was left behind a moment ago by a
 * program killed with SIGKILL is on its way out; one that stays belongs to somebody.
 */
async function waitForPredecessor(dir: string, say: (sentence: string) => void): Promise<void> {
  const pidFile = join(dir, 'redis.pid');
  if (!existsSync(pidFile)) return;
  const pid = Number.parseInt(readFileSync(pidFile, 'utf8'), 10);
  for (let waited = 0; Number.isInteger(pid) && isRedisOn(dir, pid); waited += 50) {
    if (waited === 1000) say('Waiting for the Redis of the last run to end.');
    if (waited >= 30_000) throw new RedisUnavailable(`Another Redis (process ${pid}) is using ${dir}. Stop it first.`);
    await sleep(50);
  }
  rmSync(pidFile, { force: true });
}

/** Redis stands in its folder, so the process's working directory tells it from another one with a number used again. */
function isRedisOn(dir: string, pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  if (process.platform !== 'linux') return true;
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === realpathSync(dir);
  } catch {
    return false; // A process of another user, who could not have written into this folder.
  }
}

const hasExited = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

/** The number of the Redis process, which the keeper writes first. */
async function firstLine(child: ChildProcess): Promise<number> {
  let text = '';
  for await (const chunk of child.stdout ?? []) {
    text += String(chunk);
    if (text.includes('\n')) return Number.parseInt(text, 10);
  }
  throw new RedisUnavailable('No shell could be started to keep Redis.');
}

function ping(target: { path: string } | { host: string; port: number }): Promise<'ready' | 'loading' | 'silent'> {
  return new Promise((answer) => {
    const socket = connect(target, () => socket.write('PING\r\n'));
    socket.once('data', (data) => {
      answer(data.toString().startsWith('+PONG') ? 'ready' : 'loading');
      socket.destroy();
    });
    socket.once('error', () => answer('silent'));
    socket.once('close', () => answer('silent'));
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  return port;
}

const lastWords = (dir: string): string => {
  const file = join(dir, 'redis.log');
  return existsSync(file) ? `It said: ${readFileSync(file, 'utf8').trimEnd().split('\n').slice(-3).join(' / ')}` : '';
};

/** The folder of package.json: compiled files stand at different depths below it. */
function projectRoot(): string {
  let dir = import.meta.dirname;
  while (!existsSync(join(dir, 'package.json'))) {
    const up = dirname(dir);
    if (up === dir) return process.cwd();
    dir = up;
  }
  return dir;
}
