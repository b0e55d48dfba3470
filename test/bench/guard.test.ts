// A swab costs what it did: CPU of the service beside a bare route, and of Redis beside a loop of its own (bench/guard.ts has the how, and
// bench/floor.json the figures). Only two runs in a row beyond the band fail.

import t from 'tap';
import { openGuard, readFloor, warmRounds } from '../../bench/guard.js';
import { hasFineCpu } from '../../bench/rig/processes.js';

t.test('a swab is no dearer than it was', { timeout: 120_000, ...(hasFineCpu() ? {} : { skip: 'this system does not tell CPU time finely enough' }) }, async (t) => {
  const guard = await openGuard();
  t.teardown(() => guard.stop());
  await guard.run(warmRounds);
  const floor = readFloor();
  const { ok, runs } = await guard.judge(floor);
  for (const run of runs) t.comment(JSON.stringify(run));
  t.ok(ok, `two runs in a row were beyond ${JSON.stringify(floor)}: see npm run bench -- guard, and where the time goes with --cpu-prof`);
});
