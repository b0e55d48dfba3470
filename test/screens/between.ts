// Between tablet and service, for tests of bad lines: a proxy that loses answers after the service has written them, is closed like a line
// that is down, and may send another version of the service worker.

import { createServer, type IncomingMessage, request, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';

type Test = { teardown(end: () => unknown): void };

export interface Between {
  base: string;
  /** So many answers to outboxes are lost on their way back. */
  dropAnswers: number;
  dropped: number;
  /** Nobody answers. */
  down: boolean;
  /** Changes the worker's script on its way: a newer version of the pages. */
  worker: ((script: string) => string) | undefined;
  /** The service has only files of a newer version: those of this one are gone. */
  newFilesOnly: boolean;
}

/** `to` is asked for each request, so that a service may come back on another port. */
export async function openBetween(t: Test, to: () => string): Promise<Between> {
  const it: Between = { base: '', dropAnswers: 0, dropped: 0, down: false, worker: undefined, newFilesOnly: false };
  const sockets = new Set<Socket>();
  const server: Server = createServer((asked, reply) => {
    if (it.down) return void asked.socket.destroy();
    if (it.newFilesOnly && asked.url?.startsWith('/assets/')) return void reply.writeHead(404).end();
    const { hostname, port } = new URL(to());
    // A line of its own each time: one that was kept open may just be closed by the service, and that would look like a bad line.
    const passed = request({ hostname, port, method: asked.method, path: asked.url, headers: plain(asked), agent: false }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () => {
        if (it.dropAnswers > 0 && isOutbox(asked) && Buffer.concat(chunks).includes('"outcome":"applied"')) {
          it.dropAnswers--;
          it.dropped++;
          asked.socket.destroy();
          return;
        }
        let body: Buffer | string = Buffer.concat(chunks);
        if (asked.url === '/sw.js' && it.worker) body = it.worker(body.toString());
        const { 'content-length': _, ...headers } = answer.headers;
        reply.writeHead(answer.statusCode ?? 502, headers);
        reply.end(body);
      });
    });
    passed.on('error', () => asked.socket.destroy());
    asked.pipe(passed);
  });
  // Records go by requests here, so that their answers can be lost; what else is on a socket passes.
  server.on('upgrade', (asked: IncomingMessage, socket: Socket, head: Buffer) => {
    if (it.down || asked.url?.endsWith('/socket')) return socket.destroy();
    const { hostname, port } = new URL(to());
    const onward = connect(Number(port), hostname, () => {
      onward.write(`${asked.method} ${asked.url} HTTP/1.1\r\n${Object.entries(asked.headers).map(([name, value]) => `${name}: ${String(value)}`).join('\r\n')}\r\n\r\n`);
      onward.write(head);
      socket.pipe(onward).pipe(socket);
    });
    for (const end of [socket, onward]) end.on('error', () => { socket.destroy(); onward.destroy(); });
    sockets.add(socket);
    socket.on('close', () => { sockets.delete(socket); onward.destroy(); });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  it.base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    server.closeAllConnections();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  });
  return it;
}

/** The worker's script is changed on its way, so it must not come packed. */
function plain({ url, headers }: IncomingMessage): IncomingMessage['headers'] {
  if (url !== '/sw.js') return headers;
  const { 'accept-encoding': _, ...rest } = headers;
  return rest;
}

const isOutbox = ({ method, url }: IncomingMessage): boolean => method === 'POST' && (url?.endsWith('/outbox') ?? false);
