// The README's tables, made from the data they describe. `npm run readme` writes them; test/readme.test.ts fails when one has drifted.

import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { events } from '../domain/events.js';
import { refusals } from '../domain/refusals.js';
import { stepNames } from '../domain/requests.js';
import { facts, steps } from '../domain/steps.js';

const row = (...cells: string[]) => `| ${cells.join(' | ')} |`;
const code = (words: readonly string[]) => words.map((word) => `\`${word}\``).join(' ');

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
