// Our own service with a slowdown planted into it, to see whether the guard sees it: `node planted.js <redis url> <data folder>`.
// A line `plant 20` on standard input makes every request burn 20 microseconds of CPU more from then on; 0 burns nothing.

import { subscribe } from 'node:diagnostics_channel';
import { createInterface } from 'node:readline';
import type { FastifyInstance } from 'fastify';

let micros = 0;

// Fastify tells of every instance it makes, before any route is on it, so nothing in the service has to know of this.
subscribe('fastify.initialization', (message) => {
  (message as { fastify: FastifyInstance }).fastify.addHook('preHandler', (_request, _reply, done) => {
    const until = performance.now() + micros / 1000;
    while (micros > 0 && performance.now() < until);
    done();
  });
});
createInterface({ input: process.stdin }).on('line', (line) => {
  const [word, value] = line.split(' ');
  if (word === 'plant') micros = Number(value);
});
await import('./ours.js');
