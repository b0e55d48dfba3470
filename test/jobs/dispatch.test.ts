// From events to jobs: none left out, none doubled, and all made again when the queue is lost.
import type { Queue } from 'bullmq';
import t from 'tap';
import { eventNames } from '../../src/domain/events.js';
import { type FollowUp, type JobTable, jobsOf, startDispatch } from '../../src/jobs/dispatch.js';
import { openQueue } from '../../src/jobs/queues.js';
import { keyOf, systemKeys } from '../../src/ledger/keys.js';
import { connect } from '../../src/ledger/redis.js';
import { allEvents, lastPosition } from '../../src/ledger/stream.js';
import { ownRedis } from '../support-redis.js';
import { build, type Rig } from '../support.js';
import { loseQueue } from './loseQueue.js';

const table: JobTable = { ...jobsOf, 'tube.sealed': ['weigh'], 'discrepancy.opened': ['look', 'tell'] };

t.test('with a table of three jobs', async (t) => {
  const own = await ownRedis(t, { appendfsync: 'no' });
  const redis = connect(own.url);
  const connection = connect(own.url, { patient: true });
  const queue: Queue = openQueue('followUps', connection);
  t.teardown(async () => {
    await queue.close();
    connection.disconnect();
    redis.disconnect();
  });
  const start = (log = () => {}) => startDispatch({ redisUrl: own.url, connection, log: { warn: log }, table });
  const place = (t: Parameters<typeof build>[0]) => build(t, { redis, stations: ['a'], residents: 30 });

  /** Fills a tube, and puts one more into it. */
  const fillTube = async (rig: Rig, from: number) => {
    const tablet = rig.device('tablet1');
    const tube = rig.tube();
    await tablet.done('openTube', { tube, station: 'a' });
    for (let person = from; person < from + 10; person++) await tablet.done('takeSwab', { resident: String(person), tube });
    await tablet.report('takeSwab', { resident: '30', tube });
  };
  /** Ids of the jobs the cell's events ask for. */
  const expected = async (rig: Rig) => {
    const ids: string[] = [];
    for await (const event of allEvents(redis, rig.cell)) {
      for (const job of table[event.event]) ids.push(`${job}@${rig.cell.round}@${rig.cell.area}@${event.id}`);
    }
    return ids.sort();
  };
  const added = async (rig: Rig) => (await queue.getJobs(['waiting'])).map(({ id }) => id as string).filter((id) => id.includes(rig.cell.round)).sort();
  const passed = async (dispatch: ReturnType<typeof start>, rig: Rig) => dispatch.passed(rig.cell, await lastPosition(redis, rig.cell));

  t.test('each event becomes its jobs, which carry ids and nothing else', async (t) => {
    const rig = await place(t);
    const dispatch = start();
    t.teardown(() => dispatch.close());
    await fillTube(rig, 1);
    await passed(dispatch, rig);
    const jobs = await added(rig);
    t.ok(jobs.length >= 3);
    t.strictSame(jobs, await expected(rig));
    const job = await queue.getJob(jobs[0] as string);
    t.notMatch(jobs[0], ':');
    t.strictSame(Object.keys(job?.data as FollowUp).sort(), ['cell', 'event']);
  });

  t.test('a dispatcher that was stopped goes on where it was, and two at once add nothing twice', async (t) => {
    const rig = await place(t);
    const first = start();
    await fillTube(rig, 1);
    await passed(first, rig);
    await first.close();
    await fillTube(rig, 11);
    const both = [start(), start()];
    for (const dispatch of both) await passed(dispatch, rig);
    t.strictSame(await added(rig), await expected(rig));
    for (const dispatch of both) await dispatch.close();
  });

  t.test('one that died after adding and before writing down adds the same jobs again, which are the same', async (t) => {
    const rig = await place(t);
    const first = start();
    await fillTube(rig, 1);
    await passed(first, rig);
    await first.close();
    await redis.hdel(systemKeys.dispatched, `${rig.cell.round}:${rig.cell.area}`);
    const second = start();
    t.teardown(() => second.close());
    await passed(second, rig);
    t.strictSame(await added(rig), await expected(rig));
  });

  t.test('when the queue is lost its jobs are made again, by one that runs and by one that starts', async (t) => {
    const rig = await place(t);
    const lost: { tell: () => void } = { tell: () => {} };
    const told = new Promise<void>((resolve) => { lost.tell = resolve; });
    const running = start(() => lost.tell());
    await fillTube(rig, 1);
    await passed(running, rig);
    await loseQueue(redis);
    await told;
    await passed(running, rig);
    t.strictSame(await added(rig), await expected(rig));
    await running.close();

    await loseQueue(redis);
    const starting = start();
    await passed(starting, rig);
    t.strictSame(await added(rig), await expected(rig));
    await starting.close();
  });

  t.test('another history of a cell is worked off from its beginning', async (t) => {
    const rig = await place(t);
    await fillTube(rig, 1);
    const first = start();
    await passed(first, rig);
    await first.close();
    for (const id of await expected(rig)) await queue.remove(id);
    await redis.hset(keyOf(rig.cell, 'cell'), 'epoch', 'another');
    const second = start();
    t.teardown(() => second.close());
    await passed(second, rig);
    t.strictSame(await added(rig), await expected(rig));
  });
});

t.test('the table names every event, and no job that nobody does', async (t) => {
  t.strictSame(Object.keys(jobsOf).sort(), [...eventNames].sort());
});
