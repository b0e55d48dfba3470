// What the README says is what the code says.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { settingNames } from '../src/config.js';
import { fill } from '../src/tools/tables.js';

const readme = readFileSync('README.md', 'utf8');

t.test('the tables of steps, events and refusals equal the code', async (t) => {
  t.equal(readme, fill(readme), 'run `npm run readme`');
});

t.test('every setting of the environment is named, and no other', async (t) => {
  const named = [...readme.matchAll(/^\| `([A-Z][A-Z_]+)` \|/gm)].map((match) => match[1]);
  t.same([...named].sort(), [...settingNames].sort());
});

t.test('every command of package.json is named, and every command named exists', async (t) => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };
  const named = new Set([...readme.matchAll(/`npm (?:run )?([a-z-]+)/g)].map((match) => match[1] as string));
  for (const name of Object.keys(scripts)) t.ok(named.has(name), `README names npm run ${name}`);
  for (const name of named) t.ok(name === 'install' || name === 'ci' || name in scripts, `package.json has ${name}`);
});

t.test('the map names every folder of src and every file it names exists', async (t) => {
  for (const room of readdirSync('src', { withFileTypes: true }).filter((entry) => entry.isDirectory())) {
    t.match(readme, new RegExp(`^#### \`src/${room.name}/\``, 'm'), `the map has src/${room.name}`);
  }
  const files = [...readme.matchAll(/`((?:src|test|bench|docs)\/[\w./-]+\.\w+)`/g)].map((match) => match[1] as string);
  t.ok(files.length > 20, 'the map names files');
  for (const file of files) t.ok(existsSync(join(file)), `${file} exists`);
});
