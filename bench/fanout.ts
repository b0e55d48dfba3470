// What do live screens cost, and how old is what they show?
//
//   npm run bench -- fanout [--json] [--rounds 3] [--seconds 8]
//
// 50, 500 and 2,000 screens on one cell while swabs flow through the door, each screen a WebSocket of its own in another process. The flow
// is twenty a second, so that every screen is told four times a second, which is as often as it is told anything; 500 screens are also
// watched at eight a second (a township's peak) and at a hundred. The service is on core 0, everything else on core 1.

import { parseArgs } from 'node:util';
import type { Place } from './rig/devices.js';
import { pairDevices } from './rig/devices.js';
import { allEvents, lastPosition } from '../src/ledger/stream.js';
import { applied, openCrowd, stationName, stationsAtWork, Tablet } from './rig/crowd.js';
import { machine, median, shuffled, spread, table } from './rig/figures.js';
import type { Distribution } from './rig/latencies.js';
import { HttpLine, contentOf, SocketLine } from './rig/lines.js';
import { buildStand, say } from './rig/stand.js';

const { values: options } = parseArgs({
  options: { json: { type: 'boolean', default: false }, rounds: { type: 'string', default: '3' }, seconds: { type: 'string', default: '8' } },
});
const [rounds, seconds] = [Number(options.rounds), Number(options.seconds)];
const conditions = [
  { screens: 0, flow: 20 }, { screens: 50, flow: 20 }, { screens: 500, flow: 20 }, { screens: 2000, flow: 20 }, { screens: 500, flow: 8 }, { screens: 500, flow: 100 },
].map((one) => ({ ...one, name: `${one.screens} screens, ${one.flow} swabs/s` }));

interface Sample {
  cpuPercent: number;
  usPerMessage: number;
  perScreen: number;
  encodedPerSecond: number;
  sentPerEncoded: number;
  bytes: number;
  p50: number;
  p99: number;
  max: number;
  othersCores: number;
}

const cell = { round: 'fanout', area: 'bench' };
const address = `/api/cells/${cell.round}/${cell.area}`;
const stations = 20;
const stand = await buildStand();

/** Sends swabs at a steady rate, whatever the answers take; gives what ends it, which throws when one was not taken. */
function flowing(lines: readonly SocketLine[], tablets: ReturnType<typeof stationsAtWork>['tablets'], perSecond: number): () => Promise<void> {
  let sent = 0;
  const bad: string[] = [];
  const underWay = new Set<Promise<void>>();
  const began = performance.now();
  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - began) / 1000) * perSecond);
    for (; sent < due; sent++) {
      const i = sent % lines.length;
      const tablet = tablets[i] as (typeof tablets)[number];
      const asked = (lines[i] as SocketLine).ask(JSON.stringify({ device: tablet.device, epoch: 'e1', requests: tablet.swabs(1) })).then((answer) => {
        underWay.delete(asked);
        if (!answer || answer.includes('"refused"') || answer.includes('"problem"')) bad.push(answer?.toString() ?? 'the line ended');
      });
      underWay.add(asked);
    }
  }, 5);
  return async () => {
    clearInterval(timer);
    await Promise.all(underWay);
    if (bad.length > 0) throw new Error(`${bad.length} swabs were not taken: ${bad[0]}`);
  };
}

async function main(): Promise<void> {
  const { ledger, redis, port } = stand;
  await openCrowd(ledger, cell, { people: 28_000, stations });
  const { tablets } = stationsAtWork(stations);
  const most = Math.max(...conditions.map(({ screens }) => screens));
  const places: Place[] = [
    ...tablets.map(({ device }, i): Place => ({ device, role: 'station', cell, station: stationName(i) })),
    ...Array.from({ length: most }, (_, i): Place => ({ device: `wall${i}`, role: 'wall', cell })),
  ];
  const keys = await pairDevices(ledger, redis.url, places);
  const [stationKeys, wallKeys] = [keys.slice(0, stations), keys.slice(stations)];
  const lines = await Promise.all(stationKeys.map((key) => SocketLine.open(port, `${address}/socket`, key)));
  const counts = new HttpLine(port, wallKeys[0] as string);
  const traffic = async () => (contentOf(await counts.get('/api/counts')) as { traffic: { encoded: number; sent: number; skipped: number } }).traffic;
  // Some have been swabbed already, so that the counts are those of a day at work.
  for (const tablet of tablets) await applied(ledger, cell, tablet as Tablet, tablet.swabs(40));
  const sink = await stand.start('screens', [String(port), `${address}/live`]);

  const all = new Map<string, Sample[]>(conditions.map(({ name }) => [name, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const { name, screens, flow } of shuffled(conditions)) {
      await sink.say(JSON.stringify({ keys: wallKeys.slice(0, screens) }));
      const end = flowing(lines, tablets, flow);
      await sink.say(JSON.stringify({ listen: 1000 }));
      const before = await traffic();
      const from = await lastPosition(ledger.redis, cell);
      const clock = stand.clock();
      const heard = JSON.parse(await sink.say(JSON.stringify({ listen: seconds * 1000 }))) as { messages: number; bytes: number };
      const used = clock();
      const after = await traffic();
      const events: string[] = [];
      for await (const { event, id } of allEvents(ledger.redis, cell, from)) if (event === 'swab.taken') events.push(id);
      await end();
      const times = JSON.parse(await sink.say(JSON.stringify({ events: events.slice(0, -flow) }))) as Partial<Distribution>;
      const sample: Sample = {
        cpuPercent: used.service / used.seconds / 10_000, usPerMessage: used.service / heard.messages, perScreen: heard.messages / screens / used.seconds,
        encodedPerSecond: (after.encoded - before.encoded) / used.seconds, sentPerEncoded: (after.sent - before.sent) / (after.encoded - before.encoded),
        bytes: heard.bytes / heard.messages, p50: times.p50 ?? Number.NaN, p99: times.p99 ?? Number.NaN, max: times.max ?? Number.NaN, othersCores: used.othersCores,
      };
      if (after.skipped > before.skipped) say(`${after.skipped - before.skipped} messages were skipped for readers that could not keep up`);
      if (round > 0) all.get(name)?.push(sample);
      say(`${round === 0 ? 'warm' : `round ${round}`} ${name}: ${sample.cpuPercent.toFixed(1)} % of a core, p99 ${sample.p99.toFixed(0)} ms`);
    }
  }

  const columns = { cpuPercent: 'service, % of a core', usPerMessage: 'CPU us a message', perScreen: 'messages a screen a second', encodedPerSecond: 'encoded a second', sentPerEncoded: 'sent for each encoded', bytes: 'bytes', p50: 'event to screen p50 ms', p99: 'p99 ms', max: 'max ms' } as const;
  const middle = (name: string, what: keyof Sample) => Number(median((all.get(name) as Sample[]).map((sample) => sample[what])).toFixed(2));
  say(`\n${JSON.stringify(machine())}, pinned, ${rounds} rounds of ${seconds} s\n`);
  say(table(['', ...Object.values(columns)], conditions.map(({ name }) => [name, ...Object.keys(columns).map((what) => spread((all.get(name) as Sample[]).map((sample) => sample[what as keyof Sample])))])));
  say(`\nOther work on this machine meanwhile: ${median([...all.values()].flat().map(({ othersCores }) => othersCores)).toFixed(2)} cores.`);
  const result = {
    fanoutCpuPercent2000: middle('2000 screens, 20 swabs/s', 'cpuPercent'), fanoutCpuPercent500: middle('500 screens, 20 swabs/s', 'cpuPercent'), fanoutCpuPercent50: middle('50 screens, 20 swabs/s', 'cpuPercent'),
    cpuPercentWithoutScreens: middle('0 screens, 20 swabs/s', 'cpuPercent'), encodedPerSecond2000: middle('2000 screens, 20 swabs/s', 'encodedPerSecond'), sentPerEncoded2000: middle('2000 screens, 20 swabs/s', 'sentPerEncoded'),
    eventToScreenP50: middle('500 screens, 20 swabs/s', 'p50'), eventToScreenP99: middle('500 screens, 20 swabs/s', 'p99'),
    eventToScreenP99At8: middle('500 screens, 8 swabs/s', 'p99'), eventToScreenP99At100: middle('500 screens, 100 swabs/s', 'p99'),
  };
  console.log(options.json ? JSON.stringify(result) : table(['figure', 'median'], Object.entries(result).map(([name, value]) => [name, String(value)])));
  for (const line of lines) line.close();
  counts.close();
}

try {
  await main();
} finally {
  await stand.stop();
}
