// The pages of the screens, as `src/setup/screens.mjs` has built and compressed them. A page's address is asked for anew each time; what it is
// made of has names that change with their content and is kept for good. Everybody may have the pages: what they show is judged where they
// ask for it.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Problem, sendProblem } from './problems.js';

/** Compiled code stands in `dist/api` or `build/src/api`; the pages are built into one place. */
const folder = fileURLToPath(new URL('dist/screens/', import.meta.url.replace(/(build\/src|dist|src)\/api\/[^/]*$/, '')));

const types: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8', js: 'text/javascript; charset=utf-8', css: 'text/css; charset=utf-8', wasm: 'application/wasm', json: 'application/json; charset=utf-8',
  svg: 'image/svg+xml', png: 'image/png', ogg: 'audio/ogg', wav: 'audio/wav', mp3: 'audio/mpeg', webmanifest: 'application/manifest+json; charset=utf-8', txt: 'text/plain; charset=utf-8',
};
const typeOf = (file: string): string => types[file.slice(file.lastIndexOf('.') + 1)] ?? 'application/octet-stream';

/** The smaller copies beside a file, the smallest first. */
const copies = [{ name: 'br', ending: '.br' }, { name: 'gzip', ending: '.gz' }] as const;
const isCopy = (file: string): boolean => copies.some(({ ending }) => file.endsWith(ending));

/** `from`: where the built pages are, when not in their usual place. */
export function screenRoutes(app: FastifyInstance, from = folder): void {
  const config = { may: 'anybody' } as const;
  const schema = { hide: true } as const;
  if (!existsSync(from)) {
    app.get('/', { schema, config }, (_request, reply) => reply.type('text/plain; charset=utf-8').send('The screens have not been built: npm run build\n'));
    return;
  }
  /** What has been sent once, and null for a copy that was not worth making. */
  const files = new Map<string, Buffer | null>();
  const read = (file: string): Buffer | null => {
    let bytes = files.get(file);
    if (bytes === undefined) files.set(file, (bytes = existsSync(join(from, file)) ? readFileSync(join(from, file)) : null));
    return bytes;
  };
  const send = (request: FastifyRequest, reply: FastifyReply, file: string): FastifyReply => {
    reply.header('content-type', typeOf(file)).header('vary', 'accept-encoding');
    const takes = request.headers['accept-encoding'] ?? '';
    for (const { name, ending } of copies) {
      const copy = takes.includes(name) ? read(file + ending) : null;
      if (copy) return reply.header('content-encoding', name).send(copy);
    }
    return reply.send(read(file));
  };
  const page = (path: string, file: string): void => {
    app.get(path, { schema, config }, (request, reply) => send(request, reply.header('cache-control', 'no-cache'), file));
  };
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    if (entry.isDirectory() && existsSync(join(from, entry.name, 'index.html'))) page(entry.name === 'home' ? '/' : `/${entry.name}`, `${entry.name}/index.html`);
    else if (entry.isFile() && !entry.name.startsWith('.') && !isCopy(entry.name)) page(`/${entry.name}`, entry.name);
  }
  const assets = new Set(existsSync(join(from, 'assets')) ? readdirSync(join(from, 'assets')).filter((name) => !isCopy(name)) : []);
  app.get('/assets/:file', { schema, config }, (request, reply) => {
    const { file } = request.params as { file: string };
    // Only what was built: a name that is not in the folder leads nowhere, whatever it is made of.
    if (!assets.has(file)) return sendProblem(reply, new Problem('not_found'));
    return send(request, reply.header('cache-control', 'public, max-age=31536000, immutable'), `assets/${file}`);
  });
}
