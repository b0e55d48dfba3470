// The page behind a one-time link, and where people sign in: plain files, so that it works before anything else does.

import { readFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';

/** The files stand in src; compiled code, in `dist/api` or `build/src/api`, reads them from there. */
const folder = new URL('enter/', import.meta.url.replace(/(build\/src|dist|src)\/api\/[^/]*$/, 'src/api/'));

const files = [['/enter', 'page.html', 'text/html'], ['/enter/page.js', 'page.js', 'text/javascript'], ['/enter/page.css', 'page.css', 'text/css']] as const;

export function enterPage(app: FastifyInstance): void {
  for (const [path, file, type] of files) {
    const body = readFileSync(new URL(file, folder));
    app.get(path, { schema: { hide: true }, config: { may: 'anybody' } }, (_request, reply) => reply.header('content-type', `${type}; charset=utf-8`).header('cache-control', 'no-cache').send(body));
  }
}
