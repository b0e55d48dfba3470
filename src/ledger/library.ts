// Joins the Lua files into one Redis function library and puts it on the server.
//
// The registered name carries the hash of the library, so two versions live side by side during a rolling restart: a process calls only
// its own, loads it where it is missing, and replaces nobody else's. Old ones are removed by a command (`npm run swabline -- tidy`).

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Redis } from 'ioredis';
import { events, header } from '../domain/events.js';
import { assignmentRules, boxConditions, codeKinds, contactWords, foundOutcomes, householdRules, priorityClasses, recallCauses, recallOutcomes, rejectionCodes, resultWaits, riskGroups, sealReasons, testResults } from '../domain/reasons.js';
import { codeDirectory, stepNames, systemCell, type StepName } from '../domain/requests.js';
import { directorySteps, facts, laboratorySteps, onlyInLaboratories, steps } from '../domain/steps.js';
import { hiddenArgument, notCopied } from './arguments.js';
import { formatOf, luaRecord, luaValues } from './codec.js';
import { type CellKey, cellKeys, keyOf, tagOf } from './keys.js';
import { layout, layouts } from './records.js';
import { entryKinds } from './requestEntries.js';

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
    'local LIBRARY',
    `local LAYOUT = ${layout}`,
    `local KEY_NAMES = { ${cellKeys.map((key) => `'${key}'`).join(', ')} }`,
    `local sealReasons = ${places(sealReasons, 1)}`,
    `local riskGroups = ${places(riskGroups)}`,
    `local priorityClasses = ${places(priorityClasses)}`,
    `local householdRules = ${places(householdRules)}`,
    `local assignmentRules = ${places(assignmentRules)}`,
    `local codeKinds = ${places(codeKinds)}`,
    `local testResults = ${places(testResults, 1)}`,
    `local resultWords = { ${testResults.map((word) => `'${word}'`).join(', ')} }`,
    `local boxConditions = ${places(boxConditions)}`,
    `local rejectionCodes = ${places(rejectionCodes, 1)}`,
    `local resultWaits = ${places(resultWaits, 1)}`,
    `local recallCauses = ${places(recallCauses, 1)}`,
    `local recallOutcomes = ${places(recallOutcomes, 1)}`,
    `local contactWords = ${places(contactWords, 1)}`,
    `local foundOutcomes = ${luaTable(foundOutcomes.map((word) => [word, 'true'] as const))}`,
    `local stepPlaces = ${places(stepNames, 1)}`,
    `local SYSTEM_CELL = '${keyOf(systemCell, 'cell')}'`,
    `local systemSteps = ${luaTable(stepNames.filter((step) => steps[step].place === 'system').map((step) => [step, 'true'] as const))}`,
    `local laboratorySteps = ${luaTable(laboratorySteps.map((step) => [step, 'true'] as const))}`,
    `local DIRECTORY = '^${tagOf(codeDirectory(false)).replace(/:.*/, ':')}'`,
    `local directorySteps = ${luaTable(directorySteps.map((step) => [step, 'true'] as const))}`,
    `local onlyInLaboratories = ${luaTable(onlyInLaboratories.map((step) => [step, 'true'] as const))}`,
    `local entryKinds = ${luaTable(Object.entries(entryKinds))}`,
    // Whether such an argument was given at all may be known, as the event tells it; what it was may not.
    `local function hidden(arg) if arg == '-' then return arg end return '${hiddenArgument}' end`,
    `local notCopied = { ${Object.entries(notCopied).map(([step, names]) => `${step} = { ${names.map((name) => `[${(steps[step as StepName].args as readonly string[]).indexOf(name) + 1}] = hidden`).join(', ')} }`).join(', ')} }`,
    `local closedTo = ${luaTable(stepNames.filter((step) => (steps[step].refuses as readonly string[]).includes('round_closed')).map((step) => [step, 'true'] as const))}`,
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
    'local steps, assignment, custody, recalls, lab, due, codes = {}, {}, {}, {}, {}, {}, {}',
  ].join('\n');
}

export interface Library {
  name: string;
  /** The registered name of the function that takes steps. */
  run: string;
  /** The registered name of the function that changes a shelf entry. */
  swap: string;
  /** The registered name of the function that takes archived requests again; never called by the door. */
  replay: string;
  code: string;
}

/** The library of this build. */
export function buildLibrary(): Library {
  const [bindings, prelude] = split(source('prelude.lua'));
  const body = [
    bindings,
    generated(),
    prelude,
    ...['assignment', 'custody', 'recalls', 'laboratory', 'dueCustody', 'codes'].map((file) => `do\n${source(`${file}.lua`)}\nend`),
    ...stepNames.map((name) => `do\n${source(`${name}.lua`)}\nend`),
    source('run.lua'),
    source('replay.lua'),
    source('shelf.lua'),
  ].join('\n');
  const hash = createHash('sha256').update(body).digest('hex').slice(0, 12);
  const name = `swabline_${hash}`;
  return { ...functionsOf(name), code: `#!lua name=${name}\n${body}\n${registration(name)}` };
}

/** The registered names of the functions of a library, this build's or an older one's that an archive holds. */
export const functionsOf = (name: string): Omit<Library, 'code'> => ({ name, run: `${name}_run`, swap: `${name}_swap`, replay: `${name}_replay` });

/** The keys of a cell that a library asks for, in its order: an older one knows fewer. */
export function keysOfLibrary(code: string): CellKey[] {
  const list = /^local KEY_NAMES = \{ (.*) \}$/m.exec(code)?.[1];
  if (list === undefined) throw new Error('this is not the code of a library');
  return [...list.matchAll(/'(\w+)'/g)].map((match) => match[1] as CellKey);
}

/** The code of a library: this build's own, or one that another version has put on the server. */
export async function libraryCode(redis: Redis, own: Library, name: string): Promise<string> {
  if (name === own.name) return own.code;
  const [found] = (await redis.call('FUNCTION', 'LIST', 'LIBRARYNAME', name, 'WITHCODE')) as unknown[][];
  const at = found?.indexOf('library_code') ?? -1;
  if (at < 0) throw new Error(`the library ${name}, by which steps were taken, is no longer on the server`);
  return String(found?.[at + 1]);
}

/** What stands behind the hashed text: the names that hold the hash. */
function registration(name: string): string {
  const { run, swap, replay } = functionsOf(name);
  return [`LIBRARY = '${name}'`, ...Object.entries({ run, swap, replay }).map(([local, registered]) => `redis.register_function('${registered}', ${local})`), ''].join('\n');
}

/** The prelude's bindings must stand before the generated tables, which use them; its helpers after, as they use the tables. */
function split(prelude: string): [string, string] {
  const mark = "\n-- Numbers in names and arguments";
  const at = prelude.indexOf(mark);
  if (at < 0) throw new Error('prelude.lua has lost the line that divides bindings from helpers');
  return [prelude.slice(0, at), prelude.slice(at)];
}
