// `npm run bench [-- name]`: asks one question of bench/; without a name all that the README's table answers. Each file brings up what it needs.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { stop } from './say.mjs';
import { prepareTests } from './setup.mjs';

const names = existsSync('bench') ? readdirSync('bench').filter((name) => name.endsWith('.ts')).map((name) => name.slice(0, -3)) : [];
const [first, ...more] = process.argv.slice(2);
// Without a name: everything that stands in the README's table.
const [name, args] = first === undefined || first.startsWith('--') ? ['table', process.argv.slice(2)] : [first, more];
if (!names.includes(name)) stop(`There is no bench "${name}". There are: ${names.join(', ')}.`);
await prepareTests({ browser: ['station', 'table', 'wall'].includes(name) });
const { status } = spawnSync(process.execPath, [`build/bench/${name}.js`, ...args], { stdio: 'inherit' });
process.exit(status ?? 1);
