// Joins the Lua files into one Redis function library and puts it on the server.
//
// The registered name carries the hash of the library, so two versions live side by side during a rolling restart: a process calls only
// its own, loads it where it is missing, and replaces nobody else's. Old ones are removed by a command (`npm run swabline -- tidy`).

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { events, header } from '../domain/events.js';
import { assignmentRules, householdRules, priorityClasses, riskGroups, sealReasons } from '../domain/reasons.js';
import { stepNames, systemCell } from '../domain/requests.js';
import { facts, steps } from '../domain/steps.js';
import { formatOf, luaRecord, luaValues } from './codec.js';
import { cellKeys, keyOf } from './keys.js';
import { layout, layouts } from './records.js';

/** The sources stand beside the TypeScript files; compiled code, in `dist/ledger` or `build/src/ledger`, reads them from there. */
function source(file: string): string {
  const here = new URL('.', import.meta.url).pathname;
  const root = here.replace(/(build\/src|dist|src)\/ledger\/$/, '');
  return readFileSync(`${root}src/ledger/${file}`, 'utf8');
}

const luaTable = (entries: Iterable<readonly [string, string | number]>) =>
  `{ ${[...entries].map(([name, value]) => `['${name}'] = ${value}`).join(', ')} }`;

/** `{ normal = 0, key = 1, ... }`: the place of each word in its list. */
const places = (words: readonly string[], from = 0) => luaTable(words.map((word, i) => [word, i + from] as const));

function generated(): string {
  const headerValues = 'stepPlaces[c.step] or 0, c.now, c.device, c.number, c.claimedAt, c.offset, c.reported, #c.by, c.by';
  const headerFormat = formatOf(header);
  return [
    `local LAYOUT = ${layout}`,
    `local KEY_NAMES = { ${cellKeys.map((key) => `'${key}'`).join(', ')} }`,
    `local sealReasons = ${places(sealReasons, 1)}`,
    `local riskGroups = ${places(riskGroups)}`,
    `local priorityClasses = ${places(priorityClasses)}`,
    `local householdRules = ${places(householdRules)}`,
    `local assignmentRules = ${places(assignmentRules)}`,
    `local stepPlaces = ${places(stepNames, 1)}`,
    `local SYSTEM_CELL = '${keyOf(systemCell, 'cell')}'`,
    `local systemSteps = ${luaTable(stepNames.filter((step) => steps[step].place === 'system').map((step) => [step, 'true'] as const))}`,
    `local facts = ${luaTable(facts.map((step) => [step, 'true'] as const))}`,
    'local records = {',
    ...Object.entries(layouts).map(([name, fields]) => `${name} = ${luaRecord(fields)},`),
    '}',
    'local events = {',
    ...Object.entries(events).map(([name, { kind, fields }]) => {
      const values = luaValues(fields, 'f');
      return `['${name}'] = function(c, f) return pack('${headerFormat}${formatOf(fields).slice(1)}', ${kind}, ${headerValues}${values && `, ${values}`}) end,`;
    }),
    '}',
    // For a resident named by the number of its registration; nil for any other event.
    `local function registeredResident(bytes) if string.byte(bytes) ~= ${events['resident.registered'].kind} then return nil end local _, _, _, _, _, _, _, _, _, resident = parse('${headerFormat}I4', bytes) return resident end`,
    'local stepArguments = {',
    ...stepNames.map((name) => `${name} = function(v) return { ${steps[name].args.map((arg, i) => `['${arg}'] = v[${i + 1}]`).join(', ')} } end,`),
    '}',
    'local steps, assignment = {}, {}',
  ].join('\n');
}

export interface Library {
  name: string;
  /** The registered name of the function that takes steps. */
  run: string;
  /** The registered name of the function that changes a shelf entry. */
  swap: string;
  code: string;
}

/** The library of this build. */
export function buildLibrary(): Library {
  const [bindings, prelude] = split(source('prelude.lua'));
  const body = [
    bindings,
    generated(),
    prelude,
    `do\n${source('assignment.lua')}\nend`,
    ...stepNames.map((name) => `do\n${source(`${name}.lua`)}\nend`),
    source('run.lua'),
    source('shelf.lua'),
  ].join('\n');
  const hash = createHash('sha256').update(body).digest('hex').slice(0, 12);
  const name = `swabline_${hash}`;
  const [run, swap] = [`${name}_run`, `${name}_swap`];
  const code = `#!lua name=${name}\n${body}\nredis.register_function('${run}', run)\nredis.register_function('${swap}', swap)\n`;
  return { name, run, swap, code };
}

/** The prelude's bindings must stand before the generated tables, which use them; its helpers after, as they use the tables. */
function split(prelude: string): [string, string] {
  const mark = "\n-- Numbers in names and arguments";
  const at = prelude.indexOf(mark);
  if (at < 0) throw new Error('prelude.lua has lost the line that divides bindings from helpers');
  return [prelude.slice(0, at), prelude.slice(at)];
}
