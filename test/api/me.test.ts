// What a resident may see without a badge, and what nobody learns by trying.

import t from 'tap';
import { makeCode, serialKey, serialOf } from '../../src/domain/codes.js';
import { codeSeed } from '../../src/vault/offline.js';
import { fresh } from './guarded.js';
import { build, type DoorRig } from './support.js';

const people = [
  { name: '李小明', document: { number: '11010519491231002X' }, phone: '13800001234' },
  { name: '王芳', document: { number: '440524188001010014' }, phone: '13900005678' },
] as const;

interface Asked { door: DoorRig; code(n: number): string; ask(fields: Record<string, string>, address?: string): Promise<{ status: number; body: string; ms: number }> }

/** Two people of a village at a door, an address of this test's own, and their cards. */
async function village(t: Parameters<typeof build>[0]): Promise<Asked> {
  const standing = { state: 'waiting', number: 'A7', station: 'a', ahead: 4, minutes: 3 } as const;
  const door = await build(t, { stations: ['a'] }, { queues: { waits: () => undefined, standing: (_cell, ticket) => (ticket > 0 ? standing : undefined) } });
  for (const person of people) {
    const taken = await door.step('registerWalkIn', { ...person, village: '北义', household: '1' });
    if (taken.statusCode !== 200) throw new Error(taken.body);
  }
  const vault = await door.vault.round(door.cell.round);
  if (vault === 'erased') throw new Error('the round has just been made');
  const key = serialKey(codeSeed(vault, door.cell.area));
  const own = fresh('a');
  return {
    door,
    code: (n) => makeCode('resident', serialOf(key, n - 1, true)),
    async ask(fields, address = own) {
      const began = performance.now();
      const reply = await door.app.inject({
        method: 'POST', url: '/me', remoteAddress: address, headers: { 'content-type': 'application/x-www-form-urlencoded' },
        payload: new URLSearchParams({ r: `${door.cell.round}:${door.cell.area}`, ...fields }).toString(),
      });
      return { status: reply.statusCode, body: reply.body, ms: performance.now() - began };
    },
  };
}

t.test('a card says where one stands and whether a swab was taken, and neither name nor result', async (t) => {
  const { door, code, ask } = await village(t);
  t.match(await ask({ code: code(1) }), { status: 200, body: /还没有取号/ });
  await door.step('issueTicket', { site: 's1', party: [{ resident: '1', number: 'A7' }] }, { device: 'desk1' });
  const waiting = await ask({ code: code(1).replace(/(\d{3})/g, '$1 ') });
  t.match(waiting, { status: 200, body: /A7/ }, 'as it is printed, in groups');
  t.match(waiting.body, /4 人[\s\S]*3 分钟/);

  const tube = door.tube();
  await door.step('openTube', { tube, station: 'a', size: 1 }, { device: 'tablet1' });
  await door.step('takeSwab', { resident: '2', tube }, { device: 'tablet1' });
  const sampled = await ask({ code: code(2) });
  t.match(sampled.body, /已采样[\s\S]*a 号台/);
  for (const one of [waiting, sampled]) {
    for (const { name, document, phone } of people) for (const text of [name, document.number, phone]) t.notMatch(one.body, text);
    t.notMatch(one.body, /检测中|未检出|王\*|李\*/, 'a card alone proves nothing');
  }
});

t.test('with the last four of telephone or document one reads the masked name and the result', async (t) => {
  const { door, code, ask } = await village(t);
  const [pool, own] = [door.tube(), door.tube()];
  const tablet = door.device('tablet1');
  await tablet.done('openTube', { tube: pool, station: 'a' });
  for (const resident of ['1', '2']) await tablet.done('takeSwab', { resident, tube: pool });
  await tablet.done('sealTube', { tube: pool });
  const proved = (fields: object = {}) => ask({ code: code(1), proof: '1234', ...fields });
  const first = await proved();
  t.match(first, { status: 200, body: /李\*明[\s\S]*检测中/ });
  t.notMatch(first.body, /李小明|13800001234|11010519491231002X/);
  t.match(await ask({ code: code(1), proof: '００２ｘ' }), { status: 200, body: /李\*明/ }, 'or of the document, as a Chinese keyboard types it');
  t.match(await ask({ document: people[0].document.number.toLowerCase(), proof: '1234' }), { status: 200, body: /李\*明/ }, 'or by the document and the telephone');

  const relay = door.device('relay');
  const result = (tube: string, result: 'negative' | 'positive', run: string) => relay.report('noteResult', { tube, result, accession: 'A1', run, testedAt: door.now(), laboratory: 'lab' });
  await relay.report('noteIntake', { tube: pool, laboratory: 'lab', outcome: 'received', accession: 'A1' });
  await result(pool, 'negative', 'R1');
  t.match(await proved(), { body: /未检出[\s\S]*2 人混检/ });
  t.match(await proved({ lang: 'en' }), { body: /Negative[\s\S]*pooled, 2 in 1/ });

  await result(pool, 'positive', 'R2');
  const recalled = await proved();
  t.match(recalled, { body: /请等待工作人员联系/ }, 'a positive pool is nobody\'s result');
  t.notMatch(recalled.body, /阳性|[Pp]ositive/);
  await tablet.done('openTube', { tube: own, station: 'a', size: 1 });
  await tablet.done('takeSwab', { resident: '1', tube: own });
  await relay.report('noteIntake', { tube: own, laboratory: 'lab', outcome: 'received', accession: 'A2' });
  await relay.report('noteResult', { tube: own, result: 'positive', accession: 'A2', run: 'R3', testedAt: door.now(), laboratory: 'lab' });
  const positive = await proved();
  t.match(positive, { body: /请等待工作人员联系/ }, 'and a positive swab of one\'s own is told by a person');
  t.notMatch(positive.body, /阳性|[Pp]ositive/);
});

t.test('whoever tries numbers hears the same, after the same time', async (t) => {
  const { code, ask } = await village(t);
  const unknown = makeCode('resident', 900_000_123);
  const tries = [
    await ask({ code: unknown }), await ask({ code: unknown, proof: '1234' }), await ask({ code: code(1), proof: '9999' }),
    await ask({ document: people[0].document.number, proof: '9999' }), await ask({ document: '34052419800101001X', proof: '1234' }), await ask({ document: people[0].document.number, proof: '5678' }),
  ];
  const said = tries.map(({ body }) => /<p class="note"[^>]*>(.*?)<\/p>/.exec(body)?.[1]);
  t.ok(said[0]?.includes('没有查到'));
  t.strictSame(new Set(said).size, 1, 'the same words');
  for (const { status, ms } of tries) t.ok(status === 404 && ms >= 290, `and never sooner than a third of a second: ${status}, ${Math.round(ms)} ms`);
  t.match(await ask({ code: '123' }), { status: 422, body: /号码没有输对/ }, 'a slip of the finger is told at once: it is in the digits');
  t.match(await ask({ code: code(1), proof: '12' }), { status: 422, body: /四位/ });
});

t.test('few tries for each card and document, whether it exists or not, and for each address', async (t) => {
  const { code, ask } = await village(t);
  for (const tried of [{ code: code(2) }, { code: makeCode('resident', 900_000_456) }]) {
    let last = 0;
    for (let n = 0; n < 8; n++) last = (await ask({ ...tried, proof: '0000' }, fresh('b'))).status;
    t.equal(last, 429, 'from wherever it is tried');
  }
  t.match(await ask({ code: code(2), proof: '5678' }, fresh('c')), { status: 429 }, 'the right answer comes too late then');
  const address = fresh('d');
  const statuses = await Promise.all(Array.from({ length: 70 }, (_, n) => ask({ code: makeCode('resident', 900_001_000 + n) }, address).then(({ status }) => status)));
  t.ok(statuses.filter((status) => status === 429).length >= 5 && statuses.includes(404));
});

t.test('nothing typed is written into the page as it is, and other content is not taken', async (t) => {
  const { door, ask } = await village(t);
  const { body } = await ask({ code: '"><script>alert(1)</script>', r: '"><script>', lang: '"><script>' });
  t.notMatch(body, /<script>|alert\(1\)/);
  const pages = await Promise.all(['/me', '/me?r=%22%3E%3Cscript%3E', '/me?by=document&lang=en', '/me?r=a&r=b'].map((url) => door.app.inject(url)));
  for (const page of pages) {
    t.equal(page.statusCode, 200);
    t.notMatch(page.body, /<script>/);
    t.match(page.headers, { 'content-security-policy': /form-action 'self'/, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' });
    t.equal(page.headers['set-cookie'], undefined);
  }
  t.equal((await door.app.inject({ method: 'POST', url: '/me', payload: { code: '1' } })).statusCode, 415);
  t.equal((await door.app.inject({ method: 'POST', url: '/me', headers: { 'content-type': 'application/x-www-form-urlencoded' }, payload: `code=${'1'.repeat(5000)}` })).statusCode, 413);
  t.equal((await door.app.inject('/wait/none/here')).statusCode, 404);
  t.notMatch(JSON.stringify(door.logged), /11010519491231002X|13800001234/);
});
