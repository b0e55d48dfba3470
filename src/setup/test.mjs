// `npm test [-- files]`: compiles, brings up a Redis for the tests alone, runs tap and stops that Redis. A file may be named as its source
// (test/ledger/x.test.ts) or as its output. REDIS_URL is never used.
import { spawn } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { resolve } from 'node:path';
import { prepareTests } from './setup.mjs';

await prepareTests();
const { startEmbeddedRedis } = await import(pathToFileURL(resolve('build/src/ledger/embedded.js')).href);

const given = process.env.SWABLINE_TEST_REDIS_URL;
const own = given ? undefined : await startEmbeddedRedis({ appendfsync: 'everysec' });
const args = process.argv.slice(2).map((arg) => (/^test\/.*\.ts$/.test(arg) ? `build/${arg.replace(/\.ts$/, '.js')}` : arg));
const { REDIS_URL: _never, ...env } = process.env;
const tap = spawn(process.execPath, ['node_modules/tap/dist/esm/run.mjs', ...args], {
  stdio: 'inherit',
  env: { ...env, SWABLINE_TEST_REDIS_URL: given || own.url },
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => tap.kill(signal));
tap.once('exit', async (code) => {
  await own?.stop();
  process.exit(code ?? 1);
});
