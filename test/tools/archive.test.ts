// The second copy at the console: it is verified, a record is made anew from it, and only then may a closed round leave the record.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import t, { type Test } from 'tap';
import { readConfig } from '../../src/config.js';
import { startArchive } from '../../src/jobs/archive/archiver.js';
import type { CellName } from '../../src/domain/requests.js';
import { differences } from '../../src/ledger/copy/compare.js';
import { startEmbeddedRedis } from '../../src/ledger/embedded.js';
import { keyOf, systemKeys } from '../../src/ledger/keys.js';
import { createLedger, type Ledger } from '../../src/ledger/ledger.js';
import * as reads from '../../src/ledger/reads.js';
import { missingPersons, reconciliation } from '../../src/ledger/reconciliation.js';
import { connect } from '../../src/ledger/redis.js';
import { keyShelf } from '../../src/ledger/shelf.js';
import { openSystem } from '../../src/ledger/system.js';
import { startProgram } from '../../src/program.js';
import { rebuildRecord } from '../../src/tools/archive/rebuild.js';
import { verify } from '../../src/tools/archive/verify.js';
import { runCommand } from '../../src/tools/commands.js';
import { openVault } from '../../src/vault/vault.js';
import { seeded, traffic } from '../live/traffic.js';
import { build, type Rig } from '../support.js';
import { ownRedis } from '../support-redis.js';
import { ownFolder } from '../folder.js';

interface Site {
  data: string;
  archive: string;
  url: string;
  redis: Redis;
  ledger: Ledger;
  /** Copies what stands on the record now, as the worker would. */
  copy(): Promise<void>;
}

/** A data folder with a Redis of its own, and an archive. */
async function aSite(t: Test): Promise<Site> {
  const data = ownFolder(t);
  const archive = join(data, 'second');
  const { url } = await ownRedis(t, { appendfsync: 'no' });
  const redis = connect(url);
  t.teardown(() => redis.disconnect());
  const ledger = createLedger(redis, { error: (detail) => t.fail(JSON.stringify(detail)) });
  const quiet = () => undefined;
  const log = { info: quiet, warn: quiet, error: (...said: unknown[]) => void t.fail(JSON.stringify(said)) };
  return {
    data, archive, url, redis, ledger,
    async copy() {
      const archiver = startArchive({ ledger, following: connect(url, { patient: true }), dir: archive, keyFile: join(data, 'keys', 'archive.key'), copies: 1, log });
      await archiver.caughtUp();
      await archiver.close();
    },
  };
}

interface Said { code: number; out: string; err: string }

/** Runs a tool as npm would, in a process of its own. */
async function toolAlone({ data, archive, url }: Site, name: string, ...args: string[]): Promise<Said> {
  const env = { PATH: process.env['PATH'], SWABLINE_DATA: data, SWABLINE_ARCHIVE_DIR: archive, REDIS_URL: url };
  const child = spawn(process.execPath, [new URL(`../../src/tools/${name}.js`, import.meta.url).pathname, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let [out, err] = ['', ''];
  child.stdout.on('data', (text) => { out += text; });
  child.stderr.on('data', (text) => { err += text; });
  const [code] = (await once(child, 'close')) as [number];
  return { code, out, err };
}

async function tool(site: Site, name: string, ...args: string[]): Promise<Said> {
  const heard = ears();
  const code = name === 'verify' ? await verify(args, () => configOf(site), heard) : await rebuildRecord(args, heard);
  return { code, out: heard.out, err: heard.err };
}

const configOf = ({ data, archive, url }: Site) => readConfig({ SWABLINE_DATA: data, SWABLINE_ARCHIVE_DIR: archive, REDIS_URL: url });
/** Hears what a tool says. */
function ears() {
  const heard = { out: '', err: '', print: (text: string) => { heard.out += `${text}\n`; }, say: (text: string) => { heard.err += `${text}\n`; } };
  return heard;
}

async function command(site: Site, ...args: string[]): Promise<Said> {
  const heard = ears();
  const code = await runCommand(args, () => configOf(site), heard);
  return { code, out: heard.out, err: heard.err };
}

/** A day of some kind. */
async function day(t: Test, { redis }: Site, seed: number): Promise<Rig> {
  const rig = await build(t, { redis, stations: ['a', 'b', 'c'], residents: 60 });
  await traffic(rig, 300, seeded(seed));
  return rig;
}

/** What anybody can read of a cell. */
async function everything(redis: Redis, cell: CellName) {
  const residents = await reads.residents(redis, cell);
  const { tubes } = await reads.tubes(redis, cell, '0', 10_000);
  const { tickets = 0 } = (await reads.cellState(redis, cell)) ?? {};
  return {
    state: await reads.cellState(redis, cell), stations: await reads.stations(redis, cell), residents, tubes: tubes.sort((a, b) => (a.tube < b.tube ? -1 : 1)),
    tickets: await Promise.all(Array.from({ length: tickets }, (_, i) => reads.ticket(redis, cell, i + 1))),
    discrepancies: await reads.discrepancies(redis, cell, 1, 5000), unfinished: await reads.unfinished(redis, cell, 0, 5000), devices: await reads.devices(redis, cell),
    directory: await reads.directory(redis, cell), stories: await Promise.all(residents.slice(0, 20).map(({ resident }) => reads.story(redis, cell, { resident }))),
    reconciliation: await reconciliation(redis, cell), missing: await missingPersons(redis, cell),
  };
}

/** Opens the Redis of a data folder that was rebuilt. */
async function openData(t: Test, data: string): Promise<Redis> {
  const server = await startEmbeddedRedis({ dir: join(data, 'redis'), appendfsync: 'no' });
  const redis = connect(server.url);
  t.teardown(async () => {
    redis.disconnect();
    await server.stop();
  });
  return redis;
}

t.test('a record made anew in an empty data folder answers every read as the one it was copied from', async (t) => {
  const site = await aSite(t);
  const rigs = [await day(t, site, 1), await day(t, site, 2)];
  await site.copy();
  const verified = await toolAlone(site, 'verify');
  t.same([verified.code, verified.err], [0, ''], verified.out);
  for (const { cell } of rigs) t.match(verified.out, new RegExp(`${cell.round}:${cell.area}: .* the record is the same`));

  const data = join(site.data, 'anew');
  const { code, out, err } = await toolAlone(site, 'rebuild', '--from', site.archive, '--to', data);
  t.same([code, err], [0, ''], out);
  const anew = await openData(t, data);
  for (const { cell } of rigs) {
    t.strictSame(await everything(anew, cell), await everything(site.redis, cell));
    t.same(await differences(site.redis, anew, cell), []);
  }
  t.same(await reads.openedCells(anew), await reads.openedCells(site.redis));

  const json = await tool(site, 'verify', '--json', '--alone');
  t.match(JSON.parse(json.out), { ok: true, compared: false, problems: [] });
});

t.test('a Swabline that runs keeps its second copy, and verify finds the record that runs', async (t) => {
  const data = ownFolder(t);
  const archive = join(data, 'elsewhere');
  const config = () => readConfig({ SWABLINE_DATA: data, SWABLINE_ARCHIVE_DIR: archive, PORT: '0', LOG_LEVEL: 'silent' });
  const program = await startProgram(config(), { appendfsync: 'no' });
  t.teardown(() => program.close());
  const rig = await build(t, { redis: program.ledger.redis, stations: ['a'], residents: 3 });
  // Its Redis ends with the program, before anybody could look at what is left on the record.
  rig.spoil();
  await program.vault.prepare(rig.cell.round);
  for (const heard = ears(); ; ) {
    const code = await verify(['--json'], config, heard);
    const { compared, cells = [] } = JSON.parse(heard.out || '{}') as { compared?: boolean; cells?: { cell: string; record: string }[] };
    if (code === 0 && cells.find(({ cell }) => cell.startsWith(rig.cell.round))?.record === 'same') {
      t.equal(compared, true);
      break;
    }
    heard.out = '';
    await sleep(50);
  }
  await program.close();
  const backup = JSON.parse(readFileSync(join(data, 'keys', 'keys.json'), 'utf8')) as { rounds: object };
  t.same(Object.keys(backup.rounds), [rig.cell.round]);
  t.equal(statSync(join(data, 'keys', 'keys.json')).mode & 0o777, 0o600);
  t.match((await (async () => { const heard = ears(); await verify([], config, heard); return heard.out; })()), /compared with no record/);
});

t.test('what has been changed is named, and no record is made from it', async (t) => {
  const site = await aSite(t);
  const { cell } = await day(t, site, 3);
  await site.copy();
  const file = join(site.archive, `${cell.round}+${cell.area}`, '000001.jsonl');
  const whole = readFileSync(file, 'utf8');
  const lines = whole.split('\n');
  lines[99] = (lines[99] as string).replace(/"p":"(.{8})./, '"p":"$1#');
  writeFileSync(file, lines.join('\n'));
  const named = new RegExp(`${cell.round}\\+${cell.area}/000001.jsonl, line 100: its content or the line before it has been changed`);
  const verified = await tool(site, 'verify');
  t.equal(verified.code, 1);
  t.match(verified.out, named);

  const target = await ownRedis(t, { appendfsync: 'no' });
  const rebuilt = await tool(site, 'rebuild', '--from', site.archive, '--to', target.url);
  t.equal(rebuilt.code, 1);
  t.match(rebuilt.err, named);
  t.notMatch(rebuilt.err, /^\s+at /m);
  writeFileSync(file, whole);
  const again = await tool(site, 'rebuild', '--from', site.archive, '--to', target.url);
  t.match([again.code, again.err], [0, ''], 'nothing of it was made, so the target is still empty');
});

t.test('a record is made in an empty place only, and what is missing is said in a sentence', async (t) => {
  const site = await aSite(t);
  await day(t, site, 4);
  await site.copy();
  const cases: [args: string[], code: number, said: RegExp][] = [
    [['rebuild', '--from', site.archive, '--to', site.url], 1, /not empty/],
    [['rebuild', '--from', join(site.data, 'nothing'), '--to', site.url], 2, /There is no archive/],
    [['rebuild', '--from', site.archive], 2, /Name the archive and where/],
    [['rebuild', '--from', site.archive, '--to', 'redis://127.0.0.1:1'], 2, /does not answer/],
    [['rebuild', '--from', site.archive, '--to', join(site.data, 'x'), '--keys', '/nowhere'], 2, /no backup of keys/],
    [['rebuild', '--from', site.archive, '--to', join(site.data, 'y'), '--keys', join(site.archive, 'archive.json')], 1, /no backup of the keys/],
    [['verify', '--archive', site.data], 2, /There is no archive/],
    [['verify', '--live', 'redis://127.0.0.1:1'], 2, /does not answer/],
    [['verify', '--key', join(site.archive, 'archive.json')], 2, /no key in PEM/],
    [['verify', '--nonsense'], 2, /nonsense/],
  ];
  for (const [[name = '', ...args], code, said] of cases) {
    const result = await tool(site, name, ...args);
    t.equal(result.code, code, `${name} ${args.join(' ')}: ${result.err}`);
    t.match(result.err, said);
    t.notMatch(result.err, /^\s+at /m);
  }
  t.equal((await tool(site, 'verify', '--key', join(site.data, 'keys', 'archive.key'))).code, 0, 'signed by this machine');
  const [pem = ''] = readdirSync(join(site.archive, 'keys'));
  t.equal((await tool(site, 'verify', '--key', join(site.archive, 'keys', pem))).code, 0);
});

t.test('a record that is not what was archived is told from one that has only gone on', async (t) => {
  const site = await aSite(t);
  const rig = await day(t, site, 5);
  await site.copy();
  await rig.device('tablet9').ask('callNext', { station: 'a' });
  const ahead = await tool(site, 'verify', '--json');
  t.match(JSON.parse(ahead.out), { ok: true, cells: [{ record: 'ahead', problems: [] }] });
  t.ok((JSON.parse(ahead.out) as { cells: { behind: number }[] }).cells[0]?.behind);
  await site.copy();

  // Somebody has been at the record itself.
  await site.redis.setrange(keyOf(rig.cell, 'residents'), 1, '\u0003');
  const verified = await tool(site, 'verify');
  t.equal(verified.code, 1);
  t.match(verified.out, /: residents differs/);
});

t.test('a closed round leaves the record when its archive is shown to be the same, and can be made anew', async (t) => {
  const site = await aSite(t);
  const rig = await build(t, { redis: site.redis, stations: ['a'], residents: 5 });
  const name = `${rig.cell.round}:${rig.cell.area}`;
  await rig.device('tablet').ask('callNext', { station: 'a' });
  const remove = () => command(site, 'remove', name, '--yes');
  t.match(await command(site, 'remove', name), { code: 2, err: /--yes/ });
  t.match(await command(site, 'remove', 'system:system', '--yes'), { code: 2 });
  t.match(await command(site, 'remove', 'nothing:here', '--yes'), { code: 1, err: /no nothing:here/ });
  t.match(await remove(), { code: 1, err: /still open/ });
  await rig.post.done('closeRound', {});
  t.match(await remove(), { code: 1, err: /no archive/ });
  await site.copy();
  const before = await everything(site.redis, rig.cell);
  await rig.device('late').ask('callNext', { station: 'a' });
  t.match(await remove(), { code: 1, err: /not complete yet/ });
  await site.copy();
  const after = await everything(site.redis, rig.cell);
  t.notSame(after.devices, before.devices);

  const file = join(site.archive, `${rig.cell.round}+${rig.cell.area}`, '000002.jsonl');
  const whole = readFileSync(file);
  writeFileSync(file, Buffer.from(whole).fill('x', 40, 41));
  t.match(await remove(), { code: 1, err: /line 1: .*\nNothing was removed/ });
  writeFileSync(file, whole);
  t.match(await remove(), { code: 0, out: /in the archive only/ });
  t.same(await site.redis.keys(`*${rig.cell.round}*`), []);
  t.same(await reads.openedCells(site.redis), []);
  t.match((await tool(site, 'verify')).out, /no longer on the record/);

  const target = await ownRedis(t, { appendfsync: 'no' });
  t.equal((await tool(site, 'rebuild', '--from', site.archive, '--to', target.url)).code, 0);
  const anew = connect(target.url);
  t.teardown(() => anew.disconnect());
  t.strictSame(await everything(anew, rig.cell), after);
});

t.test('keys are backed up apart: none is in the archive, and with them names, passwords and serials are back', async (t) => {
  const site = await aSite(t);
  const masterKey = join(site.data, 'keys', 'master.key');
  const vault = await openVault({ file: masterKey, shelf: keyShelf(site.ledger), mayCreate: true });
  for (const round of ['kept', 'forgotten']) await vault.prepare(round);
  const sealed = await vault.seal('kept', { area: 'north', owner: 'somebody' }, { name: 'x' });
  const system = await openSystem(site.ledger, connect(site.url, { patient: true }));
  t.teardown(() => system.close());
  const [password, pin] = ['$argon2id$a-password', '$argon2id$a-pin'];
  await system.take('setRole', { account: 'anna', grants: [{ role: 'administrator' }], password, pin, card: '600000000017' }, 'console');
  await system.take('setRole', { account: 'ben', grants: [], password }, 'anna');
  await system.take('pairDevice', { device: 'tablet', role: 'station', round: 'kept', area: 'north', secret: 'a'.repeat(64) }, 'anna');
  const rig = await build(t, { redis: site.redis, round: { rehearsal: false } });
  await rig.post.done('reserveCodes', { kind: 'tube', count: 500 });
  await site.copy();

  const file = join(site.data, 'elsewhere', 'keys.json');
  t.match(await command(site, 'keys', 'export', file), { code: 0, out: /2 rounds and 2 accounts/ });
  t.match(await command(site, 'keys'), { code: 2 });
  // Forgotten after the backup: its keys must not come back with it.
  await system.take('recordReveal', { what: 'erasure', round: 'forgotten', reason: 'retention_ended' }, 'anna');
  await vault.forget('forgotten');
  await site.copy();

  const wrapped = JSON.parse(readFileSync(file, 'utf8')) as { rounds: Record<string, string> };
  for (const one of readdirSync(site.archive, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())) {
    const text = readFileSync(join(one.parentPath, one.name));
    const plain = Buffer.concat([text, ...[...text.toString('latin1').matchAll(/[A-Za-z0-9+/]{20,}={0,2}/g)].map(([base64]) => Buffer.from(base64, 'base64'))]);
    for (const secret of [password, pin, ...Object.values(wrapped.rounds)]) t.notOk(plain.includes(secret), `${one.name} holds no key`);
  }

  const target = await ownRedis(t, { appendfsync: 'no' });
  const { code, out } = await tool(site, 'rebuild', '--from', site.archive, '--to', target.url, '--keys', file);
  t.equal(code, 0);
  t.match(out, /Keys of 1 rounds and the passwords of 2 accounts are back/);
  const anew = connect(target.url);
  t.teardown(() => anew.disconnect());
  const ledger = createLedger(anew, { error: (detail) => t.fail(JSON.stringify(detail)) });
  const rebuilt = await openSystem(ledger, connect(target.url, { patient: true }));
  t.teardown(() => rebuilt.close());
  t.match(await rebuilt.account('anna'), { password, pin, card: '600000000017', state: 'active' });
  t.match(await rebuilt.account('ben'), { password, pin: '' });
  t.same((await rebuilt.device('tablet'))?.secret.toString('hex'), 'a'.repeat(64), 'a tablet need not be paired again');
  const reopened = await openVault({ file: masterKey, shelf: keyShelf(ledger), mayCreate: false });
  t.same(sealed.ok && (await reopened.open('kept', { area: 'north', owner: 'somebody' }, sealed.value)), { ok: true, value: { name: 'x' } });
  t.equal(await reopened.round('forgotten'), 'erased');
  t.equal(await anew.hget(systemKeys.serials, 'tube'), await site.redis.hget(systemKeys.serials, 'tube'), 'no printed number is given twice');

  const bare = await ownRedis(t, { appendfsync: 'no' });
  t.match((await tool(site, 'rebuild', '--from', site.archive, '--to', bare.url)).out, /Without --keys/);
  const without = connect(bare.url);
  t.teardown(() => without.disconnect());
  t.equal(await without.hget(systemKeys.serials, 'tube'), await site.redis.hget(systemKeys.serials, 'tube'), 'also without the backup');
});
