// Whatever packers, couriers, laboratories and telephones do, in whatever order: no step fails, the records hold together, and a copy of
// them taken again is the same.

import t from 'tap';
import { differences } from '../../src/ledger/copy/compare.js';
import { EntryReader } from '../../src/ledger/copy/entries.js';
import { buildLibrary } from '../../src/ledger/library.js';
import { createLedger } from '../../src/ledger/ledger.js';
import { connect } from '../../src/ledger/redis.js';
import { replayCell } from '../../src/ledger/replay.js';
import { seeded } from '../live/traffic.js';
import { ownRedis } from '../support-redis.js';
import { walkCustody } from './custodyWalk.js';

t.test('random walks from tube to result', async (t) => {
  const [live, copy] = await Promise.all([1, 2].map(async () => connect((await ownRedis(t, { appendfsync: 'no' })).url)));
  if (!live || !copy) return;
  t.teardown(() => { live.disconnect(); copy.disconnect(); });
  const [runs, first] = [Number(process.argv[2]) || 40, Number(process.argv[3]) || 20_261_124];
  const faults: string[] = [];
  const ledger = createLedger(live, { error: (detail) => faults.push(JSON.stringify(detail)) });
  const met = new Map<string, number>();
  for (let run = 0; run < runs; run++) {
    const seed = first + run;
    const { area, laboratory, tally, problems } = await walkCustody(ledger, seeded(seed), 150);
    for (const [what, count] of tally) met.set(what, (met.get(what) ?? 0) + count);
    if (problems.length > 0 || faults.length > 0) {
      t.fail(`seed ${seed}:\n${[...problems, ...faults].slice(0, 8).join('\n')}`);
      return;
    }
    if (run % 8 !== 0) continue;
    for (const cell of [area, laboratory]) {
      const reader = new EntryReader(live, cell);
      const replay = replayCell(copy, cell, buildLibrary(), async (name) => { throw new Error(`no library ${name}`); });
      for (let page = await reader.after('', undefined, 1000); page && page.length > 0; page = await reader.after(page.at(-1)?.position ?? '', page.at(-1)?.bytes, 1000)) await replay.take(page);
      await replay.finish();
      t.same(await differences(live, copy, cell), [], `${cell.area} of seed ${seed}, taken again`);
    }
  }
  // A walk that meets nothing proves nothing.
  const seen = (pattern: RegExp) => [...met].some(([what, count]) => pattern.test(what) && count > 0);
  for (const what of [/packTube ask applied/, /packTube ask tube_packed/, /sealBox ask applied/, /handOver \w+ applied/, /receiveTube ask tube_received/, /recordResult ask applied/, /releaseResult ask applied/, /noteResult report applied/, /recordContact ask applied/, /closeRecall ask applied/]) {
    t.ok(seen(what), `it has met ${what.source}`);
  }
  if (process.argv[2]) for (const [what, count] of [...met].sort(([a], [b]) => (a < b ? -1 : 1))) t.comment(`${String(count).padStart(7)} ${what}`);
});
