// What stands in each report: its headings and its rows, taken from the record page by page. Cells are text; whatever strangers typed is
// made harmless where the file is written (tableFile.ts).

import type { Redis } from 'ioredis';
import { reportNames, type ReportKind } from '../../domain/reports.js';
import type { CellName } from '../../domain/requests.js';
import { boxes, type BoxState, type TubeStatus, tubeStatus } from '../../ledger/custody.js';
import { dayReport } from '../../ledger/dayReport.js';
import { gapTubes, otherEnds, reconciliation, stages } from '../../ledger/reconciliation.js';
import { directory, residents, type ResidentState, stations, tubes } from '../../ledger/reads.js';
import { sealedOfMany } from '../../ledger/sealed.js';
import { openPerson, type Person } from '../../vault/people.js';
import { SealFault } from '../../vault/sealing.js';
import type { RoundVault } from '../../vault/vault.js';

export interface ReportSource {
  redis: Redis;
  cell: CellName;
  /** Opens people, for the report that holds some. */
  vault: RoundVault;
  /** A time of the record as it stands on the wall there, '' for 0. */
  timeOf(at: number): string;
}

export interface ReportTable {
  headings: readonly string[];
  rows(source: ReportSource): AsyncGenerator<readonly string[]>;
}

const statusWords: Record<TubeStatus, string> = {
  open: '打开', sealed: '已封管', boxed: '已装箱', 'in transit': '转运中', arrived: '已送达', missing: '未找到', received: '已接收', resulted: '已出结果', void: '作废', lost: '丢失', leaked: '泄漏', rejected: '拒收',
};
const boxWords: Record<BoxState['state'], string> = { packing: '装箱中', sealed: '已封箱', 'handed over': '转运中', arrived: '已送达', reconciled: '已核对' };
const stageWords: Record<(typeof stages)[number], string> = {
  opened: '打开', sealed: '封管', boxed: '装箱', handedOver: '交接', received: '接收', accepted: '验收', tested: '检测', released: '放行',
};
const resultWords = { negative: '阴性', positive: '阳性', inconclusive: '可疑', invalid: '无效', none: '未出' } as const;
const both = (zh: string, en: string) => `${zh} ${en}`;
const share = (part: number, whole: number) => (whole === 0 ? '' : `${Math.floor((part / whole) * 1000) / 10}%`);
/** Others get their turn between two pages. */
const breathe = () => new Promise((resolve) => setImmediate(resolve));

async function tripsOf({ redis, cell }: ReportSource): Promise<Map<number, BoxState>> {
  const all = new Map<number, BoxState>();
  for (let from = 1; ; from += 500) {
    const page = await boxes(redis, cell, from, 500);
    for (const one of page) all.set(one.trip, one);
    if (page.length < 500) return all;
  }
}

async function* villageRows({ redis, cell }: ReportSource): AsyncGenerator<string[]> {
  const { villages, people, round } = await reconciliation(redis, cell);
  const row = (name: string, one: typeof people, swabs: typeof round.swabs) => [
    name, String(one.expected), String(one.excused), String(one.sampled), String(one.missing), share(one.sampled, one.expected), String(one.recalled), String(swabs.reached.opened), String(swabs.reached.released),
  ];
  for (const one of villages) yield row(one.name, one.people, one.swabs);
  yield row(both('合计', 'total'), people, round.swabs);
}

async function* tubeRows(source: ReportSource): AsyncGenerator<string[]> {
  const { redis, cell, timeOf } = source;
  const [{ sites }, places, trips] = await Promise.all([directory(redis, cell), stations(redis, cell), tripsOf(source)]);
  const placeOf = new Map(places.map((one) => [one.ordinal, one]));
  const seen = new Set<string>();
  let cursor = '0';
  do {
    const page = await tubes(redis, cell, cursor);
    for (const one of page.tubes) {
      if (seen.has(one.tube)) continue;
      seen.add(one.tube);
      const [place, box] = [placeOf.get(one.station), trips.get(one.box)];
      const status = tubeStatus(one, box);
      yield [
        one.tube, sites.get(place?.site ?? 0) ?? '', place?.station ?? '', both(statusWords[status], status), String(one.size), String(one.count), timeOf(one.firstSwabAt), timeOf(one.sealedAt),
        box?.box ?? '', timeOf(one.receivedAt), one.lab === 'resulted' && one.result ? both(resultWords[one.result], one.result) : '', one.held > 0 ? String(one.held) : '',
      ];
    }
    cursor = page.cursor;
    await breathe();
  } while (cursor !== '0');
}

async function* boxRows(source: ReportSource): AsyncGenerator<string[]> {
  const { timeOf } = source;
  const { sites } = await directory(source.redis, source.cell);
  for (const one of (await tripsOf(source)).values()) {
    yield [
      one.box, String(one.trip), both(boxWords[one.state], one.state), sites.get(one.site) ?? '', String(one.tubes.length), one.counted === undefined ? '' : String(one.counted),
      timeOf(one.firstSwabAt), timeOf(one.sealedAt), timeOf(one.arrivedAt), String(one.handOvers), one.holder, one.laboratory, one.hash, one.late ?? '', one.custodyGap ? both('有', 'yes') : '',
    ];
  }
}

async function* gapRows({ redis, cell, timeOf }: ReportSource): AsyncGenerator<string[]> {
  const { tubes: all } = await gapTubes(redis, cell, {}, 0, 1_000_000);
  for (const { tube, gap, swabs, station, box, missing, since, owner } of all) {
    yield [tube, both(`${stageWords[gap]}之后`, `after ${gap}`), String(swabs), station, box, missing ? both('是', 'yes') : '', timeOf(since), owner.kind, owner.name];
  }
}

const peopleAtOnce = 200;

/** Everybody expected and not sampled, village by village, door by door. */
async function* missingRows({ redis, cell, vault }: ReportSource): AsyncGenerator<string[]> {
  const { villages } = await directory(redis, cell);
  const all: Pick<ResidentState, 'resident' | 'village' | 'household'>[] = [];
  for (let from = 1; ; from += 2000) {
    const page = await residents(redis, cell, from, 2000);
    for (const { resident, state, swabs, deceased, village, household } of page) if (state === 'expected' && swabs === 0 && !deceased) all.push({ resident, village, household });
    if (page.length < 2000) break;
  }
  all.sort((a, b) => a.village - b.village || a.household - b.household || a.resident - b.resident);
  for (let at = 0; at < all.length; at += peopleAtOnce) {
    const some = all.slice(at, at + peopleAtOnce);
    const sealed = await sealedOfMany(redis, cell, some.map(({ resident }) => resident));
    for (const [i, { resident, village }] of some.entries()) {
      const person = opened(vault, cell.area, sealed[i]);
      yield [villages.get(village) ?? '', person?.household ?? '', person?.name ?? both('无法打开', 'cannot be opened'), person?.phone ?? '', person?.address ?? '', person?.birthDate?.slice(0, 4) ?? '', String(resident)];
    }
    await breathe();
  }
}

/** One entry that was changed must not keep the list of all others back. */
function opened(vault: RoundVault, area: string, entry: string | undefined): Person | undefined {
  try {
    return entry === undefined ? undefined : openPerson(vault, area, entry).person;
  } catch (fault) {
    if (fault instanceof SealFault) return undefined;
    throw fault;
  }
}

async function* dayRows({ redis, cell, timeOf }: ReportSource): AsyncGenerator<string[]> {
  const day = await dayReport(redis, cell);
  if (!day) return;
  const { people, tubes: counted, results, recalls, discrepancies: contradictions } = day;
  yield [both('轮次', 'round'), day.name, day.rehearsal ? both('演练', 'REHEARSAL') : ''];
  yield [both('统计时间', 'counted at'), timeOf(day.at), day.state === 'open' ? both('进行中', 'open') : both('已结束', 'closed')];
  yield [both('首末采样', 'first and last swab'), timeOf(day.firstSwabAt), timeOf(day.lastSwabAt)];
  yield [both('应采', 'expected'), String(people.expected), ''];
  yield [both('已采', 'sampled'), String(people.sampled), share(people.sampled, people.expected)];
  yield [both('未采', 'missing'), String(people.missing), day.provisional ? both('暂计', `provisional: ${day.provisional.devices} devices, about ${day.provisional.records} records to come`) : ''];
  yield [both('免检', 'excused'), String(people.excused), ''];
  for (const stage of stages) yield [both(`试管：${stageWords[stage]}`, `tubes ${stage}`), String(day.progress.tubes.reached[stage]), day.progress.tubes.gaps[stage] ? both('缺口', `gap ${day.progress.tubes.gaps[stage]}`) : ''];
  for (const end of otherEnds) yield [both(`试管：${statusWords[end]}`, `tubes ${end}`), String(day.progress.tubes.ended[end]), ''];
  yield [both('试管：待解决矛盾', 'tubes held'), String(counted.held), ''];
  for (const [word, many] of Object.entries(results)) yield [both(`结果：${resultWords[word as keyof typeof resultWords]}`, `result ${word}`), String(many), both('管', 'tubes')];
  yield [both('转运箱', 'boxes'), String(day.boxes.total), day.boxes.late > 0 ? both('超时', `late ${day.boxes.late}`) : ''];
  yield [both('召回', 'recalls'), String(recalls.open + recalls.closed), both(`未结束 ${recalls.open}`, `open; people ${recalls.people}, found ${recalls.found}, settled ${recalls.settled}`)];
  yield [both('矛盾', 'discrepancies'), String(contradictions.open + contradictions.resolved), both(`未解决 ${contradictions.open}`, 'open')];
  yield [both('待处理记录', 'quarantined records'), String(day.quarantined), ''];
  yield [both('缺口合计', 'sum of gaps'), String(day.gaps), day.gaps === 0 ? both('完成', 'complete') : ''];
  for (const { name, people: one } of day.villages) yield [both('村', `village ${name}`), `${one.sampled} / ${one.expected}`, both('未采', `missing ${one.missing}`)];
}

export const reportTables: Record<ReportKind, ReportTable> = {
  day: { headings: [both('项目', 'item'), both('数', 'number'), both('说明', 'remark')], rows: dayRows },
  samples_by_village: {
    headings: [both('村', 'village'), both('应采', 'expected'), both('免检', 'excused'), both('已采', 'sampled'), both('未采', 'missing'), both('采样率', 'share'), both('召回', 'recalled'), both('样本', 'swabs'), both('已出结果', 'released')],
    rows: villageRows,
  },
  tubes: {
    headings: [both('试管', 'tube'), both('采样点', 'site'), both('采样台', 'station'), both('状态', 'status'), both('规格', 'size'), both('样本', 'swabs'), both('首采', 'first swab'), both('封管', 'sealed'), both('箱', 'box'), both('接收', 'received'), both('结果', 'result'), both('矛盾', 'held')],
    rows: tubeRows,
  },
  boxes: {
    headings: [
      both('箱', 'box'), both('趟次', 'trip'), both('状态', 'status'), both('采样点', 'site'), both('管数', 'tubes'), both('清点', 'counted'), both('首采', 'first swab'), both('封箱', 'sealed'), both('送达', 'arrived'),
      both('交接', 'hand-overs'), both('持箱人', 'holder'), both('实验室', 'laboratory'), both('校验码', 'hash'), both('超时', 'late'), both('交接缺口', 'custody gap'),
    ],
    rows: boxRows,
  },
  gaps: {
    headings: [both('试管', 'tube'), both('缺口', 'gap'), both('样本', 'swabs'), both('采样台', 'station'), both('箱', 'box'), both('未找到', 'missing'), both('自', 'since'), both('责任方', 'owner'), both('名称', 'name')],
    rows: gapRows,
  },
  missing: {
    headings: [both('村', 'village'), both('户', 'household'), both('姓名', 'name'), both('电话', 'phone'), both('地址', 'address'), both('出生年', 'birth year'), both('编号', 'no')],
    rows: missingRows,
  },
};

/** The first row of a file: what it is, of which round, who asked, why and when; a copy that turns up somewhere says where it came from. */
export function watermark(kind: ReportKind, { round, area }: CellName, asked: { by: string; reason: string; at: string }, confidential: boolean): string {
  const { zh, en } = reportNames[kind];
  return [...(confidential ? [both('机密', 'CONFIDENTIAL')] : []), both(zh, en), `${round} ${area}`, asked.by, asked.reason, asked.at].join(' · ');
}
