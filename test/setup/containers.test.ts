// What the containers rely on: each role answers the health check of the image, against a Redis that is there already (one of its own: rounds of other
// tests are sealed with another master key, and a start that cannot read them is refused).
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import t from 'tap';
import { ownRedis } from '../support-redis.js';
import { ownFolder } from '../folder.js';

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  return port;
}

for (const role of ['api', 'worker']) {
  t.test(`a container with the role ${role} is healthy once it runs, and not before`, async (t) => {
    const { NODE_OPTIONS: _tap, ...rest } = process.env;
    const env = { ...rest, REDIS_URL: (await ownRedis(t)).url, SWABLINE_ROLES: role, SWABLINE_DATA: ownFolder(t), PORT: String(await freePort()), LOG_LEVEL: 'silent' };
    const healthy = async (): Promise<boolean> => {
      const [code] = (await once(spawn('node', ['src/setup/healthy.mjs'], { env }), 'exit')) as [number];
      return code === 0;
    };
    t.equal(await healthy(), false);

    const program = spawn('env', ['-u', 'NODE_OPTIONS', 'node', 'build/src/main.js'], { env, stdio: ['ignore', 'ignore', 'pipe'] });
    t.teardown(() => program.kill('SIGKILL'));
    for await (const line of createInterface(program.stderr)) if (/^Swabline (serves|works)/.test(line)) break;
    t.equal(await healthy(), true);

    program.kill('SIGTERM'); // What `docker stop` sends.
    const [code] = (await once(program, 'exit')) as [number];
    t.equal(code, 0);
  });
}

t.test('a container gives Node what `npm start` gives it', async (t) => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: { start: string } };
  const command = JSON.parse(/^CMD (\[.*\])$/m.exec(readFileSync('Dockerfile', 'utf8'))?.[1] ?? '[]') as string[];
  t.same(command.filter((word) => word.startsWith('--')), scripts.start.match(/--\S+/g));
  t.equal(command[0], 'node');
});
