// Tablets that come back from an hour without a network, all at once, while stations with a network go on: a process of its own.
//
// `node tablets.js <port>`, then lines of JSON on standard input; one line back for each:
//   a Setting    opens the stations' lines
//   a Return     the stations swab at their rate; after a while the tablets come back and hand in what they hold
//
// A tablet that comes back has one outbox under way. Told to wait (503 or 429) it waits as long as it is told and up to as long again, by
// chance; without an answer it waits twice as long each time.

import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CellName, StepRequest } from '../../src/domain/requests.js';
import { crowdTube, StationTablet, stationName } from './crowd.js';
import { flow, outboxOf, Swabs } from './flow.js';
import { type Distribution, Latencies } from './latencies.js';
import { contentOf, HttpLine, SocketLine, unanswered } from './lines.js';

export interface Setting {
  cell: CellName;
  liveKeys: string[];
  tabletKeys: string[];
}

export interface Return {
  /** Swabs a second of the live stations together. */
  live: number;
  /** Before the tablets come back, and after the last has handed in everything. */
  quietMs: number;
  /** Records each tablet holds. */
  records: number;
  outbox: number;
}

export interface Returned {
  drainedSeconds: number;
  records: number;
  waits: number;
  outboxes: Distribution;
  before: Distribution;
  during: Distribution;
  after: Distribution;
  bad: string[];
  acknowledged: string[];
}

const port = Number(process.argv[2]);
let lines: SocketLine[] = [];
let live: StationTablet[] = [];
let backs: { tablet: StationTablet; line: HttpLine }[] = [];
let path = '';
let [person, tube] = [0, 0];

async function open({ cell, liveKeys, tabletKeys }: Setting): Promise<object> {
  const address = `/api/cells/${cell.round}/${cell.area}`;
  path = `${address}/outbox`;
  const next = { person: () => ++person, tube: () => crowdTube(++tube) };
  lines = await Promise.all(liveKeys.map((key) => SocketLine.open(port, `${address}/socket`, key)));
  live = liveKeys.map((_, i) => new StationTablet(`live${i}`, stationName(i), next.person, next.tube));
  backs = tabletKeys.map((key, i) => ({ tablet: new StationTablet(`back${i}`, stationName(liveKeys.length + i), next.person, next.tube), line: new HttpLine(port, key) }));
  return {};
}

async function comeBack({ live: perSecond, quietMs, records, outbox }: Return): Promise<Returned> {
  const swabs = new Swabs();
  const [before, during, after, outboxes] = [new Latencies(), new Latencies(), new Latencies(), new Latencies()];
  let times = before;
  let [waits, turn] = [0, 0];
  // What they did without a network stands in their outboxes before they come back.
  const held = backs.map(({ tablet }) => {
    const requests: StepRequest[] = [];
    while (requests.length < records) requests.push(...tablet.swabs(1, 'report'));
    return requests;
  });
  const stop = flow(perSecond, (due) => {
    const i = turn++ % lines.length;
    swabs.send(lines[i] as SocketLine, live[i] as StationTablet, due, times);
  });
  await sleep(quietMs);
  times = during;
  const began = performance.now();
  await Promise.all(backs.map(async ({ tablet, line }, i) => {
    const requests = held[i] as StepRequest[];
    let [at, silent] = [0, 0];
    while (at < requests.length) {
      const some = requests.slice(at, at + outbox);
      const from = performance.now();
      const reply = await line.post(path, outboxOf(tablet.device, some));
      if (reply.status === 200) {
        outboxes.add(performance.now() - from);
        const { answers } = contentOf(reply) as { answers: { outcome: string }[] };
        some.forEach(({ step, body }, j) => {
          const { resident, tube: into } = body as { resident: string; tube: string };
          if (answers[j]?.outcome !== 'applied') swabs.bad.push(JSON.stringify(answers[j]));
          else if (step === 'takeSwab') swabs.acknowledged.push(`${resident} ${into}`);
        });
        at += some.length;
        silent = 0;
      } else if (reply.status === 503 || reply.status === 429 || reply.status === unanswered) {
        waits++;
        const wait = reply.status === unanswered ? 0.25 * 2 ** Math.min(silent++, 6) : reply.retryAfter || 1;
        await sleep(wait * 1000 * (1 + Math.random()));
      } else {
        swabs.bad.push(reply.bytes.toString('utf8', 0, 500));
        return;
      }
    }
  }));
  const drainedSeconds = (performance.now() - began) / 1000;
  times = after;
  await sleep(quietMs);
  stop();
  await swabs.settled();
  return {
    drainedSeconds, records: held.reduce((sum, { length }) => sum + length, 0), waits, outboxes: outboxes.told(), before: before.told(), during: during.told(), after: after.told(),
    bad: swabs.bad, acknowledged: swabs.acknowledged,
  };
}

console.log('ready');
for await (const line of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line) as Setting | Return;
  console.log(JSON.stringify('cell' in asked ? await open(asked) : await comeBack(asked)));
}
