// The door described: an OpenAPI 3.1 document made from the routes and their zod schemas, and a page to read it. The page is ours, asks
// no other site for anything and runs nothing that is not in its own file.

import { readFileSync } from 'node:fs';
import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { refusals, refusalWords } from '../domain/refusals.js';
import { documented } from './documented.js';
import { problems } from './problems.js';
import { refusalStatus, sentencesOf } from './replies.js';

/** Files of the page stand in src beside this one; compiled code, in `dist/api` or `build/src/api`, reads them from there. */
function pageFile(name: string): string {
  const here = new URL('.', import.meta.url).pathname;
  const root = here.replace(/(build\/src|dist|src)\/api\/$/, '');
  return readFileSync(`${root}src/api/docs/${name}`, 'utf8');
}

/** To be called before any route is made: only routes made afterwards are described. */
export async function describeRoutes(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Swabline',
        version: '1',
        description:
          '采样现场的唯一入口。The one door to the record of a sampling drive. A step either is taken, or refused with a word and a sentence, and a refusal is never a fault. ' +
          'Repeats are free: the same number with the same content gets the first answer again. Every device keeps its records until the answer says they are received.\n\n' +
          'Beside HTTP there is a WebSocket at /api/cells/{round}/{area}/socket. It takes text frames { id, device, epoch, now?, assigned?, requests } with the requests of an outbox, ' +
          'and answers { id, ...receipt } or { id?, problem }.',
      },
      tags: [
        { name: 'devices', description: '设备 What a tablet sends.' },
        { name: 'command post', description: '指挥部' }, { name: 'check-in', description: '登记台' }, { name: 'station', description: '采样台' },
        { name: 'lab', description: '实验室' },
        { name: 'follow-up', description: '后续处理' }, { name: 'clock', description: '时钟' },
        { name: 'live', description: '实时 What has changed; over WebSockets as it changes.' },
        { name: 'reads', description: '查询 What screens look at; no personal data.' }, { name: 'health', description: '运行状况' },
      ],
    },
    hideUntagged: true,
  });
}

/** Every word that may stand in a problem, with its status and sentences. */
const words = () => ({
  ...Object.fromEntries(Object.entries(problems).map(([word, { status, zh, en, nextZh, nextEn }]) => [word, { status, zh, en, nextZh, nextEn }])),
  ...Object.fromEntries(refusalWords.map((word) => [word, { status: refusalStatus[word], ...sentencesOf(word), ...('retry' in refusals[word] ? { retry: true } : {}) }])),
});

const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** The document and its page. To be called after the routes of the door; those that other rooms add later are described too. */
export function descriptionRoutes(app: FastifyInstance): void {
  const file = documented({ name: 'description', tag: 'health', summary: '接口说明 This description, as OpenAPI 3.1.', may: 'anybody', replies: { 200: { type: 'object' } } });
  let text: string | undefined;
  app.get('/api/openapi.json', file, async (_request, reply) => {
    text ??= JSON.stringify({ ...app.swagger(), 'x-words': words() });
    return reply.header('content-type', 'application/json; charset=utf-8').send(text);
  });
  for (const [path, name, type] of [['/api/docs', 'page.html', 'text/html'], ['/api/docs/page.js', 'page.js', 'text/javascript'], ['/api/docs/page.css', 'page.css', 'text/css']] as const) {
    const content = pageFile(name);
    app.get(path, { schema: { hide: true }, config: { may: 'anybody' } }, async (_request, reply) =>
      reply
        .header('content-type', `${type}; charset=utf-8`)
        .header('content-security-policy', policy)
        .header('x-content-type-options', 'nosniff')
        .header('referrer-policy', 'no-referrer')
        .send(content),
    );
  }
}
