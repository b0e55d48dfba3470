// Planted people: a whole Swabline, started as a person starts it, is given names, numbers, telephones and addresses through every way in,
// right and wrong, and then nothing of them stands in clear in its log, in any key of Redis, or in any file it has written.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { Redis } from 'ioredis';
import t from 'tap';
import { WebSocket } from 'ws';
import { readConfig } from '../src/config.js';
import { residentIdCheck } from '../src/domain/documents.js';
import { servedFrom } from '../src/ledger/dataLock.js';
import { runCommand } from '../src/tools/commands.js';
import { ownFolder } from './folder.js';

/** People of nobody: the area code was never given out. */
const people = Array.from({ length: 40 }, (_, i) => {
  const body = `69000019${60 + (i % 40)}0101${String(100 + i)}`;
  return { name: `甄别${String.fromCodePoint(0x9f00 + i)}`, number: body + residentIdCheck(body), phone: `139777${String(10_000 + i)}`, address: `甄别镇甄别村${500 + i}号` };
});
type Planted = (typeof people)[number];
const at = (i: number): Planted => people[i] as Planted;

const dir = ownFolder(t);
const env = { SWABLINE_DATA: join(dir, 'data'), PORT: '0', LOG_LEVEL: 'trace', SWABLINE_ARCHIVE_DIR: join(dir, 'archive') };
let log = '';
const { REDIS_URL: _redis, ...rest } = process.env;
// tap puts itself into every Node it finds in its environment.
const child: ChildProcess = spawn('env', ['-u', 'NODE_OPTIONS', process.execPath, resolve('build/src/main.js')], { env: { ...rest, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
for (const stream of [child.stdout, child.stderr]) stream?.on('data', (data) => { log += String(data); });
t.teardown(() => child.kill('SIGKILL'));
while (!/serves at/.test(log)) {
  if (child.exitCode !== null) throw new Error(log);
  await sleep(50);
}
const { address = '', redis: redisUrl = '' } = servedFrom(env.SWABLINE_DATA) ?? {};
let cookie = '';
await runCommand(['drill-key'], () => readConfig(env), { print: (text) => { cookie = text; }, say: () => {} });
const headers = { cookie, 'x-swabline': '1' };
const json = { ...headers, 'content-type': 'application/json' };
const cell = `${address}/api/cells/plant/north`;
let number = 0;
const step = async (name: string, body: object): Promise<Response> =>
  fetch(`${cell}/steps/${name}`, { method: 'POST', headers: json, body: JSON.stringify({ device: 'person.drill', epoch: 'e1', number: ++number, claimedAt: Date.now(), body }) });
const post = (path: string, body: unknown, more: Record<string, string> = {}): Promise<Response> =>
  fetch(path, { method: 'POST', headers: { ...json, ...more }, body: typeof body === 'string' ? body : JSON.stringify(body) });

t.test('people come in by every way, right and wrong', async (t) => {
  t.equal((await step('openRound', { name: 'a round', sites: [{ site: 's1', name: 'School' }], villages: [{ village: 'Upper', site: 's1' }] })).status, 200);
  t.equal((await step('openStation', { station: '3', site: 's1' })).status, 200);

  const rows = people.slice(0, 20).map(({ name, number, phone, address }, i) => `${name},${i === 19 ? `${number.slice(0, 17)}?` : number},Upper,${i},${phone},${address}`);
  const form = new FormData();
  form.set('file', new Blob([`姓名,身份证号,村庄,户号,联系电话,地址\n${rows.join('\n')}\n`], { type: 'text/csv' }), '甄别名单.csv');
  const sent = await fetch(`${cell}/roster?task=check`, { method: 'POST', headers, body: form });
  t.equal(sent.status, 202);
  const { upload, job } = (await sent.json()) as { upload: string; job: string };
  const done = async (id: string): Promise<void> => {
    for (;;) {
      const { state } = (await (await fetch(`${cell}/roster/${id}`, { headers })).json()) as { state: string };
      if (state === 'done') return;
      if (state === 'failed') throw new Error('the roster\'s job failed');
      await sleep(50);
    }
  };
  await done(job);
  t.match(await (await fetch(`${cell}/roster/${upload}/errors.csv`, { headers })).text(), at(19).name, 'its faults quote the row');
  await done(((await (await post(`${cell}/roster/${upload}/import`, {})).json()) as { job: string }).job);

  for (const { name, number, phone, address } of people.slice(20, 25)) t.equal((await step('registerWalkIn', { village: 'Upper', name, phone, address, document: { number } })).status, 200);
  const wrong = at(25);
  t.equal((await step('registerWalkIn', { village: 'Upper', name: wrong.name, document: { number: `${wrong.number.slice(0, 17)}!` } })).status, 422);
  t.equal((await step('excuseResident', { resident: '1', reason: 'away', note: `${at(26).name} ${at(26).phone} ${at(26).number}` })).status, 200);
  t.equal((await step('excuseResident', { resident: at(27).number, reason: at(27).name })).status, 422);
  const outbox = await post(`${cell}/outbox`, { device: 'person.drill', epoch: 'e2', requests: [
    { number: 1, step: 'takeSwab', claimedAt: 1, body: { resident: at(28).name, tube: at(28).number } },
    { number: 2, step: 'registerWalkIn', claimedAt: 1, mode: 'report', body: { village: 'Upper', name: at(29).name, phone: at(29).phone, document: { number: at(29).number.slice(1) } } },
    { number: 3, step: at(30).name, claimedAt: 1, body: at(30) },
  ] });
  t.match(await outbox.json(), { answers: [{ outcome: 'quarantined' }, { outcome: 'quarantined' }, { outcome: 'quarantined' }] });
  t.equal((await post(`${cell}/outbox`, `{"device":"${at(31).name}",${at(31).number}`)).status, 400);
  t.ok((await fetch(`${cell}/residents?name=${encodeURIComponent(at(32).name)}&number=${at(32).number}`, { headers })).status >= 400);
  t.ok((await fetch(`${address}/${encodeURIComponent(at(33).name)}/${at(33).phone}`)).status >= 400);
  t.equal((await post(`${cell}/residents/search`, { document: { number: at(2).number } })).status, 200);
  t.equal((await post(`${cell}/residents/search`, { document: { number: `${at(34).number.slice(0, 17)}A` } })).status, 422);
  t.match(await (await post(`${cell}/residents/2/reveal`, { reason: 'contact' })).text(), at(1).name);
  t.equal((await fetch(`${cell}/residents/2/person`, { headers })).status, 200);
  t.match(await (await post(`${cell}/residents/export`, { reason: 'report', who: 'all', format: 'csv' })).text(), at(3).number, 'the export is for people to read');
  t.equal((await post(`${address}/api/session`, { account: 'nobody', password: at(35).phone })).status, 401);
  t.ok((await post(`${address}/api/pairing/redeem`, { code: at(36).number })).status >= 400);
  t.equal((await fetch(`${cell}/stations`, { headers: { authorization: `Bearer ${at(37).number}.${at(37).phone}` } })).status, 401);

  const socket = new WebSocket(`${cell.replace('http', 'ws')}/socket`, { headers: { ...headers, origin: address } });
  await once(socket, 'open');
  for (const text of [JSON.stringify({ id: 1, device: 'person.drill', epoch: 'e3', requests: [{ number: 1, step: 'openTube', claimedAt: 1, body: { tube: at(38).name, station: at(38).phone } }] }), `{"${at(39).name}":"${at(39).number}"}`]) {
    socket.send(text);
    const [heard] = (await once(socket, 'message')) as [Buffer];
    t.notMatch(heard.toString(), /甄别|139777/);
  }
  socket.terminate();
});

t.test('nothing of them stands in clear, anywhere', async (t) => {
  // What is written behind the answers (the archive, the live fold) is asked to finish: the program is stopped in order.
  const found: string[] = [];
  const look = (where: string, bytes: Buffer | string): void => {
    const text = Buffer.isBuffer(bytes) ? bytes.toString('latin1') : bytes;
    const latin = (word: string) => (Buffer.isBuffer(bytes) ? Buffer.from(word, 'utf8').toString('latin1') : word);
    for (const { name, number, phone, address } of people) {
      for (const word of [name, number, number.slice(0, 17), phone, address]) {
        const forms = [word, encodeURIComponent(word), JSON.stringify(word).slice(1, -1).replace(/[^\x20-\x7e]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`), Buffer.from(word).toString('base64').slice(0, -4)];
        for (const form of forms) if (Buffer.byteLength(form) > 5 && text.includes(latin(form))) found.push(`${where}: ${form}`);
      }
    }
  };

  const redis = new Redis(redisUrl);
  let keys = 0;
  for (const key of await redis.keys('*')) {
    keys++;
    look('a key', key);
    const type = await redis.type(key);
    const held =
      type === 'string' ? await redis.getBuffer(key)
      : type === 'hash' ? Object.entries(await redis.hgetallBuffer(key)).map(([field, value]) => Buffer.concat([Buffer.from(field), value as Buffer]))
      : type === 'stream' ? ((await redis.xrangeBuffer(key, '-', '+')) as unknown as [Buffer, Buffer[]][]).flatMap(([, fields]) => fields)
      : type === 'zset' ? await redis.zrangeBuffer(key, '0', '-1') : type === 'set' ? await redis.smembersBuffer(key) : type === 'list' ? await redis.lrangeBuffer(key, 0, -1) : [];
    for (const part of [held].flat() as unknown as (Buffer | null)[]) if (part) look(key, part);
  }
  t.ok(keys > 30, 'there was something to look through');
  t.equal(Number(await redis.hget('{plant:north}:cell', 'residents')) >= 24, true, 'the people are there');
  redis.disconnect();

  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
  let files = 0;
  const walk = (folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      look('the name of a file', path);
      if (entry.isDirectory()) walk(path);
      else if (entry.isFile() && statSync(path).size > 0) { files++; look(path, path.endsWith('.gz') ? gunzipSync(readFileSync(path)) : readFileSync(path)); }
    }
  };
  walk(dir);
  t.ok(files >= 4, 'the file of Redis, the uploads, the keys');
  t.ok(log.split('\n').length > 20, 'there was a log');
  look('the log', log);
  t.same([...new Set(found)], []);

  for (const bytes of [Buffer.from(`x${at(0).name}x`), Buffer.from(JSON.stringify({ a: at(5).number })), encodeURIComponent(at(7).address)]) {
    const before = found.length;
    look('a control', bytes);
    t.ok(found.length > before, 'what stands in clear is seen');
  }
});
