// `npm run fuzz -- [ledger | door] [how many] [seed]`: the long walks. `ledger`: random days against the in-memory twin. `door`: hostile
// requests to every route. Neither named: both, one after the other.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const [what, ...rest] = process.argv.slice(2);
if (what !== undefined && what !== 'ledger' && what !== 'door') throw new Error('npm run fuzz -- [ledger | door] [how many] [seed]');

if (what !== 'door') {
  process.argv.splice(2, process.argv.length, ...(what === undefined ? [] : rest));
  await import('./ledger/fuzz.js');
}
if (what !== 'ledger') {
  const [count, seed] = [Number(rest[0] ?? 20_000), Number(rest[1] ?? Math.floor(Math.random() * 2 ** 31))];
  if (!(count > 0) || !Number.isInteger(seed)) throw new Error('npm run fuzz -- door [how many requests] [seed]: two whole numbers');
  const ends: (() => unknown)[] = [];
  const folder = mkdtempSync(join(tmpdir(), 'swabline-fuzz-'));
  const { guarded } = await import('./api/guarded.js');
  const { fuzzDoor, fuzzSocket } = await import('./api/fuzzDoor.js');
  console.log(`${count} requests, seed ${seed}`);
  try {
    const unlimited = { max: 1e9, seconds: 60 };
    const rig = await guarded({ teardown: (end) => void ends.unshift(end), testdir: () => folder }, { stations: ['3'], parts: { rates: { device: unlimited, account: unlimited, address: unlimited } } });
    rig.door.spoil();
    const { requests, routes, byStatus, slowestMs } = await fuzzDoor(rig, { count, seed });
    console.log(`${requests} requests to ${routes} routes; the slowest took ${Math.round(slowestMs)} ms.`);
    for (const [status, times] of Object.entries(byStatus)) console.log(String(times).padStart(9), status);
    const { frames, closed } = await fuzzSocket(rig, { count: Math.ceil(count / 5), seed });
    console.log(`${frames} frames on the socket; ${closed} closed the line.`);
    console.log('No fault, and no refused request has changed anything.');
  } catch (fault) {
    console.error(fault);
    process.exitCode = 1;
  } finally {
    for (const end of ends) await end();
    rmSync(folder, { recursive: true, force: true });
  }
}
