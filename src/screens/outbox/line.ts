// The way to the service: a socket while it holds, a plain request where it does not. Either takes an envelope and gives a receipt, or
// says in one kind of fault why there is none, so that the outbox need not know which of the two it was.
//
// A request that was sent and not answered may have been taken all the same; sending it again is free.

import type { CellName, Envelope, ProblemBody, Receipt } from './wire.js';

export interface Line {
  /** Throws LineFault, and nothing else. */
  send(cell: CellName, envelope: Envelope): Promise<Receipt>;
  close(): void;
}

/** `offline`: nobody answered. `timeout`: nobody answered in time. `problem`: the service has said why not. */
export type FaultKind = 'offline' | 'timeout' | 'problem';

export class LineFault extends Error {
  override readonly name = 'LineFault';
  readonly kind: FaultKind;
  readonly problem: ProblemBody | undefined;
  /** The service has asked not to be called again before so many ms. */
  readonly retryAfter: number | undefined;

  constructor(kind: FaultKind, message: string, problem?: ProblemBody, retryAfter?: number) {
    super(message);
    this.kind = kind;
    this.problem = problem;
    this.retryAfter = retryAfter;
  }
}

export interface LineOptions {
  /** The service's address, `https://host`; the page's own if left out. */
  base?: string;
  timeoutMs?: number;
  fetch?: typeof globalThis.fetch;
  /** Left out: the browser's; null: requests only. */
  socket?: (new (address: string) => WebSocket) | null;
  /** Sent with requests. The page's cookie is taken only with this one, which no other site's page can send. */
  headers?: Record<string, string>;
  /** After a socket has failed, requests serve for so long, doubled each time up to the second. */
  socketRestMs?: readonly [number, number];
}

/** A socket to one cell; it lives until it closes. */
interface Wire {
  socket: WebSocket;
  open: boolean;
  waiting: Map<number, { resolve(receipt: Receipt): void; reject(fault: LineFault): void }>;
}

export function openLine({
  base = globalThis.location?.origin ?? '', timeoutMs = 8000, fetch = globalThis.fetch.bind(globalThis), socket: Socket = globalThis.WebSocket ?? null,
  headers = { 'x-swabline': '1' }, socketRestMs = [5000, 120_000],
}: LineOptions = {}): Line {
  const wires = new Map<string, Wire>();
  /** When a socket to this cell may be tried again, and how long the rest after that would be. */
  const resting = new Map<string, { until: number; rest: number }>();
  let frames = 0;
  let closed = false;

  const path = ({ round, area }: CellName): string => `/api/cells/${encodeURIComponent(round)}/${encodeURIComponent(area)}`;

  /** The cell's open socket. Where there is none, one is begun for the sendings to come, and nobody waits for it. */
  function wireTo(cell: CellName): Wire | undefined {
    const address = path(cell);
    const there = wires.get(address);
    if (there || !Socket || closed) return there?.open ? there : undefined;
    const { until = 0, rest = socketRestMs[0] } = resting.get(address) ?? {};
    if (performance.now() < until) return undefined;

    const wire: Wire = { socket: new Socket(`${base.replace(/^http/, 'ws')}${address}/socket`), open: false, waiting: new Map() };
    wires.set(address, wire);
    wire.socket.onopen = () => { wire.open = true; };
    wire.socket.onmessage = ({ data }) => heard(wire, data);
    wire.socket.onerror = () => undefined;
    wire.socket.onclose = () => {
      // One that has carried something is worth another try soon; one that never opened rests longer each time.
      letGo(address, wire, wire.open ? socketRestMs[0] : rest);
      for (const { reject } of wire.waiting.values()) reject(new LineFault('offline', 'the socket has closed'));
    };
    return undefined;
  }

  function letGo(address: string, wire: Wire, rest: number): void {
    if (wires.get(address) !== wire) return;
    wires.delete(address);
    resting.set(address, { until: performance.now() + rest, rest: Math.min(rest * 2, socketRestMs[1]) });
  }

  function heard(wire: Wire, data: unknown): void {
    let reply: { id?: unknown; problem?: ProblemBody };
    try {
      reply = JSON.parse(String(data)) as typeof reply;
    } catch {
      return;
    }
    // A problem without an id is about a frame nobody could read; whoever sent it waits until its time is up.
    const waits = wire.waiting.get(Number(reply.id));
    if (!waits) return;
    if (reply.problem) waits.reject(problemFault(reply.problem));
    else if (isReceipt(reply)) waits.resolve(reply);
    else waits.reject(new LineFault('offline', 'what came back is no receipt'));
  }

  async function overSocket(address: string, wire: Wire, envelope: Envelope): Promise<Receipt> {
    const id = ++frames;
    let timer: ReturnType<typeof setTimeout> | undefined;
    try {
      return await new Promise<Receipt>((resolve, reject) => {
        wire.waiting.set(id, { resolve, reject });
        timer = setTimeout(() => {
          // A line can be dead for minutes before the browser tells; the next sending goes another way.
          letGo(address, wire, socketRestMs[0]);
          wire.socket.close();
          reject(new LineFault('timeout', 'no answer on the socket'));
        }, timeoutMs);
        try {
          wire.socket.send(JSON.stringify({ id, ...envelope }));
        } catch (fault) {
          reject(new LineFault('offline', (fault as Error).message));
        }
      });
    } finally {
      clearTimeout(timer);
      wire.waiting.delete(id);
    }
  }

  async function overRequest(cell: CellName, envelope: Envelope): Promise<Receipt> {
    const given = new AbortController();
    const timer = setTimeout(() => given.abort(), timeoutMs);
    let status: number;
    let text: string;
    let wait: string | null;
    try {
      const reply = await fetch(`${base}${path(cell)}/outbox`, {
        method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify(envelope), credentials: 'same-origin', cache: 'no-store',
        redirect: 'error', signal: given.signal,
      });
      status = reply.status;
      wait = reply.headers.get('retry-after');
      text = await reply.text();
    } catch (fault) {
      throw given.signal.aborted ? new LineFault('timeout', 'no answer') : new LineFault('offline', (fault as Error).message);
    } finally {
      clearTimeout(timer);
    }
    let said: unknown;
    try {
      said = JSON.parse(text);
    } catch {
      said = undefined;
    }
    if (status === 200 && isReceipt(said)) return said;
    if (status !== 200 && isProblem(said)) throw problemFault(said, wait);
    // The sign-in page of a hotel's network answers everything with 200.
    throw new LineFault('offline', `what came back with status ${status} is not the service's`);
  }

  return {
    send(cell, envelope) {
      if (closed) return Promise.reject(new LineFault('offline', 'the line is closed'));
      const wire = wireTo(cell);
      return wire ? overSocket(path(cell), wire, envelope) : overRequest(cell, envelope);
    },
    close() {
      closed = true;
      for (const { socket } of wires.values()) socket.close();
    },
  };
}

function problemFault(problem: ProblemBody, retryAfter?: string | null): LineFault {
  const seconds = retryAfter == null ? Number.NaN : Number(retryAfter);
  return new LineFault('problem', problem.word, problem, Number.isFinite(seconds) ? seconds * 1000 : undefined);
}

const isReceipt = (said: unknown): said is Receipt => {
  const receipt = said as Partial<Receipt> | null;
  return typeof receipt === 'object' && typeof receipt?.dataEpoch === 'string' && typeof receipt.mark === 'number' && Array.isArray(receipt.answers);
};
const isProblem = (said: unknown): said is ProblemBody => {
  const problem = said as Partial<ProblemBody> | null;
  return typeof problem === 'object' && typeof problem?.word === 'string' && typeof problem.zh === 'string';
};
