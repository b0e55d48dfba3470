// Live screens without a browser, in a process of their own: they read their messages and note when which position came.
//
// `node screens.js <port> <path>`, then lines of JSON on standard input, one line back for each:
//   { "keys": [...] }     as many screens as there are keys, each opened with its own; those too many close
//   { "listen": ms }      counts messages and bytes for so long, and keeps when each position came
//   { "events": [...] }   positions of events in that time: how long each took to each screen

import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { Latencies } from './latencies.js';
import { openSocket } from './lines.js';

/** A stream position as one number that keeps the order. */
const placeOf = (position: string): number => {
  const [ms = 0, sequence = 0] = position.split('-').map(Number);
  return ms * 4096 + sequence;
};
const now = () => performance.timeOrigin + performance.now();

class Screen {
  socket: Socket | undefined;
  messages = 0;
  bytes = 0;
  heard: { at: number; place: number }[] = [];

  take(payload: Buffer): void {
    this.messages++;
    this.bytes += payload.length;
    const position = /"position":"(\d+-\d+)"/.exec(payload.toString('latin1', 0, 200))?.[1];
    if (position) this.heard.push({ at: now(), place: placeOf(position) });
  }
}

const [port = '', path = ''] = process.argv.slice(2);
const screens: Screen[] = [];

async function grow(keys: readonly string[]): Promise<object> {
  for (const screen of screens.splice(keys.length)) screen.socket?.destroy();
  while (screens.length < keys.length) {
    const some = keys.slice(screens.length, screens.length + 50);
    screens.push(...(await Promise.all(some.map(async (key) => {
      const screen = new Screen();
      screen.socket = await openSocket(Number(port), path, key, (payload) => screen.take(payload));
      return screen;
    }))));
  }
  return { screens: screens.length };
}

async function listen(ms: number): Promise<object> {
  for (const screen of screens) [screen.messages, screen.bytes, screen.heard] = [0, 0, screen.heard.slice(-1)];
  await sleep(ms);
  const sum = (what: 'messages' | 'bytes') => screens.reduce((total, screen) => total + screen[what], 0);
  return { messages: sum('messages'), bytes: sum('bytes') };
}

function latencies(events: readonly string[]): object {
  const times = new Latencies();
  const places = events.map((position) => ({ place: placeOf(position), ms: Number(position.split('-')[0]) }));
  for (const { heard } of screens) {
    let i = 0;
    for (const { place, ms } of places) {
      while (i < heard.length && (heard[i] as Screen['heard'][number]).place < place) i++;
      const first = heard[i];
      // What came after the listening has no message here.
      if (first) times.add(Math.max(0, first.at - ms));
    }
  }
  return times.told();
}

console.log('ready');
for await (const line of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line) as { keys?: string[]; listen?: number; events?: string[] };
  const answer = asked.keys ? await grow(asked.keys) : asked.listen !== undefined ? await listen(asked.listen) : latencies(asked.events ?? []);
  console.log(JSON.stringify(answer));
}
