// The door describes itself: the document says what the routes do, and the page asks no other site for anything.
import { readFileSync } from 'node:fs';
import t from 'tap';
import { doorSteps } from '../../src/api/incoming.js';
import { problems } from '../../src/api/problems.js';
import { refusalWords } from '../../src/domain/refusals.js';
import { build } from './support.js';

interface Description {
  openapi: string;
  paths: Record<string, Record<string, { operationId: string; summary: string; requestBody?: { content: Record<string, { schema: { properties: Record<string, { properties?: object }> } }> } }>>;
  'x-words': Record<string, { status: number; zh: string; nextEn: string }>;
}

t.test('every step is described with its own body, in OpenAPI 3.1', async (t) => {
  const { app } = await build(t, { round: false });
  const reply = await app.inject('/api/openapi.json');
  t.equal(reply.statusCode, 200);
  const document = reply.json<Description>();
  t.match(document.openapi, /^3\.1/);
  for (const step of doorSteps) {
    const operation = document.paths[`/api/cells/{round}/{area}/steps/${step}`]?.['post'];
    t.match(operation, { operationId: step, summary: /\p{Script=Han}.* [A-Z]/u }, step);
    t.ok(operation?.requestBody?.content['application/json']?.schema.properties['body'], step);
  }
  const walkIn = document.paths['/api/cells/{round}/{area}/steps/registerWalkIn']?.['post']?.requestBody?.content['application/json']?.schema.properties['body'];
  t.ok(walkIn?.properties && 'name' in walkIn.properties && !('sealed' in walkIn.properties), 'a walk-in comes in clear and is sealed here');
  for (const path of ['/api/cells', '/api/cells/{round}/{area}/', '/api/cells/{round}/{area}/outbox', '/api/cells/{round}/{area}/tubes/{tube}/story', '/healthz', '/readyz']) {
    t.ok(document.paths[path] ?? document.paths[path.replace(/\/$/, '')], path);
  }
  t.notMatch(JSON.stringify(document.paths), /"\$ref"/);
});

t.test('every word a problem may carry is explained', async (t) => {
  const { app } = await build(t, { round: false });
  const words = (await app.inject('/api/openapi.json')).json<Description>()['x-words'];
  t.strictSame(Object.keys(words).sort(), [...new Set([...Object.keys(problems), ...refusalWords])].sort());
  for (const [word, { zh, nextEn }] of Object.entries(words)) t.ok(/\p{Script=Han}/u.test(zh) && nextEn.length > 3, word);
});

t.test('the page is readable by itself and asks no other site for anything', async (t) => {
  const { app } = await build(t, { round: false });
  for (const path of ['/api/docs', '/api/docs/page.js', '/api/docs/page.css']) {
    const reply = await app.inject(path);
    t.equal(reply.statusCode, 200, path);
    t.match(reply.headers['content-security-policy'], /default-src 'none'/);
    t.notMatch(reply.headers['content-security-policy'], /unsafe/);
    t.notMatch(reply.body, /https?:\/\//, path);
    t.notMatch(reply.body, /innerHTML|onclick=|style="/, path);
  }
  t.match((await app.inject('/api/docs')).headers['content-type'], /^text\/html/);
  t.match(readFileSync('src/api/docs/page.html', 'utf8'), (await app.inject('/api/docs')).body);
});
