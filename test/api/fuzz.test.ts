// A short walk of hostile requests over every route; `npm run fuzz` takes the long one.

import t from 'tap';
import { canary } from './hostile.js';
import { fuzzDoor, fuzzSocket } from './fuzzDoor.js';
import { guarded } from './guarded.js';
import { ownRedisForFile } from '../support-redis.js';

t.test('hostile requests to every route, and hostile frames, end in no fault, and in no change', async (t) => {
  await ownRedisForFile(t);
  const rig = await guarded(t, { stations: ['3'], parts: { rates: { device: { max: 1e9, seconds: 60 }, account: { max: 1e9, seconds: 60 }, address: { max: 1e9, seconds: 60 } } } });
  rig.door.spoil();
  // The same walk every time, so that a failure speaks of the change; other walks are taken by `npm run fuzz`.
  const seed = 20_261_124;
  const tally = await fuzzDoor(rig, { count: 3000, seed });
  t.comment(`seed ${seed}: ${tally.requests} requests to ${tally.routes} routes, ${JSON.stringify(tally.byStatus)}, the slowest ${Math.round(tally.slowestMs)} ms`);
  t.ok(tally.requests >= 3000);
  t.ok((tally.byStatus['200'] ?? 0) > 50, 'some of them were good');
  const { frames, closed } = await fuzzSocket(rig, { count: 500, seed });
  t.ok(frames === 500 && closed < 50, `${closed} of ${frames} frames closed the line`);
  const log = JSON.stringify(rig.door.logged);
  for (const planted of Object.values(canary)) t.notOk(log.includes(planted), 'nothing of it stands in the log');
  t.equal(({} as Record<string, unknown>)['x'], undefined);
});
