// `npm test [-- files]`: compiles, brings up a Redis for the tests alone, runs tap and stops that Redis. A file or folder may be named as its source
// (test/ledger/x.test.ts) or as its output. REDIS_URL is never used.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { resolve } from 'node:path';
import { prepareTests } from './setup.mjs';

await prepareTests();
const { startEmbeddedRedis } = await import(pathToFileURL(resolve('build/src/ledger/embedded.js')).href);

const given = process.env.SWABLINE_TEST_REDIS_URL;
const own = given ? undefined : await startEmbeddedRedis({ appendfsync: 'everysec' });
const args = process.argv.slice(2).map((arg) => (!arg.startsWith('test/') ? arg : arg.endsWith('.ts') ? `build/${arg.replace(/\.ts$/, '.js')}` : `build/${arg.replace(/\/$/, '')}/**/*.test.js`));
const { REDIS_URL: _never, ...env } = process.env;
let tap;
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => tap?.kill(signal));

/** Runs tap to its end; `more` goes into its environment. */
async function run(tapArgs, more = {}) {
  tap = spawn(process.execPath, ['node_modules/tap/dist/esm/run.mjs', ...tapArgs], { stdio: 'inherit', env: { ...env, SWABLINE_TEST_REDIS_URL: given || own.url, ...more } });
  const [code] = await once(tap, 'exit');
  return code ?? 1;
}

// What measures runs by itself, before the others: a second file at work beside it would be measured too. The reporter adds its count.
const counts = resolve('.cache/counted.json');
rmSync(counts, { force: true });
const all = args.length === 0 && process.platform === 'linux';
const measured = all ? await run(['build/test/bench/guard.test.js'], { SWABLINE_COUNTS_TO: counts }) : 0;
// Whole journeys through the pages take minutes each, two at once on two cores longer than anybody waits: `npm run screens`.
const apart = ['build/test/bench/**', 'build/test/screens/long/**'].map((files) => `--exclude=${files}`);
const others = await run(all ? apart : args, all ? { SWABLINE_COUNTS_FROM: counts } : {});
await own?.stop();
process.exit(measured || others);
