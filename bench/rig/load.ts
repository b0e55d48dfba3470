// A closed loop of HTTP or WebSocket connections, in a process of its own so that its CPU is nobody else's.
//
// `node load.js`, then lines of JSON on standard input, each a Job; one line of JSON back for each. The bodies are made before the
// clock starts and the answers are only counted and looked at for their status, so the generator costs about a third of autocannon's
// CPU on the core it shares with Redis.

import { connect, type Socket } from 'node:net';
import { randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline';

export interface Job {
  /** `resp` sends prepared Redis commands, `window` of them in flight on a connection. */
  kind: 'http' | 'ws' | 'resp';
  port: number;
  path: string;
  /** Shown to the door, where it asks. */
  key?: string;
  /** The same for each connection, where each is a device of its own. */
  keys?: string[];
  /** Bodies for each connection, in order; a run ends when its time is up or all are sent. */
  bodies: string[][];
  /** Swabs in one body. */
  each: number;
  seconds: number;
  /** Text that must be in every good answer. */
  good: string;
  /** Frames or commands in flight on one connection. */
  window?: number;
}

export interface Done {
  swabs: number;
  seconds: number;
  bad: number;
  firstBad?: string;
  /** Latencies of one request in microseconds, sorted, at most 20,000 of them evenly picked. */
  latencies: number[];
}

function keyLine({ key, keys }: Job, index: number): string {
  const shown = keys?.[index] ?? key;
  return shown ? `authorization: Bearer ${shown}\r\n` : '';
}

function runHttp(job: Job, index: number, until: () => boolean, done: (us: number, good: boolean, answer: () => string) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const prepared = (job.bodies[index] as string[]).map((body) =>
      Buffer.from(`POST ${job.path} HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\n${keyLine(job, index)}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`),
    );
    const good = Buffer.from(job.good);
    let next = 0;
    let started = 0n;
    let pending: Buffer = Buffer.alloc(0);
    const socket: Socket = connect(job.port, '127.0.0.1');
    socket.setNoDelay(true);
    const send = () => {
      if (next >= prepared.length || until()) {
        socket.end();
        return;
      }
      started = process.hrtime.bigint();
      socket.write(prepared[next++] as Buffer);
    };
    socket.on('connect', send);
    socket.on('data', (chunk) => {
      pending = pending.length ? Buffer.concat([pending, chunk]) : chunk;
      const head = pending.indexOf('\r\n\r\n');
      if (head < 0) return;
      const length = Number(/content-length: (\d+)/i.exec(pending.toString('latin1', 0, head))?.[1] ?? 0);
      if (pending.length < head + 4 + length) return;
      const answer = pending;
      pending = Buffer.alloc(0);
      done(Number(process.hrtime.bigint() - started) / 1000, answer[9] === 0x32 && answer.includes(good), () => answer.toString());
      send();
    });
    socket.on('close', () => resolve());
    socket.on('error', reject);
  });
}

/** A masked text frame, as a client must send it; the mask is zero, which costs the server the same work. */
function frame(text: string): Buffer {
  const payload = Buffer.from(text);
  const head = payload.length < 126 ? Buffer.from([0x81, 0x80 | payload.length]) : payload.length < 65_536 ? Buffer.alloc(4) : Buffer.alloc(10);
  if (head.length === 4) { head[0] = 0x81; head[1] = 0x80 | 126; head.writeUInt16BE(payload.length, 2); }
  if (head.length === 10) { head[0] = 0x81; head[1] = 0x80 | 127; head.writeBigUInt64BE(BigInt(payload.length), 2); }
  return Buffer.concat([head, Buffer.alloc(4), payload]);
}

function runSocket(job: Job, index: number, until: () => boolean, done: (us: number, good: boolean, answer: () => string) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const prepared = (job.bodies[index] as string[]).map(frame);
    const good = Buffer.from(job.good);
    let next = 0;
    let open = false;
    const starts: bigint[] = [];
    let pending: Buffer = Buffer.alloc(0);
    const socket: Socket = connect(job.port, '127.0.0.1');
    socket.setNoDelay(true);
    const send = () => {
      if (next >= prepared.length || until()) {
        if (starts.length === 0) socket.destroy();
        return;
      }
      starts.push(process.hrtime.bigint());
      socket.write(prepared[next++] as Buffer);
    };
    socket.on('connect', () => {
      socket.write(`GET ${job.path} HTTP/1.1\r\nhost: 127.0.0.1:${job.port}\r\n${keyLine(job, index)}upgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-version: 13\r\nsec-websocket-key: ${randomBytes(16).toString('base64')}\r\n\r\n`);
    });
    socket.on('data', (chunk) => {
      pending = pending.length ? Buffer.concat([pending, chunk]) : chunk;
      if (!open) {
        const head = pending.indexOf('\r\n\r\n');
        if (head < 0) return;
        if (!pending.toString('latin1', 0, 12).includes('101')) return reject(new Error(`no WebSocket: ${pending.toString('latin1', 0, 200)}`));
        open = true;
        pending = pending.subarray(head + 4);
        for (let i = 0; i < (job.window ?? 1); i++) send();
      }
      for (;;) {
        if (pending.length < 2) return;
        const short = (pending[1] as number) & 0x7f;
        const size = short < 126 ? 2 : short === 126 ? 4 : 10;
        if (pending.length < size) return;
        const length = short < 126 ? short : short === 126 ? pending.readUInt16BE(2) : Number(pending.readBigUInt64BE(2));
        if (pending.length < size + length) return;
        const payload = pending.subarray(size, size + length);
        const opcode = (pending[0] as number) & 0x0f;
        pending = pending.subarray(size + length);
        if (opcode !== 1) continue;
        const started = starts.shift() as bigint;
        done(Number(process.hrtime.bigint() - started) / 1000, payload.includes(good), () => payload.toString());
        send();
      }
    });
    socket.on('close', () => resolve());
    socket.on('error', reject);
  });
}

/** End of the reply that begins at `at`, or -1 when it is not all there (RESP2). */
export function endOfReply(bytes: Buffer, at: number): number {
  const line = bytes.indexOf('\r\n', at);
  if (line < 0) return -1;
  const kind = bytes[at];
  if (kind === 0x24) {
    const length = Number(bytes.toString('latin1', at + 1, line));
    const end = length < 0 ? line + 2 : line + 4 + length;
    return end <= bytes.length ? end : -1;
  }
  let end = line + 2;
  if (kind === 0x2a) {
    for (let left = Number(bytes.toString('latin1', at + 1, line)); left > 0; left--) {
      end = endOfReply(bytes, end);
      if (end < 0) return -1;
    }
  }
  return end;
}

function runResp(job: Job, index: number, until: () => boolean, done: (us: number, good: boolean, answer: () => string) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const prepared = (job.bodies[index] as string[]).map((body) => Buffer.from(body, 'latin1'));
    const good = Buffer.from(job.good);
    const window = job.window ?? 1;
    let next = 0;
    let starts: bigint[] = [];
    let pending: Buffer = Buffer.alloc(0);
    const socket: Socket = connect(job.port, '127.0.0.1');
    socket.setNoDelay(true);
    // A window is sent whole and awaited whole, as redis-benchmark does with -P.
    const send = () => {
      if (next >= prepared.length || until()) return void socket.end();
      const now = process.hrtime.bigint();
      const batch = prepared.slice(next, next + window);
      next += batch.length;
      starts = batch.map(() => now);
      socket.write(Buffer.concat(batch));
    };
    socket.on('connect', send);
    socket.on('data', (chunk) => {
      pending = pending.length ? Buffer.concat([pending, chunk]) : chunk;
      let at = 0;
      while (at < pending.length) {
        const end = endOfReply(pending, at);
        if (end < 0) break;
        const reply = pending.subarray(at, end);
        at = end;
        done(Number(process.hrtime.bigint() - (starts.shift() as bigint)) / 1000, reply.includes(good), () => reply.toString('latin1'));
      }
      pending = pending.subarray(at);
      if (starts.length === 0) send();
    });
    socket.on('close', () => resolve());
    socket.on('error', reject);
  });
}

const loops = { http: runHttp, ws: runSocket, resp: runResp };

async function run(job: Job): Promise<Done> {
  const latencies: number[] = [];
  let swabs = 0;
  let bad = 0;
  let firstBad: string | undefined;
  const begun = process.hrtime.bigint();
  const end = begun + BigInt(Math.round(job.seconds * 1e9));
  const until = () => process.hrtime.bigint() >= end;
  const done = (us: number, good: boolean, answer: () => string) => {
    latencies.push(us);
    if (good) swabs += job.each;
    else {
      bad++;
      firstBad ??= answer().slice(0, 600);
    }
  };
  await Promise.all(job.bodies.map((_, i) => loops[job.kind](job, i, until, done)));
  const seconds = Number(process.hrtime.bigint() - begun) / 1e9;
  latencies.sort((a, b) => a - b);
  const step = Math.max(1, latencies.length / 20_000);
  const picked: number[] = [];
  for (let i = 0; i < latencies.length; i += step) picked.push(latencies[Math.floor(i)] as number);
  return { swabs, seconds, bad, ...(firstBad ? { firstBad } : {}), latencies: picked };
}

if (process.argv[2] === 'load') {
  console.log('ready');
  for await (const line of createInterface({ input: process.stdin })) console.log(JSON.stringify(await run(JSON.parse(line) as Job)));
}
