// The pages of the screens, as `src/setup/screens.mjs` has built them. A page's address is asked for anew each time; what it is made of has
// names that change with their content and is kept for good. Everybody may have the pages: what they show is judged where they ask for it.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance } from 'fastify';
import { Problem, sendProblem } from './problems.js';

/** Compiled code stands in `dist/api` or `build/src/api`; the pages are built into one place. */
const folder = fileURLToPath(new URL('dist/screens/', import.meta.url.replace(/(build\/src|dist|src)\/api\/[^/]*$/, '')));

const types: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8', js: 'text/javascript; charset=utf-8', css: 'text/css; charset=utf-8', wasm: 'application/wasm', json: 'application/json; charset=utf-8',
  svg: 'image/svg+xml', png: 'image/png', ogg: 'audio/ogg', wav: 'audio/wav', mp3: 'audio/mpeg', webmanifest: 'application/manifest+json; charset=utf-8', txt: 'text/plain; charset=utf-8',
};
const typeOf = (file: string): string => types[file.slice(file.lastIndexOf('.') + 1)] ?? 'application/octet-stream';

/** `from`: where the built pages are, when not in their usual place. */
export function screenRoutes(app: FastifyInstance, from = folder): void {
  const config = { may: 'anybody' } as const;
  const schema = { hide: true } as const;
  if (!existsSync(from)) {
    app.get('/', { schema, config }, (_request, reply) => reply.type('text/plain; charset=utf-8').send('The screens have not been built: npm run build\n'));
    return;
  }
  const files = new Map<string, { bytes: Buffer; type: string }>();
  const read = (file: string): { bytes: Buffer; type: string } => {
    let found = files.get(file);
    if (!found) {
      found = { bytes: readFileSync(join(from, file)), type: typeOf(file) };
      files.set(file, found);
    }
    return found;
  };
  const page = (path: string, file: string): void => {
    app.get(path, { schema, config }, (_request, reply) => {
      const { bytes, type } = read(file);
      return reply.header('content-type', type).header('cache-control', 'no-cache').send(bytes);
    });
  };
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    if (entry.isDirectory() && existsSync(join(from, entry.name, 'index.html'))) page(entry.name === 'home' ? '/' : `/${entry.name}`, `${entry.name}/index.html`);
    else if (entry.isFile() && !entry.name.startsWith('.')) page(`/${entry.name}`, entry.name);
  }
  const assets = new Set(existsSync(join(from, 'assets')) ? readdirSync(join(from, 'assets')) : []);
  app.get('/assets/:file', { schema, config }, (request, reply) => {
    const { file } = request.params as { file: string };
    // Only what was built: a name that is not in the folder leads nowhere, whatever it is made of.
    if (!assets.has(file)) return sendProblem(reply, new Problem('not_found'));
    const { bytes, type } = read(`assets/${file}`);
    return reply.header('content-type', type).header('cache-control', 'public, max-age=31536000, immutable').send(bytes);
  });
}
