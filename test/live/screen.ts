// A screen as the tests have one: it merges what it is told, as the page does, and remembers the messages.

import { once } from 'node:events';
import Fastify, { type FastifyInstance } from 'fastify';
import { WebSocket } from 'ws';
import type { CellName } from '../../src/domain/requests.js';
import { type LiveOptions, live } from '../../src/live/board.js';
import type { Counts } from '../../src/live/counts.js';
import { follow, type Follower } from '../../src/live/follow.js';

type Teardown = { teardown(end: () => unknown): void };

export interface Served {
  app: FastifyInstance;
  follower: Follower;
  /** `ws://...` or `ws+unix:...:` to which a path is added. */
  address: string;
}

/** The live room on a port or socket of its own, following what is opened on this Redis. */
export async function serve(t: Teardown, redisUrl: string, { socket, folder, ...options }: Partial<LiveOptions> & { socket?: string; folder?: string } = {}): Promise<Served> {
  const follower = follow({ redisUrl, log: { warn: () => {} }, ...(folder ? { folder } : {}) });
  const app = Fastify();
  await app.register(live, { follower, ...options });
  await app.listen(socket ? { path: socket } : { port: 0, host: '127.0.0.1' });
  t.teardown(async () => {
    await app.close();
    await follower.stop();
  });
  const { port } = app.server.address() as { port: number };
  return { app, follower, address: socket ? `ws+unix:${socket}:` : `ws://127.0.0.1:${port}` };
}

export interface Message {
  kind: 'snapshot' | 'change' | 'waiting';
  position: string;
  dataEpoch?: string;
  at: number;
  age: number;
  counts?: Counts;
  patch?: Record<string, unknown>;
}

export class Screen {
  readonly messages: Message[] = [];
  /** Bytes of the messages, to be compared. */
  readonly texts: string[] = [];
  counts: Record<string, unknown> = {};
  position = '';
  dataEpoch = '';
  closed = false;
  readonly socket: WebSocket;
  #heard: (() => void)[] = [];

  constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data) => this.#take(String(data)));
    socket.on('close', () => { this.closed = true; this.#tell(); });
  }

  /** Opens a screen; given another one, it goes on from what that one had. */
  static async open(t: Teardown, { address }: Served, { round, area }: CellName, from: string | Screen = ''): Promise<Screen> {
    const query = typeof from === 'string' ? from : `?after=${from.position}&epoch=${from.dataEpoch}`;
    const socket = new WebSocket(`${address}/api/cells/${round}/${area}/live${query}`);
    // The first messages can come with the handshake.
    const screen = new Screen(socket);
    if (typeof from !== 'string') [screen.counts, screen.position, screen.dataEpoch] = [structuredClone(from.counts), from.position, from.dataEpoch];
    t.teardown(() => socket.terminate());
    await once(socket, 'open');
    return screen;
  }

  #take(text: string): void {
    const message = JSON.parse(text) as Message;
    this.messages.push(message);
    this.texts.push(text);
    if (message.kind === 'snapshot') {
      this.counts = message.counts as unknown as Record<string, unknown>;
      this.dataEpoch = message.dataEpoch as string;
    } else if (message.patch) merge(this.counts, message.patch);
    if (message.kind !== 'waiting') this.position = message.position;
    this.#tell();
  }

  #tell(): void {
    for (const heard of this.#heard.splice(0)) heard();
  }

  get total(): Counts['total'] {
    return (this.counts as unknown as Counts).total;
  }

  /** Waits until what the screen shows is as asked. */
  async until(asked: (screen: Screen) => boolean): Promise<void> {
    while (!asked(this)) await new Promise<void>((resolve) => this.#heard.push(resolve));
  }
}

/** RFC 7396, written apart from the page's own. */
export function merge(target: Record<string, unknown>, patch: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete target[name];
    else if (typeof value === 'object' && !Array.isArray(value)) {
      target[name] ??= {};
      merge(target[name] as Record<string, unknown>, value as Record<string, unknown>);
    } else target[name] = value;
  }
}
