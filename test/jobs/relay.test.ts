// From the bench of a site to the bench of a laboratory and back: what one cell tells another arrives once, whatever breaks on the way.

import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { makeCode, rehearsalSerials } from '../../src/domain/codes.js';
import type { LedgerEvent } from '../../src/domain/events.js';
import type { TestResult } from '../../src/domain/reasons.js';
import { startRelay } from '../../src/jobs/relay/relay.js';
import * as custody from '../../src/ledger/custody.js';
import { systemKeys } from '../../src/ledger/keys.js';
import * as laboratory from '../../src/ledger/laboratory.js';
import * as reads from '../../src/ledger/reads.js';
import { connect } from '../../src/ledger/redis.js';
import { allEvents } from '../../src/ledger/stream.js';
import { ownRedis } from '../support-redis.js';
import { build, type Rig } from '../support.js';

const rules = { laboratory: 'lab', poolSizes: { normal: 5, key: 5, high: 1 } } as const;

/** A round on a Redis of its own: the area 'north', the laboratory 'lab' unless it is to open later. */
async function round(t: Test, { laboratory: open = true } = {}) {
  const own = await ownRedis(t, { appendfsync: 'no' });
  const redis = connect(own.url);
  t.teardown(() => redis.disconnect());
  const name = `t${randomBytes(5).toString('hex')}`;
  const cellOf = (area: string) => ({ round: name, area });
  const warnings: string[] = [];
  const area = async (of: string, tubesFrom = 0) => {
    const rig = await build(t, { redis, cell: cellOf(of), round: { rules }, stations: ['a1'], residents: 20 });
    const tablet = rig.device('tablet');
    const packer = rig.device('packer');
    packer.by = 'pat';
    for (let i = 0; i < tubesFrom; i++) rig.tube();
    /** A sealed tube with these residents. */
    const sealed = async (...residents: number[]) => {
      const tube = rig.tube();
      await tablet.done('openTube', { tube, station: 'a1' });
      for (const resident of residents) await tablet.done('takeSwab', { resident: String(resident), tube });
      await tablet.ask('sealTube', { tube });
      return tube;
    };
    const sealedBox = async (box: string, ...tubes: string[]) => {
      await packer.done('openBox', { box });
      for (const tube of tubes) await packer.done('packTube', { tube, box });
      await packer.done('sealBox', { box, counted: tubes.length });
    };
    return {
      rig, tablet, packer, sealed, sealedBox,
      tube: (code: string) => reads.tube(redis, rig.cell, code), box: (code: string) => custody.box(redis, rig.cell, code),
      resultOf: (n: number) => custody.resultOf(redis, rig.cell, n), recall: (n: number) => custody.recall(redis, rig.cell, n),
    };
  };
  const north = await area('north');
  const lab = await build(t, { redis, cell: cellOf('lab'), round: open ? { laboratory: true, sites: [], villages: [] } : false });
  const scanner = lab.device('scanner');
  scanner.by = 'lena';
  let boxes = 0;
  return {
    own, redis, north, area, lab, scanner, warnings,
    newBox: () => makeCode('box', rehearsalSerials + ++boxes),
    start: () => {
      const relay = startRelay({ redisUrl: own.url, ledger: north.rig.ledger, log: { warn: (detail, message) => warnings.push(`${message} ${JSON.stringify(detail)}`) } });
      t.teardown(() => relay.close());
      return relay;
    },
    takeIn: async (box: string, ...tubes: string[]) => {
      await scanner.done('receiveBox', { box });
      for (const tube of tubes) await scanner.done('receiveTube', { tube, box, accession: `A${tube.slice(4, 10)}` });
      await scanner.done('reconcileBox', { box });
    },
    finding: (tube: string, result: TestResult = 'negative') => ({ tube, accession: `A${tube.slice(4, 10)}`, run: 'R1', result, testedAt: lab.now(), ...(result === 'negative' ? {} : { secondBy: 'mo' }) }),
    comparison: (box: string) => laboratory.comparison(redis, lab.cell, box),
  };
}

const names = async ({ redis, cell }: Rig): Promise<LedgerEvent[]> => {
  const list: LedgerEvent[] = [];
  for await (const event of allEvents(redis, cell)) list.push(event);
  return list;
};
const count = (events: LedgerEvent[], name: string) => events.filter(({ event }) => event === name).length;

t.test('a box goes out, its tubes are tested, and its people hear', async (t) => {
  const { north, scanner, newBox, start, takeIn, finding, comparison, warnings } = await round(t);
  const relay = start();
  const [first, second, missing, box] = [await north.sealed(1, 2), await north.sealed(3), await north.sealed(4), newBox()];
  await north.sealedBox(box, first, second, missing);
  await relay.settled();
  t.match(await comparison(box), { state: 'expected', home: 'north', expected: 3 });
  await takeIn(box, first, second);
  await relay.settled();
  t.match(await north.box(box), { state: 'reconciled', custodyGap: true });
  t.match(await north.tube(first), { lab: 'received' });
  t.match(await north.tube(missing), { fate: 'missing', lab: 'none' });
  await scanner.done('recordResult', finding(first));
  await scanner.done('recordResult', finding(second, 'positive'));
  await scanner.done('receiveTube', { tube: missing });
  await scanner.done('rejectTube', { tube: missing, reason: 'QS' });
  await relay.settled();
  t.match(await north.resultOf(1), { status: 'negative', pooled: 2 });
  t.match(await north.resultOf(3), { status: 'recalled', recall: 1 });
  t.match(await north.recall(1), { cause: 'positive', tube: second });
  t.match(await north.recall(2), { cause: 'rejected', tube: missing });
  t.same(warnings, []);
});

t.test('a tube whose tablet was offline finds its area, and its parked result goes there', async (t) => {
  const { north, lab, scanner, start, finding } = await round(t);
  const relay = start();
  const code = north.rig.tube();
  await scanner.done('receiveTube', { tube: code, accession: finding(code).accession });
  await scanner.done('recordResult', finding(code));
  await relay.settled();
  t.match(await laboratory.intake(lab.redis, lab.cell, code), { home: '', state: 'received' });
  await north.tablet.report('openTube', { tube: code, station: 'a1' });
  await north.tablet.report('takeSwab', { resident: '7', tube: code });
  await relay.settled();
  t.match(await laboratory.intake(lab.redis, lab.cell, code), { home: 'north', state: 'resulted' });
  t.match(await north.tube(code), { lab: 'received', result: 'negative' }, 'and waits there for its seal');
  await north.tablet.report('sealTube', { tube: code });
  await north.rig.advance(0);
  t.match(await north.resultOf(7), { status: 'negative', pooled: 1 });
});

t.test('a tube brought without its box is known by its area’s record', async (t) => {
  const { north, lab, scanner, start } = await round(t);
  const code = await north.sealed(1, 2);
  await scanner.done('receiveTube', { tube: code });
  const relay = start();
  await relay.settled();
  t.match(await laboratory.intake(lab.redis, lab.cell, code), { home: 'north', swabs: 2 });
  t.match(await north.tube(code), { lab: 'received' });
});

t.test('two relays at once, one of them stopped in the middle, tell each thing once', async (t) => {
  const { north, lab, scanner, newBox, start, takeIn, finding } = await round(t);
  const [one, two] = [start(), start()];
  const boxes = new Map<string, string[]>();
  for (let i = 0; i < 6; i++) {
    const box = newBox();
    const tubes = [await north.sealed(i * 2 + 1), await north.sealed(i * 2 + 2)];
    await north.sealedBox(box, ...tubes);
    boxes.set(box, tubes);
    if (i === 2) await one.close();
  }
  await two.settled();
  for (const [box, tubes] of boxes) {
    await takeIn(box, ...tubes);
    for (const tube of tubes) await scanner.done('recordResult', finding(tube));
  }
  await two.close();
  const three = start();
  await three.settled();
  const [here, there] = [await names(north.rig), await names(lab)];
  t.equal(count(there, 'box.expected'), 6);
  t.same([count(here, 'box.received'), count(here, 'box.reconciled'), count(here, 'tube.received'), count(here, 'result.released')], [6, 6, 12, 12]);
  for (let n = 1; n <= 12; n++) t.match(await north.resultOf(n), { status: 'negative' });
});

t.test('a relay that has lost its place tells everything again, and nothing happens twice', async (t) => {
  const { redis, north, lab, scanner, newBox, start, takeIn, finding } = await round(t);
  const first = start();
  const [tube, box] = [await north.sealed(1, 2), newBox()];
  await north.sealedBox(box, tube);
  await first.settled();
  await takeIn(box, tube);
  await scanner.done('recordResult', finding(tube, 'positive'));
  await first.settled();
  await first.close();
  const before = [(await names(north.rig)).length, (await names(lab)).length];
  await redis.del(systemKeys.relayed);
  const again = start();
  await again.settled();
  t.same([(await names(north.rig)).length, (await names(lab)).length], before);
  t.match(await north.recall(2), undefined);
  const next = await north.sealed(3);
  await north.sealedBox(newBox(), next);
  await again.settled();
  t.equal(count(await names(lab), 'box.expected'), 2, 'and what is new comes after it');
});

t.test('a relay killed between an answer and its note, again and again, loses nothing and doubles nothing', async (t) => {
  const { own, north, lab, scanner, newBox, start, takeIn, finding } = await round(t);
  const boxes = new Map<string, string[]>();
  for (let i = 0; i < 4; i++) {
    const [box, tubes] = [newBox(), [await north.sealed(i * 2 + 1), await north.sealed(i * 2 + 2)]];
    await north.sealedBox(box, ...tubes);
    boxes.set(box, tubes);
  }
  const script = fileURLToPath(new URL('killedRelay.js', import.meta.url));
  const die = async (after: number) => {
    const child = spawn(process.execPath, [script, own.url, String(after)], { stdio: 'ignore' });
    const [, signal] = (await once(child, 'exit')) as [number, string];
    t.equal(signal, 'SIGKILL');
  };
  await die(1);
  const first = start();
  await first.settled();
  await first.close();
  for (const [box, tubes] of boxes) {
    await takeIn(box, ...tubes);
    for (const tube of tubes) await scanner.done('recordResult', finding(tube));
  }
  await die(1);
  await die(1);
  const last = start();
  await last.settled();
  const [here, there] = [await names(north.rig), await names(lab)];
  t.equal(count(there, 'box.expected'), 4);
  t.same([count(here, 'box.received'), count(here, 'box.reconciled'), count(here, 'tube.received'), count(here, 'result.released')], [4, 4, 8, 8]);
});

t.test('a laboratory that opens later hears what it missed, and holds nobody up meanwhile', async (t) => {
  const { north, lab, newBox, start, comparison, warnings, redis } = await round(t, { laboratory: false });
  const other = await build(t, { redis, cell: { round: lab.cell.round, area: 'lab2' }, round: { laboratory: true, sites: [], villages: [] } });
  const relay = start();
  const [a, b] = [newBox(), newBox()];
  await north.sealedBox(a, await north.sealed(1));
  await north.sealedBox(b, await north.sealed(2));
  await north.packer.done('handOver', { box: b, from: 'pat', to: 'cora', laboratory: 'lab2' });
  await relay.settled();
  t.match(await laboratory.delivery(redis, other.cell, b), { state: 'expected', home: 'north' });
  t.equal(warnings.length, 1, 'said once');
  await lab.openRound({ laboratory: true, sites: [], villages: [] });
  await relay.settled();
  t.match(await comparison(a), { state: 'expected', expected: 1 });
  t.match(await comparison(b), { state: 'elsewhere' }, 'and that the other box goes elsewhere');
});

t.test('two areas with the same printed code: both are told of, and a person looks', async (t) => {
  const { north, area, lab, scanner, start, newBox } = await round(t);
  const south = await area('south');
  const relay = start();
  const code = await north.sealed(1);
  t.equal(await south.sealed(1), code);
  await north.sealedBox(newBox(), code);
  await south.sealedBox(newBox(), code);
  await relay.settled();
  await scanner.done('receiveTube', { tube: code });
  await scanner.done('recordResult', { tube: code, accession: 'A1', run: 'R1', result: 'negative', testedAt: lab.now() });
  await relay.settled();
  t.match(await reads.discrepancies(lab.redis, lab.cell), [{ what: 'tube_code_used', tube: code, state: 'open' }]);
  t.match(await laboratory.resultsOf(lab.redis, lab.cell, code), [{ state: 'held', why: 'contested' }]);
  t.match([await north.resultOf(1), await south.resultOf(1)], [{ status: 'pending' }, { status: 'pending' }]);
});

t.test('a foreign code opened in two rounds holds the results of both', async (t) => {
  const { redis, north, start } = await round(t);
  const other = await build(t, { redis, cell: { round: `${north.rig.cell.round}x`, area: 'west' }, stations: ['a1'], residents: 3 });
  const relay = start();
  const code = 'ABC000000017';
  const open = (rig: Rig) => rig.device('tablet').done('openTube', { tube: code, station: 'a1' });
  await open(north.rig);
  await relay.settled();
  t.match(await reads.discrepancies(redis, north.rig.cell), []);
  await open(other);
  await relay.settled();
  for (const rig of [north.rig, other]) {
    t.match(await reads.discrepancies(redis, rig.cell), [{ what: 'tube_code_used', tube: code, holds: true }]);
    t.match(await reads.tube(redis, rig.cell, code), { held: 1 });
  }
});
