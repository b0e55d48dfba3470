// The drill against a whole service with a Redis of its own: a small township's day adds up, and what is changed behind the door is
// noticed. A reconciliation that cannot fail would prove nothing.

import t from 'tap';
import { journalOf, keyOf } from '../../src/ledger/keys.js';
import { connect } from '../../src/ledger/redis.js';
import { Day } from '../../src/tools/drill/day.js';
import { runDrill } from '../../src/tools/drill/drill.js';
import { httpDoor } from '../../src/tools/drill/httpDoor.js';
import { laboratoryArea } from '../../src/tools/drill/laboratory.js';
import { reconcile } from '../../src/tools/drill/reconcile.js';
import { startService } from '../../src/tools/drill/service.js';
import { buildTownship } from '../../src/tools/drill/township.js';

// Seconds on a machine of its own; beside other work a day and its evening take a while.
const timeout = 280_000;
t.setTimeout(2 * timeout);

const service = await startService();
t.teardown(() => service.stop());
const speed = Number.POSITIVE_INFINITY;

t.test('a day of 300 people adds up from the roster to the closed round, equation by equation', { timeout }, async (t) => {
  const { report, found } = await runDrill({ url: service.address, key: service.key, seed: 'small', residents: 300, prevalence: 0.01, speed });
  for (const { name, ok, said } of found.checks) t.ok(ok, name, { said });
  t.ok(report.ok);
  t.equal(report.residents, 300);
  t.equal(report.sampled + report.excused + report.absent + report.open, 300);
  t.equal(report.open, 0);
  t.equal(report.lost, 0);
  t.equal(report.doubled, 0);
  t.equal(report.discrepanciesOpen, 0);
  t.ok(report.finishMin >= report.boundMin, 'nobody is faster than all tables together');
  // A day without trouble would prove little.
  t.ok(report.discrepancies > 0, 'contradictions were opened, and resolved');
  t.ok(report.numbersLost > 0, 'a tablet was lost for good');
  t.equal(found.numbers.quarantined, 1, 'a record could not be read');
  t.ok(report.repeats > 0, 'requests were heard twice');
  t.ok(report.numbersRefused > 0, 'somebody was told no');
  t.ok(report.walkIns > 0, 'people came who were not on the roster');
  t.ok(report.tubesByFill['1'], 'somebody had a tube alone');
  t.equal(report.gaps, 0);
  t.ok(report.roundClosed);
  t.ok(report.boxes > 3);
  t.ok(report.missing > 0, 'tubes were not in the box whose manifest has them, or the box never came');
  t.ok(report.extra > 0, 'tubes were in another box');
  t.ok(report.lostTubes > 1, 'a box was lost');
  t.ok(report.leaked > 0, 'a tube leaked');
  t.ok(report.rejected > 0, 'a tube could not be tested');
  t.ok(report.unregistered > 0, 'a tube came before its site was heard of');
  t.ok(report.resultsParked > 0, 'its result waited for the record of its site');
  t.ok(report.positivePools > 0, 'a pool was positive');
  t.ok(report.resultsHeld > 0, 'a positive waited for its second person');
  t.ok(report.recalled >= report.positivePoolMembers, 'all of its people were called back');
});

t.test('what is changed behind the door is noticed, and named', { timeout }, async (t) => {
  const cell = { round: `planted-${Date.now().toString(36)}`, area: 'township' };
  const door = httpDoor(service.address, cell, service.key);
  const laboratoryDoor = httpDoor(service.address, { ...cell, area: laboratoryArea }, service.key);
  const redis = connect(service.redisUrl);
  t.teardown(() => {
    redis.disconnect();
    return Promise.all([door.close(), laboratoryDoor.close()]);
  });
  const day = new Day({ township: buildTownship('planted', 200, 2026), door, laboratoryDoor, prevalence: 0.01, cell, speed, opening: Date.UTC(2026, 5, 30, 22), onProgress: () => {} });
  await day.run();
  const failing = async (): Promise<string[]> => (await reconcile(door, day)).checks.filter(({ ok }) => !ok).map(({ name }) => name.split(':')[0] as string);
  t.same(await failing(), [], 'the day itself adds up');

  const tubes = keyOf(cell, 'tubes');
  const { tube } = day.books.swabs.find(({ tube }) => (day.books.pools.get(tube)?.size ?? 0) > 1) as { tube: string };
  const packed = (await redis.hgetBuffer(tubes, tube)) as Buffer;
  await redis.hset(tubes, tube, packed.subarray(0, packed.length - 5));
  t.same(await failing(), ['swabs = members of pools = stream = counters', 'members of each tube as the books have them'], 'a member cut out of a tube');
  await redis.hset(tubes, tube, packed);

  const journal = journalOf(cell, day.names.get('desk-S01') as string, 'e1');
  const [first] = await redis.getrangeBuffer(journal, 0, 0);
  await redis.setrange(journal, 0, Buffer.from([0]));
  const numbers = await failing();
  t.ok(numbers.includes('numbers applied') && numbers.includes('numbers missing'), 'an answer struck out of a journal', { numbers });
  await redis.setrange(journal, 0, Buffer.from([first as number]));
  t.same(await failing(), [], 'and put back');

  const events = keyOf(cell, 'events');
  const last = await lastSwab(door);
  const [[, fields]] = (await redis.xrangeBuffer(events, last, last)) as [[Buffer, Buffer[]]];
  await redis.xadd(events, '*', 'd', fields[1] as Buffer);
  const doubled = await reconcile(door, day);
  t.equal(doubled.doubled, 1, 'a swab written twice');
  t.notOk(doubled.ok);

  await redis.xdel(events, last, await lastSwab(door));
  const lost = await reconcile(door, day);
  t.equal(lost.lost, 1, 'an acknowledged swab that is gone');
  t.equal(lost.doubled, 0);
  t.notOk(lost.ok);
});

/** Position of the newest swab on the stream. */
async function lastSwab(door: ReturnType<typeof httpDoor>): Promise<string> {
  let found = '';
  for (let after = '0'; ; ) {
    const page = await door.events(after);
    if (page.length === 0) return found;
    for (const { event, id } of page) if (event === 'swab.taken') found = id;
    after = page.at(-1)?.id as string;
  }
}
