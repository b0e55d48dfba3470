// What do the other steps on a resident's way cost: the roster, check-in, tubes, boxes, and a tablet that comes to the day without one?
//
//   npm run bench -- others [--json] [--rounds 5] [--only check-in,tubes,roster,tablet]
//
// Everything goes through the door, by HTTP and with paired devices, fsync always. Steps are measured in shuffled rounds with fifty
// people at work at once; a roster is sent, judged and enrolled as a person at the command post would have it. The service (worker
// included) is on core 0, everything else on core 1.

import { parseArgs } from 'node:util';
import type { CellName } from '../src/domain/requests.js';
import { residents } from '../src/ledger/reads.js';
import { csv, headings, madeUpRow, type Value, xlsx } from '../test/jobs/roster/rosters.js';
import { checkCell } from './rig/cell.js';
import { claimedNow, crowdTube, openCrowd, siteName, stationName } from './rig/crowd.js';
import { pairDevices, type Place } from './rig/devices.js';
import { machine, median, shuffled, spread, table } from './rig/figures.js';
import type { Act, Done, Person } from './rig/acts.js';
import { HttpLine } from './rig/lines.js';
import { sendRoster } from './rig/roster.js';
import { buildStand, say } from './rig/stand.js';

const { values: options } = parseArgs({
  options: { json: { type: 'boolean', default: false }, rounds: { type: 'string', default: '5' }, only: { type: 'string', default: 'check-in,tubes,roster,tablet' } },
});
const rounds = Number(options.rounds);
const only = options.only.split(',');
const atOnce = 50;
const township = 28_000;

interface Sample {
  perSecond: number;
  p50: number;
  p99: number;
  serviceCpu: number;
  redisCpu: number;
}

const stand = await buildStand({ roles: 'api,worker' });
const acts = await stand.start('acts', [String(stand.port)]);
const result: Record<string, number> = {};
const addressOf = ({ round, area }: CellName) => `/api/cells/${round}/${area}`;

/** A person who sends steps under the numbers of their own device. */
class Sender {
  readonly device: string;
  readonly key: string;
  #number = 0;

  constructor(device: string, key: string) {
    this.device = device;
    this.key = key;
  }

  act(cell: CellName, step: string, body: object, what = step): Act {
    return { what, path: `${addressOf(cell)}/steps/${step}`, body: JSON.stringify({ device: this.device, epoch: 'e1', number: ++this.#number, claimedAt: claimedNow, body }) };
  }
}

async function senders(cell: CellName, role: Place['role'], count: number): Promise<Sender[]> {
  const places = Array.from({ length: count }, (_, i): Place => ({ device: `${cell.round}-${role}${i}`, role, cell, ...(role === 'station' ? { station: stationName(i) } : {}) }));
  const keys = await pairDevices(stand.ledger, stand.redis.url, places);
  return places.map(({ device }, i) => new Sender(device, keys[i] as string));
}

/** Has people act, and gives what it cost; `acts` are counted, or what is asked for. */
async function measured(people: Person[], count = people.reduce((sum, { acts: { length } }) => sum + length, 0)): Promise<{ done: Done; cost: Omit<Sample, 'p50' | 'p99'> }> {
  const clock = stand.clock();
  const done = JSON.parse(await acts.say(JSON.stringify(people))) as Done;
  const used = clock();
  if (done.bad > 0) throw new Error(`${done.bad} acts were answered with no: ${done.firstBad}`);
  return { done, cost: { perSecond: count / done.seconds, serviceCpu: used.service / count, redisCpu: used.redis / count } };
}

const samples = new Map<string, Sample[]>();
const keep = (name: string, sample: Sample, round: number) => {
  if (round > 0) samples.set(name, [...(samples.get(name) ?? []), sample]);
};

/** Tickets of single people, by the three rules, with a hundred stations at ten sites. */
async function checkIn(): Promise<void> {
  const perRound = 2000;
  const rules = ['own', 'nearest', 'any'] as const;
  const desks = new Map<string, { cell: CellName; senders: Sender[]; next: number; numbers: number }>();
  for (const rule of rules) {
    const cell = { round: `tickets-${rule}`, area: 'bench' };
    await openCrowd(stand.ledger, cell, { people: (rounds + 1) * perRound, stations: 100, sites: 10, rules: { assignment: { rule } } });
    desks.set(rule, { cell, senders: await senders(cell, 'desk', atOnce), next: 0, numbers: 0 });
  }
  for (let round = 0; round <= rounds; round++) {
    for (const rule of shuffled(rules)) {
      const at = desks.get(rule) as NonNullable<ReturnType<typeof desks.get>>;
      const people = at.senders.map((sender, desk): Person => ({
        key: sender.key,
        // A desk has two letters of its own and counts its tickets.
        acts: Array.from({ length: perRound / atOnce }, (_, i) => {
          const number = `${String.fromCharCode(65 + Math.floor(desk / 26))}${String.fromCharCode(65 + (desk % 26))}${at.numbers + i + 1}`;
          return sender.act(at.cell, 'issueTicket', { site: siteName(desk % 10), party: [{ resident: String(++at.next), number }] });
        }),
      }));
      at.numbers += perRound / atOnce;
      const { done, cost } = await measured(people);
      const { p50, p99 } = done.times['issueTicket'] as Done['times'][string];
      keep(`check-in, rule ${rule}`, { ...cost, p50, p99 }, round);
    }
  }
}

/** A tube's short life: opened, one swab, sealed by hand; then its box. */
async function tubesAndBoxes(): Promise<void> {
  const tubes = 1000;
  const cell = { round: 'tubes', area: 'bench' };
  await openCrowd(stand.ledger, cell, { people: (rounds + 1) * tubes, stations: 100 });
  const [stations, packers] = [await senders(cell, 'station', atOnce), await senders(cell, 'packer', atOnce)];
  let [tube, box] = [0, 0];
  for (let round = 0; round <= rounds; round++) {
    const codes = stations.map(() => Array.from({ length: tubes / atOnce }, () => ++tube));
    const filling = stations.map((sender, i): Person => ({
      key: sender.key,
      acts: (codes[i] as number[]).flatMap((n) => [
        sender.act(cell, 'openTube', { tube: crowdTube(n), station: stationName(i) }),
        sender.act(cell, 'takeSwab', { resident: String(n), tube: crowdTube(n) }),
        sender.act(cell, 'sealTube', { tube: crowdTube(n), reason: 'early' }),
      ]),
    }));
    const filled = await measured(filling);
    const packing = packers.map((sender, i): Person => {
      const code = crowdTube(++box, 'B');
      return {
        key: sender.key,
        acts: [
          sender.act(cell, 'openBox', { box: code }),
          ...(codes[i] as number[]).map((n) => sender.act(cell, 'packTube', { tube: crowdTube(n), box: code })),
          sender.act(cell, 'sealBox', { box: code, counted: tubes / atOnce }),
        ],
      };
    });
    const packed = await measured(packing);
    for (const [{ done, cost }, kinds] of [[filled, ['openTube', 'takeSwab', 'sealTube']], [packed, ['packTube']]] as const) {
      for (const kind of kinds) {
        const { p50, p99 } = done.times[kind] as Done['times'][string];
        // What they cost is known of the mixture only.
        keep(kinds.length > 1 ? `${kind} (of ${kinds.join(', ')} in turn)` : `${kind} (twenty to a box)`, { ...cost, p50, p99 }, round);
      }
    }
  }
  const found = await checkCell(stand.ledger.redis, cell);
  if (found.swabs !== tube || found.sampled !== tube || found.fullest !== 1) throw new Error(`${tube} tubes of one swab were filled, the record says ${JSON.stringify(found)}`);
}

/** A file of 28,000 rows: sent, judged, and enrolled, as the command post does it. */
async function rosters(): Promise<void> {
  // Files are the command post's, which is people with accounts; the bench's tool stands in for one.
  const line = new HttpLine(stand.port, stand.service.line.split(' ')[1] as string);
  const rows = [headings, ...Array.from({ length: township }, (_, i) => madeUpRow(i + 1))];
  const files = { xlsx: await xlsx(rows as Value[][]), csv: csv(rows) };
  const seconds: Record<string, number[]> = {};
  for (let round = 0; round < Math.min(3, rounds); round++) {
    for (const format of shuffled(['xlsx', 'csv'] as const)) {
      const cell = { round: `roster-${format}-${round}`, area: 'bench' };
      const clock = stand.clock();
      const { judged, enrolled, people } = await sendRoster(line, cell, files[format], `roster.${format}`);
      const used = clock();
      const there = await residents(stand.ledger.redis, cell, township, 10);
      if (people !== township || there.length !== 1) throw new Error(`${people} of ${township} were enrolled, and ${there.length} stand at the end of the list`);
      for (const [what, value] of [['', enrolled], ['Checked', judged], ['ServiceCpu', used.service / 1e6], ['RedisCpu', used.redis / 1e6]] as const) (seconds[`${format}${what}`] ??= []).push(value);
    }
  }
  say(`\nRoster of ${township} rows, from sending the file to the last one enrolled\n${
    table(['file', 'bytes', 'seconds', 'of them the dry run', 'service CPU s', 'Redis CPU s'], (['xlsx', 'csv'] as const).map((format) => [
      format, String(files[format].length), ...['', 'Checked', 'ServiceCpu', 'RedisCpu'].map((what) => spread(seconds[`${format}${what}`] as number[])),
    ]))}`);
  line.close();
  for (const format of ['xlsx', 'csv'] as const) result[`roster${format === 'xlsx' ? 'Xlsx' : 'Csv'}Seconds`] = Number(median(seconds[format] as number[]).toFixed(2));
}

/** A tablet that has nothing reads the whole roster, page by page; then twenty of them at once. */
async function coldTablet(): Promise<void> {
  const cell = { round: 'cold', area: 'bench' };
  await openCrowd(stand.ledger, cell, { people: township, stations: 20 });
  const tablets = await senders(cell, 'station', 20);
  const pages = Array.from({ length: township / 1000 }, (_, i): Act => ({ what: 'page', path: `${addressOf(cell)}/residents?from=${i * 1000 + 1}&count=1000` }));
  const rows: string[][] = [];
  for (const count of [1, 20]) {
    const runs: { seconds: number; p99: number; serviceCpu: number; redisCpu: number; bytes: number }[] = [];
    for (let round = 0; round <= rounds; round++) {
      const { done, cost } = await measured(tablets.slice(0, count).map(({ key }) => ({ key, acts: pages })), count);
      if (round > 0) runs.push({ seconds: done.seconds, p99: (done.times['page'] as Done['times'][string]).p99, serviceCpu: cost.serviceCpu / 1000, redisCpu: cost.redisCpu / 1000, bytes: done.bytes / count });
    }
    rows.push([String(count), ...(['seconds', 'p99', 'serviceCpu', 'redisCpu', 'bytes'] as const).map((what) => spread(runs.map((run) => run[what])))]);
    result[count === 1 ? 'coldTabletSeconds' : 'coldTablets20Seconds'] = Number(median(runs.map(({ seconds }) => seconds)).toFixed(3));
  }
  say(`\nThe first roster of a tablet: ${township} residents in pages of 1,000\n${table(['tablets at once', 'seconds', 'p99 of a page, ms', 'service CPU ms a tablet', 'Redis CPU ms a tablet', 'bytes a tablet'], rows)}`);
}

async function main(): Promise<void> {
  say(`${JSON.stringify(machine())}, pinned, fsync always, ${rounds} rounds`);
  if (only.includes('check-in')) await checkIn();
  if (only.includes('tubes')) await tubesAndBoxes();
  if (samples.size > 0) {
    say(`\n${table(['step', 'acts/s', 'p50 ms', 'p99 ms', 'service CPU us', 'Redis CPU us'], [...samples].map(([name, runs]) => [
      name, ...(['perSecond', 'p50', 'p99', 'serviceCpu', 'redisCpu'] as const).map((what) => spread(runs.map((run) => run[what]))),
    ]))}`);
  }
  const middle = (name: string, what: keyof Sample) => median((samples.get(name) ?? []).map((sample) => sample[what]));
  for (const rule of ['own', 'nearest', 'any']) if (samples.has(`check-in, rule ${rule}`)) result[`checkIn${rule[0]?.toUpperCase()}${rule.slice(1)}RedisCpu`] = Number(middle(`check-in, rule ${rule}`, 'redisCpu').toFixed(1));
  if (samples.has('packTube (twenty to a box)')) result['packTubeRedisCpu'] = Number(middle('packTube (twenty to a box)', 'redisCpu').toFixed(1));
  if (only.includes('tablet')) await coldTablet();
  if (only.includes('roster')) await rosters();
  console.log(options.json ? JSON.stringify(result) : table(['figure', 'median'], Object.entries(result).map(([name, value]) => [name, String(value)])));
}

try {
  await main();
} finally {
  await stand.stop();
}
