// People at their screens, in a process of their own: each has a connection and does one thing after another, waiting for each answer.
//
// `node acts.js <port>`, then lines of JSON on standard input, each a list of people; one line back for each when all are done: how long
// everything took, and the times of each kind of act.

import { createInterface } from 'node:readline';
import { type Distribution, Latencies } from './latencies.js';
import { has, HttpLine } from './lines.js';

export interface Act {
  /** What kind it is, for the times. */
  what: string;
  path: string;
  /** The body of a POST; without it the act is a read. */
  body?: string;
}

export interface Person {
  key: string;
  acts: Act[];
}

export interface Done {
  seconds: number;
  bytes: number;
  times: Record<string, Distribution>;
  bad: number;
  firstBad?: string;
}

const lines = new Map<string, HttpLine>();
const port = Number(process.argv[2]);

async function run(people: readonly Person[]): Promise<Done> {
  const times = new Map<string, Latencies>();
  let [bytes, bad] = [0, 0];
  let firstBad: string | undefined;
  const began = performance.now();
  await Promise.all(people.map(async ({ key, acts }) => {
    const line = lines.get(key) ?? new HttpLine(port, key);
    lines.set(key, line);
    for (const { what, path, body } of acts) {
      const from = performance.now();
      const reply = await (body === undefined ? line.get(path) : line.post(path, body));
      let kind = times.get(what);
      if (!kind) times.set(what, (kind = new Latencies()));
      kind.add(performance.now() - from);
      bytes += reply.bytes.length;
      if (reply.status === 200 && (body === undefined || has(reply, '"outcome":"applied"'))) continue;
      bad++;
      firstBad ??= `${what}: ${reply.bytes.toString('utf8', 0, 800)}`;
    }
  }));
  return {
    seconds: (performance.now() - began) / 1000, bytes, bad, ...(firstBad === undefined ? {} : { firstBad }),
    times: Object.fromEntries([...times].map(([what, kind]) => [what, kind.told()])),
  };
}

if (process.argv[1]?.endsWith('acts.js')) {
  console.log('ready');
  for await (const line of createInterface({ input: process.stdin })) console.log(JSON.stringify(await run(JSON.parse(line) as Person[])));
}
