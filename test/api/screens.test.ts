// The pages as they are sent: the smallest copy that the browser takes, and nothing that was not built.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib';
import fastify from 'fastify';
import t, { type Test } from 'tap';
import { screenRoutes } from '../../src/api/screens.js';

const script = 'export const words = "采样";\n'.repeat(50);

function built(t: Test): ReturnType<typeof fastify> {
  const from = t.testdir();
  mkdirSync(join(from, 'assets'));
  mkdirSync(join(from, 'station'));
  writeFileSync(join(from, 'station/index.html'), '<!doctype html>');
  writeFileSync(join(from, 'assets/station-1.js'), script);
  writeFileSync(join(from, 'assets/station-1.js.br'), brotliCompressSync(script));
  writeFileSync(join(from, 'assets/station-1.js.gz'), gzipSync(script));
  const app = fastify();
  t.teardown(() => app.close());
  screenRoutes(app as never, from);
  return app;
}

t.test('a script comes as the smallest copy that the browser takes', async (t) => {
  const app = built(t);
  const get = (encodings?: string) => app.inject({ url: '/assets/station-1.js', headers: encodings === undefined ? {} : { 'accept-encoding': encodings } });
  const small = await get('gzip, deflate, br');
  t.equal(small.headers['content-encoding'], 'br');
  t.equal(brotliDecompressSync(small.rawPayload).toString(), script);
  const unsafe = await get('gzip, deflate');
  t.equal(unsafe.headers['content-encoding'], 'gzip', 'without TLS browsers take no brotli');
  t.equal(gunzipSync(unsafe.rawPayload).toString(), script);
  const plain = await get();
  t.equal(plain.headers['content-encoding'], undefined);
  t.equal(plain.body, script);
  for (const answer of [small, unsafe, plain]) {
    t.equal(answer.headers['content-type'], 'text/javascript; charset=utf-8');
    t.equal(answer.headers['vary'], 'accept-encoding', 'a cache on the way keeps them apart');
    t.match(answer.headers['cache-control'], /immutable/);
  }
});

t.test('a page without a smaller copy comes as it is', async (t) => {
  const answer = await built(t).inject({ url: '/station', headers: { 'accept-encoding': 'br, gzip' } });
  t.equal(answer.body, '<!doctype html>');
  t.equal(answer.headers['content-encoding'], undefined);
  t.equal(answer.headers['cache-control'], 'no-cache');
});

t.test('a name that was not built leads nowhere', async (t) => {
  const app = built(t);
  for (const name of ['station-1.js.br', 'station-2.js', '..%2fstation%2findex.html', '%2e%2e']) {
    t.equal((await app.inject({ url: `/assets/${name}`, headers: { 'accept-encoding': 'br' } })).statusCode, 404, name);
  }
});
