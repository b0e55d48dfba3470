// What the design says of the shape of the sources, read from the sources: who imports whom, where key names and settings stand, and
// that a step's table, its Lua file, its header and its test are the same thing.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { eventNames } from '../src/domain/events.js';
import { refusalWords } from '../src/domain/refusals.js';
import { stepNames } from '../src/domain/requests.js';
import { steps } from '../src/domain/steps.js';
import { cellKeys } from '../src/ledger/keys.js';

// Compiled, this file stands in build/test.
const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const filesIn = (folder: string): string[] =>
  existsSync(join(root, folder))
    ? readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? filesIn(`${folder}/${entry.name}`) : [`${folder}/${entry.name}`]))
    : [];
const sources = filesIn('src').filter((file) => /\.(tsx?|mjs|lua)$/.test(file));
const typescript = sources.filter((file) => /\.tsx?$/.test(file));
const withoutComments = (text: string) => text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1');

/** Files a source imports: those of the project as paths, others by name. */
const importsOf = (file: string): string[] =>
  [...withoutComments(read(file)).matchAll(/^(?:import|export)\b(?:[^'"=(;]*\bfrom)?\s*['"]([^'"]+)['"]|\bimport\(['"]([^'"]+)['"]\)/gm)].map(([, one, two]) => {
    const name = one ?? two ?? '';
    const path = normalize(join(dirname(file), name)).replace(/\.js$/, '.ts');
    return name.startsWith('.') ? (existsSync(join(root, path.replace(/\.ts$/, '.tsx'))) ? path.replace(/\.ts$/, '.tsx') : path) : name;
  });
/** `src/api/door.ts` stands in the room api; `src/main.ts` is the room main. */
const roomOf = (file: string) => (/^src\/([^/.]+)/.exec(file) as RegExpExecArray)[1] as string;

/** Who may import whom, besides its own room. Tools are programs of their own and may start the whole; setup is plain Node. */
const directions: Record<string, readonly string[]> = {
  main: ['program', 'config', 'ledger', 'vault', 'domain'],
  program: ['config', 'api', 'live', 'jobs', 'ledger', 'vault', 'domain'],
  config: ['domain'],
  tools: ['program', 'config', 'ledger', 'vault', 'domain'],
  api: ['ledger', 'vault', 'domain'],
  live: ['ledger', 'vault', 'domain'],
  jobs: ['ledger', 'vault', 'domain'],
  ledger: ['domain'],
  vault: ['domain'],
  screens: ['domain'],
  domain: [],
  setup: [],
};

t.test('imports go one way', async (t) => {
  for (const file of typescript) {
    const room = roomOf(file);
    t.ok(directions[room], `${file} stands in a room of the design`);
    for (const imported of importsOf(file).filter((name) => name.startsWith('src/'))) {
      const to = roomOf(imported);
      if (to !== room) t.ok(directions[room]?.includes(to), `${file} may import ${imported}`);
    }
  }
});

t.test('the domain runs in a browser', async (t) => {
  for (const file of typescript.filter((file) => roomOf(file) === 'domain')) {
    t.same(importsOf(file).filter((name) => !name.startsWith('src/domain/') && name !== 'zod'), [], file);
  }
});

t.test('no two files import each other, however long the way round', async (t) => {
  const graph = new Map(typescript.map((file) => [file, importsOf(file).filter((name) => name.startsWith('src/'))]));
  // What is imported for its types only is gone when the program runs.
  for (const [file, imported] of graph) {
    const text = withoutComments(read(file));
    graph.set(file, imported.filter((name) => {
      const end = name.slice(name.lastIndexOf('/') + 1).replace(/\.tsx?$/, '.js');
      return !new RegExp(`import type [^;]*/${end.replace('.', '\\.')}['"]`).test(text);
    }));
  }
  const done = new Set<string>();
  const walk = (file: string, way: string[]): void => {
    if (way.includes(file)) { t.fail([...way.slice(way.indexOf(file)), file].join(' > ')); return; }
    if (done.has(file)) return;
    for (const next of graph.get(file) ?? []) walk(next, [...way, file]);
    done.add(file);
  };
  for (const file of graph.keys()) walk(file, []);
  t.ok(done.size > 20);
});

t.test('what stands in one place stands in one place', async (t) => {
  for (const file of typescript) {
    const text = withoutComments(read(file));
    if (file !== 'src/config.ts') t.notMatch(text, /process\.env/, `${file} reads no setting by itself`);
    if (roomOf(file) !== 'ledger') t.notMatch(text, /\bfcall|FCALL|FUNCTION LOAD|\.function\(/, `${file} calls no function of the record by itself`);
    if (file !== 'src/ledger/keys.ts') {
      t.notMatch(text, /['"`]\{(system|jobs|\$\{[^}]*\}:?)/, `${file} names no key by itself`);
      for (const key of cellKeys) t.notMatch(text, new RegExp(`['"\`][^'"\`]*\\}:${key}['"\`]`), `${file} names no key by itself: ${key}`);
    }
  }
  for (const file of sources.filter((file) => file.endsWith('.lua'))) {
    for (const [, name] of read(file).matchAll(/\bkey\.(\w+)/g)) t.ok((cellKeys as readonly string[]).includes(name as string), `${file} uses the key ${name} of the fixed group`);
  }
});

t.test('files are short, say what they are for, and none is a drawer', async (t) => {
  for (const file of [...sources, ...filesIn('test'), ...filesIn('bench')].filter((file) => /\.(tsx?|mjs|lua)$/.test(file))) {
    const text = read(file);
    const lines = text.split('\n').length - 1;
    t.ok(lines <= 450, `${file} has ${lines} lines`);
    if (lines > 400) t.comment(`${file} grows: ${lines} lines`);
    t.match(text, /^(#!.*\n)?\s*(\/\/|\/\*|--) ?\S/, `${file} opens with what it is for`);
    t.notMatch(file, /(^|\/)(utils?|helpers?|types|index|misc|common|shared)(\.|\/)/, `${file} is named for what it holds`);
  }
});

// A step is one word: in the table, as a Lua file, in that file's header, and as a test.

/** Words of a part of the header, `--   refuses  a, b (why), c; more`, over its continuing lines. */
function headerOf(lua: string, part: string): string[] {
  const lines = lua.split('\n');
  const at = lines.findIndex((line) => new RegExp(`^--   ${part}\\s`).test(line));
  if (at < 0) return [`the header has no line for ${part}`];
  const taken = [(lines[at] as string).replace(new RegExp(`^--   ${part}\\s+`), '')];
  for (let i = at + 1; /^-- {6,}\S/.test(lines[i] ?? ''); i++) taken.push((lines[i] as string).replace(/^--\s+/, ''));
  const words = taken.join(' ').replace(/\([^)]*\)|;.*/g, '').replace(/ for each\b[^,]*/g, '').trim();
  return /^(none|nothing)$/.test(words) ? [] : words.split(/\s*,\s*/).filter(Boolean);
}

/** Events that a helper of the prelude or the queue records for a step. */
const recordedBy: Record<string, string[]> = {
  seal: ['tube.sealed'], voidWhole: ['tube.voided'], villageOrdinal: ['village.named'], openDiscrepancies: ['discrepancy.opened'],
  'assignment.handOn': ['ticket.moved'], 'assignment.move': ['ticket.moved'],
  'custody.begin': ['box.opened'], 'custody.release': ['result.released', 'recall.opened', 'resident.recalled', 'recall.settled', 'recall.closed', 'resident.freed'],
  'lab.compare': ['box.reconciled'], 'lab.park': ['result.parked'], 'lab.release': ['result.released'],
  'lab.judge': ['result.parked', 'result.held', 'result.released'], 'lab.judgeWaiting': ['result.parked', 'result.held', 'result.released'],
  'lab.register': ['tube.registered', 'result.parked', 'result.held', 'result.released'],
  'recalls.open': ['recall.opened', 'resident.recalled'], 'recalls.ensure': ['recall.opened', 'resident.recalled'], 'recalls.follow': ['recall.opened', 'resident.recalled'],
  'recalls.swabbed': ['contact.recorded'], 'recalls.contact': ['contact.recorded'], 'recalls.close': ['recall.closed'], 'recalls.letGo': ['resident.freed'],
};
/** Said by `run` before a step is asked. */
const saidByRun = ['round_closed', 'wrong_cell'];

for (const name of stepNames) {
  t.test(`${name} is the same in its table, its file, its header and its test`, async (t) => {
    const file = `src/ledger/${name}.lua`;
    if (!existsSync(join(root, file))) { t.fail(`${file} is missing`); return; }
    const lua = read(file);
    // What becomes due on the way to the laboratory stands in a file of its own.
    const code = (name === 'runDue' ? lua + read('src/ledger/dueCustody.lua') : lua).replace(/--.*$/gm, '');
    const { args, refuses, events } = steps[name];
    t.same(headerOf(lua, 'ARGV'), args, 'its arguments');
    t.same(headerOf(lua, 'refuses'), refuses, 'its refusals, in order');
    t.same(headerOf(lua, 'events').sort(), [...events].sort(), 'its events');
    // A finding is taken apart in one place for both steps that bring one.
    const uses = code.includes('lab.addResult(c, a,') ? code + read('src/ledger/laboratory.lua') : code;
    for (const arg of args) t.match(uses, new RegExp(`\\ba(\\.${arg}\\b|\\['${arg}'\\])`), `${arg} is used`);
    t.match(code, new RegExp(`function steps\\.${name}\\(`), 'it bears its name');

    const said = new Set([...code.matchAll(/(?:word = |against\(c, (?:[^'()]*(?:and|or) )?)'(\w+)'(?: or '(\w+)')?/g)].flatMap(([, one, two]) => [one, two].filter((word) => word !== undefined)));
    for (const word of [...code.matchAll(/and '(\w+)' or '(\w+)'/g)].flatMap(([, one, two]) => [one as string, two as string])) if (refusalWords.includes(word as never)) said.add(word);
    if (code.includes('lab.refuses(')) for (const word of ['time_in_future', 'result_recorded', 'result_differs']) said.add(word);
    t.same([...said].filter((word) => !refuses.includes(word as never)), [], 'it refuses with nothing else');
    t.same(refuses.filter((word) => !said.has(word) && !saidByRun.includes(word)), [], 'it says each of its refusals');

    const recorded = new Set([...code.matchAll(/record\(c, '([\w.]+)'/g)].map(([, event]) => event as string));
    for (const [helper, names] of Object.entries(recordedBy)) if (new RegExp(`(^|[^\\w.'])${helper.replace('.', '\\.')}\\(`, 'm').test(code)) for (const event of names) recorded.add(event);
    t.same([...recorded].sort(), [...events].sort(), 'it records its events and no others');
    t.ok(existsSync(join(root, `test/ledger/${name}.test.ts`)), 'it has a test of its name');
  });
}

t.test('every Lua file is a step or one of the few that all steps share', async (t) => {
  const shared = ['prelude', 'assignment', 'custody', 'recalls', 'laboratory', 'dueCustody', 'codes', 'run', 'replay', 'shelf'];
  const others = sources.filter((file) => file.endsWith('.lua')).map((file) => file.replace(/^src\/ledger\/|\.lua$/g, '')).filter((name) => !(stepNames as string[]).includes(name));
  t.same(others.filter((name) => !shared.includes(name)), []);
});

t.test('every event is recorded, and every refusal is said', async (t) => {
  const lua = sources.filter((file) => file.endsWith('.lua')).map(read).join('\n');
  for (const event of eventNames) t.ok(lua.includes(`'${event}'`), event);
  const everywhere = sources.filter((file) => file !== 'src/domain/refusals.ts' && file !== 'src/domain/steps.ts').map((file) => (/\.tsx?$/.test(file) ? withoutComments(read(file)) : read(file))).join('\n');
  for (const word of refusalWords) t.ok(new RegExp(`['"\`]${word}['"\`]`).test(everywhere), word);
});
