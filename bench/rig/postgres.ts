// The same swab job on PostgreSQL: one transaction of statements, and one PL/pgSQL function. PostgreSQL is Debian's, brought up on a
// temporary folder by `npm run bench -- swab --postgres`, and reached through its unix socket with prepared statements and a pool of 20.

import { spawnSync, spawn } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Peer, SwabAnswer } from './peers.js';

interface Pool {
  query(query: string | { name: string; text: string; values: unknown[] }, values?: unknown[]): Promise<{ rows: Record<string, unknown>[] }>;
  connect(): Promise<Pool & { release(): void }>;
  end(): Promise<void>;
}

/**
 * `pg` is not one of the project's dependencies: `startPostgres` puts it into a folder of its own, where PostgreSQL is asked for.
 */
const clientFolder = resolve('.cache/bench-pg');
const clientVersion = '8.23.1';

function provideClient(): void {
  if (existsSync(join(clientFolder, 'node_modules/pg'))) return;
  mkdirSync(clientFolder, { recursive: true });
  writeFileSync(join(clientFolder, 'package.json'), '{ "private": true }');
  const { status, stderr } = spawnSync('npm', ['install', '--prefix', clientFolder, '--no-audit', '--no-fund', '--ignore-scripts', `pg@${clientVersion}`], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`The PostgreSQL contenders need the client pg, and npm could not install it: ${stderr.slice(-400)}`);
}

async function pool(socketDir: string): Promise<Pool> {
  const { Pool: Client } = createRequire(join(clientFolder, 'package.json'))('pg') as { Pool: new (options: object) => Pool };
  return new Client({ host: socketDir, user: 'postgres', database: 'postgres', max: 20 });
}

const schema = `
create table resident (id int primary key, village int not null, tube text, at bigint);
create table tube (code text primary key, count int not null default 0, state text not null default 'open');
create table member (tube text not null, resident int not null, primary key (tube, resident));
create table counts (name text primary key, n int not null default 0);
create table answer (device text, number int, count int, sealed boolean, primary key (device, number));
create table event (id bigserial primary key, kind text, resident int, tube text, count int, device text, number int);
create function take_swab(p_device text, p_number int, p_at bigint, p_resident int, p_tube text, out o_count int, out o_sealed boolean) as $$
declare v int;
begin
  select count, sealed into o_count, o_sealed from answer where device = p_device and number = p_number;
  if found then return; end if;
  update tube set count = count + 1, state = case when count = 9 then 'sealed' else 'open' end
    where code = p_tube and state = 'open' and count < 10 returning count, state = 'sealed' into o_count, o_sealed;
  if not found then o_count := 0; return; end if;
  update resident set tube = p_tube, at = p_at where id = p_resident and tube is null returning village into v;
  if not found then raise exception 'already sampled'; end if;
  insert into member values (p_tube, p_resident);
  update counts set n = n + 1 where name = 'round';
  update counts set n = n + 1 where name = 'village:' || v;
  insert into event (kind, resident, tube, count, device, number) values ('swab', p_resident, p_tube, o_count, p_device, p_number);
  insert into answer values (p_device, p_number, o_count, o_sealed);
end $$ language plpgsql;`;

async function peer(socketDir: string, take: (db: Pool, swab: Parameters<Peer['take']>[0]) => Promise<SwabAnswer>): Promise<Peer> {
  const db = await pool(socketDir);
  return {
    async prepare(residents, tubes) {
      await db.query(`drop schema public cascade; create schema public; ${schema}`);
      await db.query('insert into resident (id, village) select i, i % 35 from generate_series(1, $1::int) i', [residents]);
      await db.query('insert into tube (code) select unnest($1::text[])', [tubes]);
      await db.query("insert into counts (name) select 'village:' || i from generate_series(0, 34) i union select 'round'");
      await db.query('analyze');
    },
    take: (swab) => take(db, swab),
    settled: async () => undefined,
    async check() {
      const { rows } = await db.query("select (select count(*) from event)::int swabs, (select n from counts where name = 'round')::int sampled, (select coalesce(max(c), 0) from (select count(*)::int c from member group by tube) m)::int fullest");
      return rows[0] as { swabs: number; sampled: number; fullest: number };
    },
    close: () => db.end(),
  };
}

/** One PL/pgSQL function per swab. */
export const pgFunction = (socketDir: string) =>
  peer(socketDir, async (db, { device, number, claimedAt, resident, tube }) => {
    const { rows } = await db.query({ name: 'take', text: 'select * from take_swab($1, $2, $3, $4, $5)', values: [device, number, claimedAt, Number(resident), tube] });
    const count = rows[0]?.['o_count'] as number;
    return { outcome: count > 0 ? 'applied' : 'refused', count, sealed: Boolean(rows[0]?.['o_sealed']) };
  });

/** One transaction of eight statements per swab. */
export const pgTransaction = (socketDir: string) =>
  peer(socketDir, async (db, { device, number, claimedAt, resident, tube }) => {
    const client = await db.connect();
    try {
      await client.query('begin');
      const before = await client.query({ name: 'answer', text: 'select count, sealed from answer where device = $1 and number = $2', values: [device, number] });
      const known = before.rows[0];
      if (known) {
        await client.query('commit');
        return { outcome: 'applied', count: known['count'] as number, sealed: known['sealed'] as boolean };
      }
      const vial = await client.query({ name: 'tube', text: "update tube set count = count + 1, state = case when count = 9 then 'sealed' else 'open' end where code = $1 and state = 'open' and count < 10 returning count, state", values: [tube] });
      const person = await client.query({ name: 'resident', text: 'update resident set tube = $1, at = $2 where id = $3 and tube is null returning village', values: [tube, claimedAt, Number(resident)] });
      if (!vial.rows[0] || !person.rows[0]) {
        await client.query('rollback');
        return { outcome: 'refused', count: 0, sealed: false };
      }
      const count = vial.rows[0]['count'] as number;
      const sealed = vial.rows[0]['state'] === 'sealed';
      await client.query({ name: 'member', text: 'insert into member values ($1, $2)', values: [tube, Number(resident)] });
      await client.query({ name: 'event', text: "insert into event (kind, resident, tube, count, device, number) values ('swab', $1, $2, $3, $4, $5)", values: [Number(resident), tube, count, device, number] });
      await client.query({ name: 'answered', text: 'insert into answer values ($1, $2, $3, $4)', values: [device, number, count, sealed] });
      // One after the other, last and always in this order: both in one statement are locked in whatever order they lie, and deadlock.
      for (const name of ['round', `village:${person.rows[0]['village']}`]) await client.query({ name: 'counts', text: 'update counts set n = n + 1 where name = $1', values: [name] });
      await client.query('commit');
      return { outcome: 'applied', count, sealed };
    } catch (fault) {
      await client.query('rollback');
      throw fault;
    } finally {
      client.release();
    }
  });

export interface Postgres {
  socketDir: string;
  stop(): Promise<void>;
}

/** Brings PostgreSQL up on a temporary folder, with fsync on. Installs Debian's where root; a clear sentence where not. */
export async function startPostgres(): Promise<Postgres> {
  provideClient();
  const home = '/usr/lib/postgresql';
  if (!existsSync(home) && process.getuid?.() === 0) {
    spawnSync('apt-get', ['install', '-y', '--no-install-recommends', 'postgresql'], { stdio: 'ignore', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
  }
  if (!existsSync(home)) throw new Error('There is no PostgreSQL here: install it with the system\'s package manager and run the bench again.');
  const version = readdirSync(home).sort().at(-1) as string;
  const bin = (name: string) => join(home, version, 'bin', name);
  const dir = mkdtempSync(join(tmpdir(), 'swabline-pg-'));
  // PostgreSQL refuses to run as root.
  const user = process.getuid?.() === 0 ? ['runuser', '-u', 'postgres', '--'] : [];
  const run = (...command: string[]) => {
    const [program = '', ...args] = [...user, ...command];
    const done = spawnSync(program, args, { encoding: 'utf8' });
    if (done.status !== 0) throw new Error(`${command[0]} failed: ${done.stderr}`);
  };
  if (user.length) {
    const id = Number(spawnSync('id', ['-u', 'postgres'], { encoding: 'utf8' }).stdout);
    chownSync(dir, id, id);
  }
  run(bin('initdb'), '-D', join(dir, 'data'), '-U', 'postgres', '-A', 'trust', '--no-sync');
  const [program = '', ...args] = [...user, bin('postgres'), '-D', join(dir, 'data'), '-k', dir, '-c', 'listen_addresses=', '-c', 'shared_buffers=1GB', '-c', 'max_connections=60'];
  const server = spawn(program, args, { stdio: 'ignore' });
  for (let tries = 0; ; tries++) {
    const ready = spawnSync(bin('pg_isready'), ['-h', dir], { encoding: 'utf8' });
    if (ready.status === 0) break;
    if (tries > 200) throw new Error('PostgreSQL did not start');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    socketDir: dir,
    async stop() {
      const ended = new Promise((resolve) => server.once('exit', resolve));
      spawnSync(user[0] ?? bin('pg_ctl'), user.length ? [...user.slice(1), bin('pg_ctl'), '-D', join(dir, 'data'), '-m', 'fast', 'stop'] : ['-D', join(dir, 'data'), '-m', 'fast', 'stop'], { stdio: 'ignore' });
      await ended;
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
