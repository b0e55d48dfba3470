// A tablet's open line: the same records and the same answers as an outbox, in frames. Frames of all sockets that arrive in one turn of
// the event loop go to Redis together (door.ts), so a swab costs half of what it costs as a request of its own.
//
//   to the service   { id, device, epoch, now?, assigned?, requests }
//   from it          { id, dataEpoch, at, mark, missing, lost, copies, safeUpTo, due, answers } or { id?, problem }
//
// Frames of one socket are answered in any order, hence `id`; they are taken in the order in which they came. A socket that sends faster
// than the record takes, or does not read its answers, is not read from until it has: TCP then holds the tablet back.

import type { WebSocket } from '@fastify/websocket';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { CellName } from '../domain/requests.js';
import { cellAddress, cellOf, cellUnknown } from './cells.js';
import { type Checked, sentenceOf } from './checks.js';
import type { Door } from './door.js';
import { faultOf, problemOf, ProblemThrown } from './faults.js';
import { frameCheck, outboxMax, prepare, type Prepared } from './incoming.js';
import { Problem } from './problems.js';
import { receiptOnWire } from './replies.js';
import { senderOf } from './sender.js';

/** Frames of one socket that may wait for their answers before it is read from again. */
const framesMax = 64;
/** Bytes of answers a socket may leave unread. */
const unreadMax = 1 << 20;
/** Time between two pings; a socket that has not answered by the next is gone. Routers forget a silent line after a minute or two. */
export const pingMs = 25_000;

export function socketRoute(app: FastifyInstance, door: Door): void {
  app.get(`${cellAddress}/socket`, { websocket: true, config: { may: { read: 'outbox' } } }, (socket, request) => {
    const cell = cellOf(request);
    if (!cell) {
      socket.send(JSON.stringify({ problem: cellUnknown().body }));
      socket.close(1008);
      return;
    }
    listen(socket, request, cell, door);
  });
}

/** Keeps the lines open and lets go of those that are dead. */
export function keepAlive(app: FastifyInstance): void {
  const silent = new WeakSet<WebSocket>();
  let timer: NodeJS.Timeout | undefined;
  app.addHook('onReady', async () => {
    app.websocketServer.on('connection', (socket: WebSocket) => socket.on('pong', () => silent.delete(socket)));
    timer = setInterval(() => {
      for (const socket of app.websocketServer.clients) {
        if (silent.has(socket)) {
          socket.terminate();
          continue;
        }
        silent.add(socket);
        socket.ping();
      }
    }, pingMs);
    timer.unref();
  });
  app.addHook('onClose', async () => clearInterval(timer));
}

function listen(socket: WebSocket, request: FastifyRequest, cell: CellName, door: Door): void {
  let atWork = 0;
  /** Set while a frame is at work that those behind it must not overtake. */
  let ahead: Promise<void> | undefined;

  const answered = (): void => {
    atWork--;
    if (socket.isPaused && atWork < framesMax / 2 && socket.bufferedAmount < unreadMax) socket.resume();
  };

  function send(id: unknown, body: object): void {
    if (socket.readyState !== socket.OPEN) return;
    // Also what is refused must be read: a flood of bad frames is held back like any other.
    if (socket.bufferedAmount > unreadMax) socket.pause();
    socket.send(JSON.stringify(id === undefined ? body : { id, ...body }), socket.isPaused ? resumeIfRead : undefined);
  }
  function resumeIfRead(): void {
    if (socket.isPaused && atWork < framesMax && socket.bufferedAmount < unreadMax) socket.resume();
  }
  const refuse = (id: unknown, { body }: Problem): void => send(id, { problem: body });

  function failed(id: unknown, fault: unknown): void {
    const problem = problemOf(fault);
    if (problem.body.status === 500) door.log.error(faultOf(fault), 'a frame failed');
    refuse(id, problem);
  }

  const read = (frame: Frame): Prepared | Promise<Prepared> => {
    const sender = senderOf(request, frame);
    const problem = sender.badge && request.server.gate?.count(sender.badge);
    if (problem) throw new ProblemThrown(problem);
    return prepare(door, cell, { ...frame, ...sender });
  };

  function flow(id: unknown, { parcel }: Prepared): Promise<void> {
    return door.gather(cell, parcel).then((receipt) => send(id, receiptOnWire(receipt)), (fault) => failed(id, fault));
  }

  /** Takes a frame in a call of its own, behind those before it; never rejects. */
  async function alone(frame: Frame, ready: Prepared | Promise<Prepared>): Promise<void> {
    try {
      const { parcel, local } = await ready;
      send(frame.id, receiptOnWire(await door.take(cell, parcel), local));
    } catch (fault) {
      failed(frame.id, fault);
    }
  }

  async function afterOthers(frame: Frame): Promise<void> {
    try {
      const ready = read(frame);
      await (!(ready instanceof Promise) && ready.flowing ? flow(frame.id, ready) : alone(frame, ready));
    } catch (fault) {
      failed(frame.id, fault);
    }
  }

  function hold(work: Promise<void>): void {
    const mine: Promise<void> = work.then(() => {
      if (ahead === mine) ahead = undefined;
      answered();
    });
    ahead = mine;
  }

  function take(frame: Frame): void {
    atWork++;
    if (atWork >= framesMax) socket.pause();
    if (ahead) {
      hold(ahead.then(() => afterOthers(frame)));
      return;
    }
    let ready: Prepared | Promise<Prepared>;
    try {
      ready = read(frame);
    } catch (fault) {
      failed(frame.id, fault);
      answered();
      return;
    }
    if (!(ready instanceof Promise) && ready.flowing) void flow(frame.id, ready).then(answered);
    else hold(alone(frame, ready));
  }

  socket.on('message', (data: Buffer, binary: boolean) => {
    const frame = binary ? undefined : readFrame(data);
    if (!frame) refuse(undefined, new Problem('not_json'));
    else if (!frame.ok) refuse(frame.id, new Problem('content_invalid', { faults: frame.faults }, sentenceOf(frame.faults)));
    else if (frame.value.requests.length > outboxMax) refuse(frame.value.id, new Problem('outbox_too_long', { max: outboxMax }));
    else take(frame.value);
  });
}

type Frame = Extract<ReturnType<typeof frameCheck>, { ok: true }>['value'];

/** The frame, what is wrong with it (with its id where it has one), or undefined where it is no JSON. */
function readFrame(data: Buffer): (Checked<Frame> & { id?: unknown }) | undefined {
  let sent: unknown;
  try {
    sent = JSON.parse(data.toString('utf8'));
  } catch {
    return undefined;
  }
  const checked = frameCheck(sent);
  if (checked.ok) return checked;
  const id = typeof sent === 'object' && sent !== null && Object.hasOwn(sent, 'id') ? (sent as { id: unknown }).id : undefined;
  return (typeof id === 'string' && id.length <= 64) || Number.isSafeInteger(id) ? { ...checked, id } : checked;
}
