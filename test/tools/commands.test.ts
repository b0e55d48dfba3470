// The commands of the console: each does what it says, against a service that runs and against none.

import { execFileSync } from 'node:child_process';
import { createServer, get } from 'node:https';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { readConfig } from '../../src/config.js';
import { startProgram } from '../../src/program.js';
import { commands, runCommand } from '../../src/tools/commands.js';
import { runDrill } from '../../src/tools/drill/drill.js';
import { ownFolder } from '../folder.js';

async function run(dir: string, ...args: string[]): Promise<{ code: number; printed: string; said: string }> {
  let [printed, said] = ['', ''];
  const code = await runCommand(args, () => readConfig({ SWABLINE_DATA: dir, PORT: '3000' }), { print: (text) => { printed += text; }, say: (sentence) => { said += `${sentence}\n`; } });
  return { code, printed, said };
}

const serve = (t: Test, dir: string, said: string[] = []) =>
  startProgram(readConfig({ SWABLINE_DATA: dir, PORT: '0', LOG_LEVEL: 'silent' }), { say: (sentence) => said.push(sentence), appendfsync: 'no' }).then((program) => {
    t.teardown(() => program.close());
    return program;
  });

const post = (url: string, body: object, headers: Record<string, string> = {}) =>
  fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) });

t.test('words that are no command are answered with those there are', async (t) => {
  for (const args of [[], ['nonsense'], ['toString'], ['forget'], ['certificate'], ['admin-link', '--nonsense']]) {
    const { code, said } = await run(ownFolder(t), ...args);
    t.not(code, 0, args.join(' '));
    t.match(said, /\S/);
    t.notMatch(said, /^\s+at /m);
  }
  const { said } = await run(ownFolder(t));
  for (const { usage } of Object.values(commands)) t.match(said, usage);
});

t.test('the first start prints a link for the first administrator, and the console can make another', async (t) => {
  const dir = ownFolder(t);
  const said: string[] = [];
  const program = await serve(t, dir, said);
  const link = said.join('\n').match(/(http:\S+)\/enter#([\w-]{43})/);
  t.equal(link?.[1], program.address);
  const password = 'correct horse battery';
  const entered = await post(`${program.address}/api/enter`, { link: link?.[2], account: 'root1', password });
  t.equal(entered.status, 200);
  const { code, printed } = await run(dir, 'admin-link');
  t.equal(code, 0);
  t.match(printed, `${program.address}/enter#`, 'while it runs, through its own Redis');
  t.equal((await post(`${program.address}/api/enter`, { link: printed.split('#')[1], account: 'root2', password })).status, 200);
  await program.close();
  const again: string[] = [];
  const second = await serve(t, dir, again);
  t.notMatch(again.join('\n'), /enter#/, 'there is an administrator now');
  t.equal((await post(`${second.address}/api/session`, { account: 'root1', password })).status, 200);
  await second.close();
  const alone = await run(dir, 'admin-link');
  t.equal(alone.code, 0, alone.said);
  t.match(alone.printed, /^http:\/\/127\.0\.0\.1:3000\/enter#[\w-]{43}$/, 'also while nothing runs');
});

t.test('a drill against a service that runs gets a key at its console', async (t) => {
  const dir = ownFolder(t);
  const program = await serve(t, dir);
  const { printed, code } = await run(dir, 'drill-key');
  t.equal(code, 0);
  const { report } = await runDrill({ url: program.address as string, key: printed, seed: 'keyed', residents: 200, speed: Number.POSITIVE_INFINITY });
  t.ok(report.ok, report.failed.join());
  t.equal((await post(`${program.address}/api/session`, { account: 'drill', password: 'none' })).status, 401);
});

t.test('the master key is replaced while the service runs', async (t) => {
  const dir = ownFolder(t);
  const program = await serve(t, dir);
  await program.vault.prepare('r1');
  const before = readFileSync(join(dir, 'keys', 'master.key'));
  const { code, printed } = await run(dir, 'replace-master-key');
  t.equal(code, 0);
  t.match(printed, /keys of 1 rounds/);
  t.notSame(readFileSync(join(dir, 'keys', 'master.key')), before);
  program.vault.drop('r1');
  t.not(await program.vault.round('r1'), 'erased');
});

t.test('a round is forgotten by two administrators who are named, and not while it is open', async (t) => {
  const dir = ownFolder(t);
  const program = await serve(t, dir);
  const headers = { authorization: `Bearer ${program.toolKey()}` };
  const step = (number: number, name: string, body: object) => post(`${program.address}/api/cells/r1/north/steps/${name}`, { device: 'post', epoch: 'e1', number, claimedAt: 1, body }, headers);
  await step(1, 'openRound', { name: 'a round', rehearsal: true });
  t.equal((await step(2, 'registerWalkIn', { village: 'Upper', name: '李小明' })).status, 200);
  for (const account of ['root1', 'root2']) {
    await fetch(`${program.address}/api/accounts/${account}`, { method: 'PUT', headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify({ grants: [{ role: 'administrator' }] }) });
  }
  const two = ['--by', 'root1', '--second', 'root2'];
  t.match(await run(dir, 'forget', 'r1', ...two), { code: 2, said: /add --yes/ });
  t.match(await run(dir, 'forget', 'r1', '--by', 'root1', '--second', 'root1', '--yes'), { code: 2, said: /Two people/ });
  t.match(await run(dir, 'forget', 'r1', '--by', 'root1', '--second', 'nobody', '--yes'), { code: 1, said: /nobody is no administrator/ });
  t.match(await run(dir, 'forget', 'r1', ...two, '--yes'), { code: 1, said: /still open/ });
  t.match(await run(dir, 'forget', 'r9', ...two, '--yes'), { code: 1, said: /no round r9/ });
  t.equal((await step(3, 'closeRound', {})).status, 200);
  t.match(await run(dir, 'forget', 'r1', ...two, '--yes'), { code: 0, printed: /1 people of r1/ });
  program.vault.drop('r1');
  t.equal((await fetch(`${program.address}/api/cells/r1/north/residents/1/person`, { headers })).status, 410);
});

t.test('a certificate for a closed network is one that browsers\' rules accept', { skip: hasOpenssl() ? false : 'there is no openssl here' }, async (t) => {
  const dir = ownFolder(t);
  const out = join(dir, 'tls');
  t.match(await run(dir, 'certificate', 'swabs.lan', '127.0.0.1', '--out', out), { code: 0 });
  t.equal(statSync(join(out, 'service.key')).mode & 0o077, 0, 'the key is its owner\'s alone');
  const server = createServer({ cert: readFileSync(join(out, 'service.crt')), key: readFileSync(join(out, 'service.key')) }, (_request, response) => response.end('yes'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const ask = (ca?: Buffer) =>
    new Promise<string>((resolve) => {
      get({ host: '127.0.0.1', port: (server.address() as AddressInfo).port, agent: false, ...(ca ? { ca } : {}) }, (response) => response.on('data', (data: Buffer) => resolve(data.toString()))).once('error', (fault) => resolve((fault as { code?: string }).code ?? ''));
    });
  const authority = readFileSync(join(out, 'authority.crt'));
  t.equal(await ask(authority), 'yes');
  t.not(await ask(), 'yes', 'who has not the authority does not believe it');
  await run(dir, 'certificate', '127.0.0.1', '--out', out);
  t.same(readFileSync(join(out, 'authority.crt')), authority, 'renewing it changes nothing for the tablets');
  t.match(await run(dir, 'certificate', '; rm -rf /', '--out', out), { code: 2 });
});

function hasOpenssl(): boolean {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return existsSync('/usr/bin/openssl');
  }
}
