// A drill to its end, with a second copy beside it: the copy verifies against the closed round, a record made anew from it answers every
// read alike and is the same key by key, and a byte changed in it is named.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import t from 'tap';
import { readConfig } from '../../src/config.js';
import type { CellName } from '../../src/domain/requests.js';
import { differences } from '../../src/ledger/copy/compare.js';
import * as custody from '../../src/ledger/custody.js';
import * as laboratory from '../../src/ledger/laboratory.js';
import * as reads from '../../src/ledger/reads.js';
import { laboratoryReconciliation, missingPersons, reconciliation } from '../../src/ledger/reconciliation.js';
import { connect } from '../../src/ledger/redis.js';
import { startProgram } from '../../src/program.js';
import { rebuildRecord } from '../../src/tools/archive/rebuild.js';
import { verify } from '../../src/tools/archive/verify.js';
import { runDrill } from '../../src/tools/drill/drill.js';
import { laboratoryArea } from '../../src/tools/drill/laboratory.js';
import { ownRedis } from '../support-redis.js';
import { ownFolder } from '../folder.js';

/** Hears what a tool says. */
const ears = () => {
  const heard = { out: '', err: '', print: (text: string) => { heard.out += `${text}\n`; }, say: (text: string) => { heard.err += `${text}\n`; } };
  return heard;
};

/** What screens read of an area after the swab. */
async function areaReads(redis: Redis, cell: CellName) {
  const residents = await reads.residents(redis, cell);
  const recalls = await custody.recallList(redis, cell);
  return {
    state: await reads.cellState(redis, cell), residents, stations: await reads.stations(redis, cell), devices: await reads.devices(redis, cell),
    discrepancies: await reads.discrepancies(redis, cell, 1, 5000), unfinished: await reads.unfinished(redis, cell, 0, 5000),
    tubes: (await reads.tubes(redis, cell, '0', 10_000)).tubes.sort((a, b) => (a.tube < b.tube ? -1 : 1)), boxes: await custody.boxes(redis, cell), recalls,
    people: await Promise.all(recalls.map(({ recall }) => custody.recall(redis, cell, recall))),
    results: await Promise.all(residents.slice(0, 100).map(({ resident }) => custody.resultOf(redis, cell, resident))),
    reconciliation: await reconciliation(redis, cell), missing: await missingPersons(redis, cell),
  };
}

async function laboratoryReads(redis: Redis, cell: CellName) {
  return {
    state: await reads.cellState(redis, cell), deliveries: await laboratory.deliveries(redis, cell), waiting: await laboratory.waiting(redis, cell),
    intakes: (await laboratory.intakes(redis, cell, '0', 10_000)).intakes.sort((a, b) => (a.tube < b.tube ? -1 : 1)), areas: await laboratoryReconciliation(redis, cell),
  };
}

// Seconds on a machine of its own; beside other work a day and its evening take a while.
const timeout = 280_000;
t.setTimeout(timeout);

t.test('a closed round is the same in its second copy, made anew from it, and a changed byte is named', { timeout }, async (t) => {
  const data = ownFolder(t);
  const archive = join(data, 'elsewhere');
  const config = () => readConfig({ SWABLINE_DATA: data, SWABLINE_ARCHIVE_DIR: archive, PORT: '0', LOG_LEVEL: 'silent' });
  const many = { max: 1e6, seconds: 60 };
  const program = await startProgram(config(), { appendfsync: 'no', rates: { device: many, account: many, address: many } });
  t.teardown(() => program.close());
  const { report } = await runDrill({ url: program.address as string, key: program.toolKey(), seed: 'copied', residents: 220, prevalence: 0.01, speed: Number.POSITIVE_INFINITY });
  t.ok(report.ok, report.failed.map(({ name }) => name).join('; '));
  t.ok(report.roundClosed);

  const [round = '', area = ''] = report.round.split(':');
  const cells = { area: { round, area }, laboratory: { round, area: laboratoryArea } };
  const names = [report.round, `${round}:${laboratoryArea}`];
  // The archiver follows at its own pace.
  for (;;) {
    const heard = ears();
    const code = await verify(['--json'], config, heard);
    const { compared, problems = [], cells = [] } = JSON.parse(heard.out || '{}') as { compared?: boolean; problems?: string[]; cells?: { cell: string; record: string }[] };
    t.same(problems, []);
    if (code === 0 && compared && names.every((name) => cells.find(({ cell }) => cell === name)?.record === 'same')) break;
    await sleep(100);
  }
  t.pass('the second copy is whole, and of both cells the record is the same');

  const live = program.ledger.redis;
  const target = await ownRedis(t, { appendfsync: 'no' });
  const heard = ears();
  t.equal(await rebuildRecord(['--from', archive, '--to', target.url], heard), 0, heard.err);
  const anew = connect(target.url);
  t.teardown(() => anew.disconnect());
  t.strictSame(await areaReads(anew, cells.area), await areaReads(live, cells.area));
  t.strictSame(await laboratoryReads(anew, cells.laboratory), await laboratoryReads(live, cells.laboratory));
  for (const cell of Object.values(cells)) t.same(await differences(live, anew, cell), []);

  // Of a closed round the segments are closed, and compressed. One byte of one of them:
  const folder = join(archive, `${round}+${area}`);
  const [segment = ''] = readdirSync(folder).filter((name) => name.startsWith('000001.jsonl'));
  const bytes = readFileSync(join(folder, segment));
  const middle = bytes.length >> 1;
  bytes.writeUInt8(bytes.readUInt8(middle) ^ 1, middle);
  writeFileSync(join(folder, segment), bytes);
  const changed = ears();
  t.equal(await verify([], config, changed), 1);
  t.match(changed.out, `${round}+${area}/000001.jsonl`);
});
