// An acknowledged swab survives SIGKILL of any process, of Redis, and of both at once; and the same harness sees losses where there are
// some, since one that cannot fail proves nothing.

import { spawnSync } from 'node:child_process';
import t from 'tap';
import { startRig, type Tally } from './harness.js';

const told = (tally: Tally) => Object.entries({ ...tally, complaints: tally.complaints.length }).map(([name, value]) => `${name} ${value}`).join(', ');

t.test('every acknowledged swab is on the record exactly once after SIGKILL of api, worker, Redis and all of them', { timeout: 120_000 }, async (t) => {
  const rig = await startRig({ appendfsync: 'always' });
  t.teardown(() => rig.close());
  const kills = [() => rig.killApi(), () => rig.killRedis(), () => rig.killWorker(), () => Promise.all([rig.killRedis(), rig.killApi(), rig.killWorker()])];
  for (const kill of kills) {
    await rig.reached(rig.acknowledged() + 300);
    await kill();
  }
  await rig.reached(rig.acknowledged() + 300);
  const tally = await rig.count();
  t.comment(told(tally));
  t.same(tally.complaints, [], 'no device was told something strange');
  t.equal(tally.lost, 0, 'nothing is lost');
  t.equal(tally.doubled, 0, 'nothing is doubled');
  t.ok(tally.acknowledged >= 1500, 'enough was acknowledged to see a loss');
});

/** strace can hold up a system call: fsync takes 1.2 s, as on a worn SD card. */
function stalledRedis(): string[] | undefined {
  const there = () => spawnSync('strace', ['-V']).status === 0;
  if (!there() && process.getuid?.() === 0) spawnSync('apt-get', ['install', '-y', '--no-install-recommends', 'strace'], { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
  if (!there()) return undefined;
  return ['strace', '-f', '--seccomp-bpf', '-o', '/dev/null', '-e', 'trace=fdatasync', '-e', 'inject=fdatasync:delay_enter=1200000', 'redis-server'];
}

t.test('the same harness reports losses when Redis syncs once a second and the disk stalls', { timeout: 120_000 }, async (t) => {
  const command = stalledRedis();
  if (!command) {
    t.comment("skipped: strace is needed to stall a disk; install it with the system's package manager");
    return;
  }
  // Which write falls into the stall is chance, so the harness is given a few tries to see one.
  for (let tries = 0; tries < 4; tries++) {
    const rig = await startRig({ appendfsync: 'everysec', program: { command, container: false }, people: 10_000, lanes: 4 });
    t.teardown(() => rig.close());
    await rig.reached(800);
    await rig.killRedis();
    const tally = await rig.count();
    t.comment(told(tally));
    await rig.close();
    if (tally.lost > 0) {
      t.ok(tally.lost > 0, 'losses are seen');
      return;
    }
  }
  t.fail('four kills under a stalled disk and no loss seen: the harness is blind');
});
