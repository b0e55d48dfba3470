// `npm run bench [-- name]`: runs one question of bench/, or all, one after the other. Each file brings up what it needs.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { stop } from './say.mjs';
import { prepareTests } from './setup.mjs';

await prepareTests({ browser: false });
const names = existsSync('bench') ? readdirSync('bench').filter((name) => name.endsWith('.ts')).map((name) => name.slice(0, -3)) : [];
const [wanted, ...args] = process.argv.slice(2);
if (names.length === 0) stop('There is nothing in bench/ yet.');
if (wanted !== undefined && !names.includes(wanted)) stop(`There is no bench "${wanted}". There are: ${names.join(', ')}.`);
for (const name of wanted === undefined ? names : [wanted]) {
  const { status } = spawnSync(process.execPath, [`build/bench/${name}.js`, ...args], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
