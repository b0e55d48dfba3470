// Connections as a load generator needs them: many in one process, little CPU for each. An HTTP line keeps its connection and has one
// request under way; those behind it wait in the line, and their time runs from when they were due. A socket line sends frames without
// waiting and finds the answer to each by its id.

import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';

export interface Reply {
  status: number;
  /** Seconds, where the answer says so; else 0. */
  retryAfter: number;
  /** The whole answer, head included. */
  bytes: Buffer;
}

export const has = ({ bytes }: Reply, text: string | Buffer): boolean => bytes.includes(text);
/** The body of a reply as JSON. */
export const contentOf = ({ bytes }: Reply): unknown => JSON.parse(bytes.toString('utf8', bytes.indexOf('\r\n\r\n') + 4));

interface Asked {
  bytes: Buffer;
  answered(reply: Reply): void;
}

/** The status of a request that was never answered: the connection ended. */
export const unanswered = 0;

export class HttpLine {
  readonly #port: number;
  readonly #head: string;
  readonly #waiting: Asked[] = [];
  #underWay: Asked | undefined;
  #pending: Buffer = Buffer.alloc(0);
  #socket: Socket | undefined;

  constructor(port: number, key: string) {
    this.#port = port;
    this.#head = ` HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer ${key}\r\n`;
  }

  /** Requests that have been asked for and not been answered. */
  get length(): number {
    return this.#waiting.length + (this.#underWay ? 1 : 0);
  }

  get(path: string): Promise<Reply> {
    return this.#send(Buffer.from(`GET ${path}${this.#head}\r\n`, 'latin1'));
  }

  post(path: string, body: string | Buffer, type = 'application/json'): Promise<Reply> {
    const content = typeof body === 'string' ? Buffer.from(body) : body;
    const head = Buffer.from(`POST ${path}${this.#head}content-type: ${type}\r\ncontent-length: ${content.length}\r\n\r\n`, 'latin1');
    return this.#send(Buffer.concat([head, content]));
  }

  close(): void {
    this.#socket?.destroy();
  }

  #send(bytes: Buffer): Promise<Reply> {
    return new Promise((answered) => {
      this.#waiting.push({ bytes, answered });
      this.#next();
    });
  }

  #next(): void {
    if (this.#underWay || this.#waiting.length === 0) return;
    this.#underWay = this.#waiting.shift() as Asked;
    this.#socket ??= this.#connect();
    this.#socket.write(this.#underWay.bytes);
  }

  #connect(): Socket {
    const socket = connect(this.#port, '127.0.0.1');
    socket.setNoDelay(true);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      if (this.#socket !== socket) return;
      this.#socket = undefined;
      this.#pending = Buffer.alloc(0);
      this.#answer({ status: unanswered, retryAfter: 0, bytes: Buffer.alloc(0) });
    });
    socket.on('data', (chunk) => this.#read(chunk));
    return socket;
  }

  #read(chunk: Buffer): void {
    this.#pending = this.#pending.length > 0 ? Buffer.concat([this.#pending, chunk]) : chunk;
    const end = this.#pending.indexOf('\r\n\r\n');
    if (end < 0) return;
    const head = this.#pending.toString('latin1', 0, end);
    const length = Number(/\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0);
    if (this.#pending.length < end + 4 + length) return;
    const bytes = this.#pending;
    this.#pending = Buffer.alloc(0);
    const status = Number(head.slice(9, 12));
    this.#answer({ status, retryAfter: status === 200 ? 0 : Number(/\nretry-after: (\d+)/i.exec(head)?.[1] ?? 0), bytes });
  }

  #answer(reply: Reply): void {
    const asked = this.#underWay;
    this.#underWay = undefined;
    asked?.answered(reply);
    this.#next();
  }
}

/** Requests go to the line with the fewest before them. */
export function pool(port: number, keys: readonly string[]): { pick(): HttpLine; lines: HttpLine[]; close(): void } {
  const lines = keys.map((key) => new HttpLine(port, key));
  let last = 0;
  return {
    lines,
    pick() {
      // In turn, so that an idle line is found at once when there is one.
      for (let i = 0; i < lines.length; i++) {
        last = (last + 1) % lines.length;
        if ((lines[last] as HttpLine).length === 0) return lines[last] as HttpLine;
      }
      let shortest = lines[0] as HttpLine;
      for (const line of lines) if (line.length < shortest.length) shortest = line;
      return shortest;
    },
    close: () => { for (const line of lines) line.close(); },
  };
}

/** A masked frame, as a client must send it; the mask is zero, which costs the server the same work. */
export function frameOf(payload: Buffer, opcode = 1): Buffer {
  const size = payload.length < 126 ? 2 : payload.length < 65_536 ? 4 : 10;
  const frame = Buffer.alloc(size + 4 + payload.length);
  frame[0] = 0x80 | opcode;
  frame[1] = 0x80 | (size === 2 ? payload.length : size === 4 ? 126 : 127);
  if (size === 4) frame.writeUInt16BE(payload.length, 2);
  if (size === 10) frame.writeBigUInt64BE(BigInt(payload.length), 2);
  payload.copy(frame, size + 4);
  return frame;
}

/** Opens a WebSocket by hand. `heard` gets the payload of every text frame; pings are answered. Resolves when it is open. */
export function openSocket(port: number, path: string, key: string, heard: (payload: Buffer) => void, closed: () => void = () => {}): Promise<Socket> {
  return new Promise((resolve, reject) => {
    let pending: Buffer = Buffer.alloc(0);
    let open = false;
    const socket = connect(port, '127.0.0.1');
    socket.setNoDelay(true);
    socket.on('error', reject);
    socket.on('close', () => { reject(new Error(`${path} was closed before it was open`)); closed(); });
    socket.on('connect', () => {
      socket.write(`GET ${path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nupgrade: websocket\r\nconnection: Upgrade\r\nauthorization: Bearer ${key}\r\nsec-websocket-version: 13\r\nsec-websocket-key: ${randomBytes(16).toString('base64')}\r\n\r\n`);
    });
    socket.on('data', (chunk) => {
      pending = pending.length > 0 ? Buffer.concat([pending, chunk]) : chunk;
      if (!open) {
        const head = pending.indexOf('\r\n\r\n');
        if (head < 0) return;
        if (pending.toString('latin1', 9, 12) !== '101') {
          reject(new Error(`${path}: ${pending.toString('utf8', 0, 600)}`));
          socket.destroy();
          return;
        }
        open = true;
        pending = pending.subarray(head + 4);
        resolve(socket);
      }
      for (;;) {
        if (pending.length < 2) return;
        const short = (pending[1] as number) & 0x7f;
        const size = short < 126 ? 2 : short === 126 ? 4 : 10;
        if (pending.length < size) return;
        const length = short < 126 ? short : short === 126 ? pending.readUInt16BE(2) : Number(pending.readBigUInt64BE(2));
        if (pending.length < size + length) return;
        const opcode = (pending[0] as number) & 0x0f;
        const payload = pending.subarray(size, size + length);
        pending = pending.subarray(size + length);
        if (opcode === 1) heard(payload);
        else if (opcode === 9) socket.write(frameOf(payload, 10));
      }
    });
  });
}

/** A tablet's open line. */
export class SocketLine {
  readonly #socket: Socket;
  readonly #asked: Map<number, (payload: Buffer | undefined) => void>;
  #next = 0;

  private constructor(socket: Socket, asked: Map<number, (payload: Buffer | undefined) => void>) {
    this.#socket = socket;
    this.#asked = asked;
  }

  static async open(port: number, path: string, key: string): Promise<SocketLine> {
    const asked = new Map<number, (payload: Buffer | undefined) => void>();
    const socket = await openSocket(port, path, key, (payload) => {
      // Answers begin with their id: {"id":12,
      const id = Number.parseInt(payload.toString('latin1', 6, 18), 10);
      asked.get(id)?.(payload);
      asked.delete(id);
    }, () => {
      for (const answered of asked.values()) answered(undefined);
      asked.clear();
    });
    return new SocketLine(socket, asked);
  }

  /** Frames that have not been answered. */
  get length(): number {
    return this.#asked.size;
  }

  /** Sends a frame, given as the JSON of an outbox; its answer, or undefined when the line ended first. */
  ask(outbox: string): Promise<Buffer | undefined> {
    const id = ++this.#next;
    return new Promise((answered) => {
      if (this.#socket.destroyed) return answered(undefined);
      this.#asked.set(id, answered);
      this.#socket.write(frameOf(Buffer.from(`{"id":${id},${outbox.slice(1)}`)));
    });
  }

  close(): void {
    this.#socket.destroy();
  }
}
