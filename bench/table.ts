// Every figure of the README's table, in one command.
//
//   npm run bench [-- --json] [--write] [--no-postgres] [--peak-minutes 10] [--only swab,growth,...]
//
// Asks the questions whose answers stand there, one after the other: swab (pinned, then unpinned with PostgreSQL, which is installed from
// Debian where it is missing), growth, fanout, peak, drill, station. It takes some forty minutes and wants the machine for itself. `--json`
// prints one flat object of the figures; `--write` keeps them in measured.json, from which `npm run readme` makes the table. With `--only`
// the others stay as they were.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { floorOf, goals, type Measured, measured, measuredFile, reached } from '../src/tools/goals.js';
import { machine, table } from './rig/figures.js';
import { startFlags } from './rig/processes.js';

const { values: options } = parseArgs({ options: { json: { type: 'boolean', default: false }, write: { type: 'boolean', default: false }, 'no-postgres': { type: 'boolean', default: false }, only: { type: 'string' }, 'peak-minutes': { type: 'string', default: '10' } } });

const wanted = goals();
const folder = mkdtempSync(join(tmpdir(), 'swabline-table-'));
const here = fileURLToPath(new URL('.', import.meta.url));
const out = join(folder, 'out.json');
const drill = join(here, '../src/tools/drill.js');

const isVersus = (key: string): boolean => key.startsWith('vs');
const questions: { name: string; file: string; args: string[]; keeps(key: string): boolean }[] = [
  { name: 'swab', file: 'swab.js', args: ['--json', '--out', out, '--only', 'bare,PING,one swab,outbox of 200,the function'], keeps: (key) => !isVersus(key) },
  { name: 'peers', file: 'swab.js', args: ['--json', '--unpinned', '--out', out, ...(options['no-postgres'] ? [] : ['--postgres']), '--only', 'HTTP one swab,separate,WATCH,BullMQ,PostgreSQL'], keeps: isVersus },
  { name: 'growth', file: 'growth.js', args: ['--json'], keeps: () => true },
  { name: 'fanout', file: 'fanout.js', args: ['--json'], keeps: () => true },
  { name: 'peak', file: 'peak.js', args: ['--json', '--minutes', options['peak-minutes']], keeps: () => true },
  { name: 'drill', file: drill, args: ['--speed', 'max', '--prevalence', '0.001', '--json'], keeps: () => true },
  { name: 'station', file: 'station.js', args: ['--json'], keeps: () => true },
];

function ask({ name, file, args, keeps }: (typeof questions)[number], run: Measured): boolean {
  process.stderr.write(`\n${name}\n`);
  rmSync(out, { force: true });
  const { status, stdout } = spawnSync(process.execPath, file === drill ? [...startFlags, drill, ...args] : [join(here, file), ...args], { stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8', maxBuffer: 1 << 26 });
  const last = stdout.trimEnd().split('\n').at(-1) ?? '';
  if (status !== 0 || !last.startsWith('{')) {
    process.stderr.write(`${name} did not come to its end (${status}): ${stdout.slice(-600)}\n`);
    return false;
  }
  const said = JSON.parse(last) as Record<string, unknown>;
  if (file === drill) said['drillSeconds'] = Number((Number(said['rosterSeconds']) + Number(said['daySeconds']) + Number(said['eveningSeconds'])).toFixed(1));
  if ('peakDoubled' in said) Object.assign(said, { peakLost: Number(said['peakLost']) + Number(said['peakDoubled']), peakMinutes: Number(options['peak-minutes']) });
  const spreads = existsSync(out) ? ((JSON.parse(readFileSync(out, 'utf8')) as { spreads: Record<string, [number, number]> }).spreads) : {};
  for (const { key } of wanted) {
    const value = said[key];
    if (typeof value !== 'number' || !Number.isFinite(value) || !keeps(key)) continue;
    run.figures[key] = value;
    if (spreads[key]) run.spreads[key] = spreads[key];
    else delete run.spreads[key];
  }
  return true;
}

try {
  const only = options.only?.split(',');
  const before = measured();
  const run: Measured = { machine: machine(), figures: { ...(options.write ? before.figures : {}) }, spreads: { ...(options.write ? before.spreads : {}) } };
  let whole = true;
  for (const question of questions) {
    if (only && !only.includes(question.name)) continue;
    whole = ask(question, run) && whole;
    // After each, so that an hour of measuring is not lost with the last of it.
    if (options.write) writeFileSync(measuredFile, `${JSON.stringify(run, undefined, 2)}\n`);
  }
  const rows = wanted.filter(({ key }) => key in run.figures).map((goal) => {
    const value = run.figures[goal.key] as number;
    const spread = run.spreads[goal.key];
    return [goal.what, floorOf(goal), String(goal.aim), `${value}${spread ? ` (${spread.join(' to ')})` : ''}`, reached(goal, value)];
  });
  process.stderr.write(`\n${JSON.stringify(run.machine)}\n${table(['what', 'floor', 'aim', 'measured', 'reached'], rows)}\n`);
  if (options.json) console.log(JSON.stringify(run.figures));
  if (!whole) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
