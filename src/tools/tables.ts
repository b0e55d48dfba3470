// The README's tables, made from the data they describe. `npm run readme` writes them; test/readme.test.ts fails when one has drifted.

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { events } from '../domain/events.js';
import { refusals } from '../domain/refusals.js';
import { stepNames } from '../domain/requests.js';
import { facts, steps } from '../domain/steps.js';
import { floorOf, goals, measured, reached } from './goals.js';

const row = (...cells: string[]) => `| ${cells.join(' | ')} |`;
const code = (words: readonly string[]) => words.map((word) => `\`${word}\``).join(' ');

/** Rooms in the order in which the program is to be understood, each with what it is. */
const rooms: [room: string, what: string][] = [
  ['domain', 'what things are and what may happen to them; no input or output; runs in Node and in the browser'],
  ['ledger', 'the record: keys, packed records, the function library, one Lua file a step, reading it back'],
  ['vault', 'personal data as ciphertext; nobody else sees it in clear'],
  ['api', 'the door: who is asking, what may be asked, and the answer'],
  ['live', 'events folded into counts; what screens see'],
  ['jobs', 'what follows from events, and work that takes a while (BullMQ)'],
  ['screens', 'the browser: what stands on the tablets, the wall and the desks'],
  ['tools', 'the command line: the drill, commands at the console, the README'],
  ['setup', 'plain Node that makes everything else possible on an empty machine'],
];

/** The first sentence of a file's opening comment. */
function opening(file: string): string {
  const lines: string[] = [];
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const comment = /^(?:\/\/|--)\s?(.*)$/.exec(line);
    if (!comment) break;
    lines.push(comment[1] as string);
  }
  const text = lines.join(' ');
  return (/^.*?[.:;](?= |$)/.exec(text)?.[0] ?? text).replace(/[:;]$/, '.').replaceAll('|', '/');
}

function filesOf(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => (entry.isDirectory() ? filesOf(`${folder}/${entry.name}`) : [`${folder}/${entry.name}`]))
    .filter((file) => /\.(tsx?|mjs|lua)$/.test(file))
    .sort();
}

/** Every room and file with its first sentence; a step's file is in the table of steps. */
function map(): string[] {
  const isStep = (file: string) => file.endsWith('.lua') && stepNames.includes(file.replace(/^.*\/|\.lua$/g, '') as never);
  return rooms.filter(([room]) => existsSync(`src/${room}`)).flatMap(([room, what]) => [
    `#### \`src/${room}/\``, '', `${what}.`, '',
    ...filesOf(`src/${room}`).filter((file) => !isStep(file)).map((file) => `- \`${file}\`: ${opening(file)}`), '',
  ]);
}

/** The floors and aims of the bench, and what its last kept run has measured (`npm run bench -- --write`). */
function bench(): string[] {
  const { machine, figures, spreads } = measured();
  return [
    row('what', 'floor', 'aim', 'measured', 'lowest to highest round', 'reached'),
    row('---', '---', '---', '---', '---', '---'),
    ...goals().map((goal) => {
      const value = figures[goal.key];
      return row(goal.what, floorOf(goal), String(goal.aim), value === undefined ? 'not measured' : String(value), spreads[goal.key]?.join(' to ') ?? '', value === undefined ? '' : reached(goal, value).replace('NO', '**no**'));
    }),
    '', `Machine: ${Object.entries(machine).map(([name, value]) => `${name} ${value}`).join(', ')}.`,
  ];
}

/** Name of each generated table and its lines. */
export const tables: Record<string, () => string[]> = {
  steps: () => [
    row('step', 'place', 'what happens', 'events'),
    row('---', '---', '---', '---'),
    ...stepNames.map((name) => row(`\`${name}\`${facts.includes(name) ? ' *' : ''}`, steps[name].place, `${steps[name].does} ${steps[name].doesZh}`, code(steps[name].events))),
  ],
  events: () => [
    row('event', 'means'),
    row('---', '---'),
    ...Object.entries(events).map(([name, { means }]) => row(`\`${name}\``, means)),
  ],
  map,
  bench,
  refusals: () => [
    row('refusal', 'sentence', 'what to do'),
    row('---', '---', '---'),
    ...Object.entries(refusals).map(([word, { zh, en, nextZh, nextEn }]) => row(`\`${word}\``, `${zh} ${en}.`, `${nextZh} ${nextEn}.`)),
  ],
};

/** `text` with every `<!-- table:name -->` block filled anew. @throws when a block names a table there is not, or one is missing. */
export function fill(text: string): string {
  const seen = new Set<string>();
  const filled = text.replace(/<!-- table:(\w+) -->\n[\s\S]*?<!-- end -->/g, (_, name: string) => {
    const make = tables[name];
    if (!make) throw new Error(`there is no table "${name}"`);
    seen.add(name);
    return [`<!-- table:${name} -->`, ...make(), '<!-- end -->'].join('\n');
  });
  const missing = Object.keys(tables).filter((name) => !seen.has(name));
  if (missing.length) throw new Error(`the README has no place for: ${missing.join(', ')}`);
  return filled;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  writeFileSync('README.md', fill(readFileSync('README.md', 'utf8')));
}
