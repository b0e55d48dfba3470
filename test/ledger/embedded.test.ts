// A real Redis as a child: it answers, it keeps what it acknowledged, and it never outlives the program that started it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import t from 'tap';
import { type EmbeddedRedis, startEmbeddedRedis } from '../../src/ledger/embedded.js';
import { ownRedis } from '../support-redis.js';

const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};
const gone = async (pid: number): Promise<void> => {
  while (isRunning(pid)) await sleep(20);
};
async function on<T>(redis: EmbeddedRedis, ask: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(redis.url, { maxRetriesPerRequest: 1, retryStrategy: null });
  client.on('error', () => {});
  try {
    return await ask(client);
  } finally {
    client.disconnect();
  }
}
const setting = (redis: EmbeddedRedis, name: string): Promise<string | undefined> =>
  on(redis, async (client) => ((await client.config('GET', name)) as string[])[1]);

t.test('by default an answer is on disk, nothing is evicted, and no port is open', async (t) => {
  const redis = await ownRedis(t);
  for (const [name, value] of [['appendonly', 'yes'], ['appendfsync', 'always'], ['save', ''], ['maxmemory-policy', 'noeviction'], ['port', '0']] as const) {
    t.equal(await setting(redis, name), value, name);
  }
  t.ok(redis.url.startsWith('/'), 'a unix socket');
});

t.test('a port and settings of one test are taken', async (t) => {
  const redis = await ownRedis(t, { port: 'free', appendfsync: 'everysec', args: ['--maxmemory', '8mb'] });
  t.match(redis.url, /^redis:\/\/127\.0\.0\.1:\d+$/);
  t.equal(await setting(redis, 'appendfsync'), 'everysec');
  t.equal(await setting(redis, 'maxmemory'), '8388608');
});

t.test('a temporary folder goes with its Redis', async (t) => {
  const redis = await startEmbeddedRedis();
  t.ok(existsSync(redis.dir));
  await redis.stop();
  t.notOk(isRunning(redis.pid));
  t.notOk(existsSync(redis.dir));
});

t.test('data is there again after a stop in order and after SIGKILL', async (t) => {
  const dir = t.testdir();
  let redis = await startEmbeddedRedis({ dir });
  await on(redis, (client) => client.set('written', 'before the stop'));
  await redis.stop();

  redis = await ownRedis(t, { dir });
  t.equal(await on(redis, (client) => client.get('written')), 'before the stop');
  await on(redis, (client) => client.set('written', 'before the kill'));
  await redis.kill();
  t.notOk(isRunning(redis.pid), 'the process is gone when kill resolves');

  redis = await ownRedis(t, { dir });
  t.equal(await on(redis, (client) => client.get('written')), 'before the kill');
});

t.test('Redis ends with the program that started it, even under SIGKILL', async (t) => {
  const dir = t.testdir();
  const program = `import { startEmbeddedRedis } from ${JSON.stringify(new URL('../../src/ledger/embedded.js', import.meta.url).href)};
    const redis = await startEmbeddedRedis({ dir: ${JSON.stringify(dir)} });
    console.log(redis.pid);
    setInterval(() => {}, 1000);`;
  const parent = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(createInterface(parent.stdout), 'line')) as [string];
  const pid = Number(line);
  t.ok(isRunning(pid));
  parent.kill('SIGKILL');
  // A start in the same moment waits for the old one instead of spoiling its files.
  const next = await ownRedis(t, { dir });
  t.not(next.pid, pid);
  await gone(pid);
});

t.test('a program that has nothing else to do is not kept alive', async (t) => {
  const program = `import { startEmbeddedRedis } from ${JSON.stringify(new URL('../../src/ledger/embedded.js', import.meta.url).href)};
    console.log((await startEmbeddedRedis()).pid);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  if (child.exitCode === null) await once(child, 'exit');
  t.equal(child.exitCode, 0);
  await gone(Number(line));
});

t.test('`ended` settles when Redis dies by itself', async (t) => {
  const redis = await ownRedis(t);
  const open = setInterval(() => {}, 1000); // Redis alone does not keep this process alive.
  t.teardown(() => clearInterval(open));
  process.kill(redis.pid, 'SIGKILL');
  await redis.ended;
  t.notOk(isRunning(redis.pid));
});

t.test('a folder too deep for a unix socket is no obstacle', async (t) => {
  const dir = join(t.testdir(), 'a-long-name-'.repeat(8), 'and-one-more');
  mkdirSync(dir, { recursive: true });
  const redis = await ownRedis(t, { dir });
  t.equal(await on(redis, (client) => client.ping()), 'PONG');
  t.ok(readdirSync(dir).includes('appendonlydir'), 'the data is where it was asked for');
});

t.test('a Redis that cannot start says why', async (t) => {
  const dir = t.testdir();
  mkdirSync(join(dir, 'appendonlydir'));
  writeFileSync(join(dir, 'appendonlydir', 'appendonly.aof.manifest'), 'not a manifest\n');
  await t.rejects(startEmbeddedRedis({ dir }), { name: 'RedisUnavailable', message: /^Redis did not start on .* It said: .*manifest/ });
});

t.test('a program that is not Redis is named', async (t) => {
  await t.rejects(startEmbeddedRedis({ program: { command: ['false'], container: false } }), { name: 'RedisUnavailable' });
});
