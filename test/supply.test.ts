// What this program is made of: few packages, of known licences, at exact versions with their hashes, none of which runs anything when it
// is installed.

import { existsSync, readFileSync } from 'node:fs';
import t from 'tap';

interface Locked {
  version: string;
  integrity?: string;
  resolved?: string;
  dev?: boolean;
  hasInstallScript?: boolean;
  link?: boolean;
}

const read = <Kind>(file: string): Kind => JSON.parse(readFileSync(file, 'utf8')) as Kind;
const own = read<{ dependencies: Record<string, string>; devDependencies: Record<string, string>; overrides: Record<string, string>; allowScripts: Record<string, boolean> }>('package.json');
const locked = Object.entries(read<{ packages: Record<string, Locked> }>('package-lock.json').packages).filter(([path]) => path !== '');

/** Licences under which a public body may run, change and pass on the whole. */
const allowed = new Set(['MIT', 'ISC', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'BlueOak-1.0.0', '0BSD', 'CC0-1.0', 'Unlicense', 'Zlib', 'Python-2.0']);
/** Only lists of words, used by tools and shipped with nothing. */
const allowedForTools = new Set(['CC-BY-3.0', 'CC-BY-4.0', 'WTFPL', 'MPL-2.0']);
/** Packages that say it in a file and not in package.json; looked at by a person. */
const said: Readonly<Record<string, string>> = { 'jsonc-simple-parser': 'MIT' };

/** Does a licence expression leave a choice that is allowed? */
function isAllowed(licence: string, words: ReadonlySet<string>): boolean {
  const plain = licence.replace(/[()]/g, '');
  if (plain.includes(' OR ')) return plain.split(' OR ').some((one) => isAllowed(one, words));
  return plain.split(' AND ').every((one) => words.has(one.trim()));
}

t.test('every package has a licence that may be passed on', async (t) => {
  const odd: string[] = [];
  for (const [path, { dev }] of locked) {
    // Packages for other systems are not here.
    if (!existsSync(`${path}/package.json`)) continue;
    const { name, license } = read<{ name: string; license?: unknown }>(`${path}/package.json`);
    const licence = typeof license === 'string' ? license : (said[name] ?? 'none');
    if (!isAllowed(licence, dev ? new Set([...allowed, ...allowedForTools]) : allowed)) odd.push(`${name}: ${licence}`);
  }
  t.same(odd, []);
  for (const [licence, fits] of [['MIT', true], ['GPL-3.0-only', false], ['(MIT OR GPL-3.0-or-later)', true], ['MIT AND GPL-2.0', false], ['none', false]] as const) t.equal(isAllowed(licence, allowed), fits, licence);
});

t.test('every package is locked to one version by its hash, from the registry', async (t) => {
  for (const [path, { integrity, resolved, link }] of locked) {
    if (link) t.fail(`${path} is a link`);
    if (!integrity?.startsWith('sha512-')) t.fail(`${path} has no hash`);
    if (resolved !== undefined && !/^https:\/\/[^/]+\/.+\.tgz$/.test(resolved)) t.fail(`${path} comes from elsewhere`);
  }
  for (const [name, version] of Object.entries({ ...own.dependencies, ...own.devDependencies, ...own.overrides })) t.match(version, /^\d+\.\d+\.\d+$/, `${name} is at an exact version`);
});

t.test('nothing runs when a package is installed', async (t) => {
  t.match(readFileSync('.npmrc', 'utf8'), /^ignore-scripts=true$/m);
  const scripted = locked.filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => path.replace(/^.*node_modules\//, ''));
  for (const name of scripted) t.equal(own.allowScripts[name], false, `${name} wants to, and is named as one that may not`);
});

t.test('few packages', async (t) => {
  const running = locked.filter(([, { dev }]) => !dev).length;
  t.ok(Object.keys(own.dependencies).length <= 30, 'of our choosing');
  t.ok(running <= 260, `${running} in all`);
});
