// Finds a real Redis on this machine or gets one, and notes how to start it in .cache/redis.json (src/ledger/embedded.ts reads that).
// In order: redis-server or valkey-server on the PATH; one unpacked here before; Debian's package, installed as root or unpacked into
// .cache without root; a container engine. What is here but older than functions (Redis 7.0) is said, and the search goes on.
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { lastLines, run, say } from './say.mjs';

const oldest = 7;
const note = resolve('.cache/redis.json');
const unpacked = resolve('.cache/redis');

/** Makes sure that a Redis can be started; returns a sentence when none can. `setting` names one that is used instead. */
export function provideRedis(setting) {
  const program = known() ?? onPath() ?? fromDebian() ?? inContainer();
  if (program === undefined) return whatToDo(setting);
  mkdirSync('.cache', { recursive: true });
  writeFileSync(note, `${JSON.stringify(program)}\n`);
  return undefined;
}

/** "7.0.15", or undefined when the command does not run. */
function versionOf(command) {
  const asked = run(command[0], [...command.slice(1), '--version']);
  return asked.ok ? /\bv=(\d+\.\d+\.\d+)/.exec(asked.out)?.[1] : undefined;
}

const isNewEnough = (version) => version !== undefined && Number.parseInt(version, 10) >= oldest;
const program = (command) => ({ command, container: false });

function known() {
  if (!existsSync(note)) return undefined;
  const found = JSON.parse(readFileSync(note, 'utf8'));
  return !found.container && isNewEnough(versionOf(found.command)) ? found : undefined;
}

function onPath() {
  for (const name of ['redis-server', 'valkey-server']) {
    const version = versionOf([name]);
    if (isNewEnough(version)) return program([name]);
    if (version !== undefined) say(`${name} on this machine is ${version}, which has no functions; ${oldest}.0 or newer is needed.`);
  }
  return undefined;
}

function fromDebian() {
  if (!run('apt-get', ['--version']).ok || !run('dpkg', ['--version']).ok) return undefined;
  return process.getuid?.() === 0 ? installed() : downloaded();
}

/** As root: the system's package, without its service, which would listen on 6379 and start with the machine. */
function installed() {
  say('Installing redis-server with apt-get. This happens once.');
  const guard = '/usr/sbin/policy-rc.d';
  const guardIsOurs = !existsSync(guard);
  // Ctrl-C reaches apt-get too; this process must live on to take the guard away again.
  const hold = () => {};
  process.on('SIGINT', hold).on('SIGTERM', hold);
  try {
    if (guardIsOurs) writeFileSync(guard, '#!/bin/sh\n# Written by Swabline while it installs redis-server; no service is started meanwhile.\nexit 101\n', { mode: 0o755 });
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const wait = ['-o', 'DPkg::Lock::Timeout=120'];
    run('apt-get', ['update', '-q', ...wait], { env });
    const done = run('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...wait, 'redis-server'], { env });
    if (!done.ok) {
      say(`apt-get could not install redis-server:\n${lastLines(done.said)}`);
      return undefined;
    }
    if (run('systemctl', ['--version']).ok) run('systemctl', ['disable', 'redis-server.service']);
  } finally {
    if (guardIsOurs) rmSync(guard, { force: true });
    process.off('SIGINT', hold).off('SIGTERM', hold);
  }
  return onPath();
}

/** Without root: the same packages, unpacked beside the project. Needs package lists (`apt-get update` by root, once). */
function downloaded() {
  say('Getting redis-server from Debian into .cache. This happens once.');
  rmSync(unpacked, { recursive: true, force: true });
  mkdirSync(unpacked, { recursive: true });
  // The libraries that these two ask for, but never the C library: it must fit this system's loader.
  const depends = run('apt-cache', ['depends', 'redis-server', 'redis-tools']).out;
  const libraries = [...new Set([...depends.matchAll(/^\s+Depends: (lib[\w.+-]+)$/gm)].map((match) => match[1]))].filter((name) => name !== 'libc6');
  const got = run('apt-get', ['download', '-q', 'redis-server', 'redis-tools', ...libraries], { cwd: unpacked });
  if (!got.ok) {
    say(`apt-get could not download redis-server:\n${lastLines(got.said, 4)}`);
    return undefined;
  }
  for (const file of readdirSync(unpacked).filter((name) => name.endsWith('.deb'))) {
    run('dpkg', ['-x', join(unpacked, file), unpacked]);
    rmSync(join(unpacked, file));
  }
  const server = join(unpacked, 'usr/bin/redis-server');
  const here = ['usr/lib', 'lib'].map((dir) => join(unpacked, dir)).filter((dir) => existsSync(dir));
  const folders = here.flatMap((dir) => [dir, ...readdirSync(dir).filter((name) => name.includes('-linux-')).map((name) => join(dir, name))]);
  const command = ['env', `LD_LIBRARY_PATH=${folders.join(':')}`, server];
  const version = versionOf(command);
  if (isNewEnough(version)) return program(command);
  say(version === undefined ? 'The downloaded redis-server does not run here.' : `This Debian has Redis ${version}, which has no functions.`);
  return undefined;
}

function inContainer() {
  if (!run('docker', ['info'], { timeout: 10_000 }).ok) return undefined;
  say('Getting Redis as a container image. This happens once.');
  const image = 'redis:7';
  const pulled = run('docker', ['pull', '--quiet', image]);
  if (pulled.ok) return { command: ['docker', image], container: true };
  say(`docker could not get ${image}:\n${lastLines(pulled.said, 4)}`);
  return undefined;
}

function whatToDo(setting) {
  const how = process.platform === 'darwin' ? '`brew install redis`' : 'the package manager of your system (on Debian or Ubuntu: `sudo apt-get install redis-server`)';
  return `No Redis ${oldest}.0 or newer was found, and none could be installed. Install redis-server with ${how}, start a container engine, or set ${setting} to a Redis that is running; then run the same command again.`;
}
