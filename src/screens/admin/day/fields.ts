// What a person reads of an event or of a contradiction: the fields that matter, by their names as people say them, with values in words.
// What is for the record alone (positions, fingerprints, ordinals) is left out.

import type { EventName } from '../../../domain/events.js';
import { dictionary, say } from '../../words/language.js';
import { dayAndClock } from '../../words/time.js';
import { valueWord } from './valueWords.js';

const fieldWords = dictionary({
  station: { zh: '台', en: 'station' },
  site: { zh: '采样点', en: 'site' },
  tube: { zh: '试管', en: 'tube' },
  box: { zh: '箱', en: 'box' },
  from: { zh: '从', en: 'from' },
  to: { zh: '到', en: 'to' },
  resident: { zh: '居民', en: 'resident' },
  twin: { zh: '重复编号', en: 'twin' },
  other: { zh: '另一位', en: 'other' },
  count: { zh: '人数', en: 'people' },
  tubes: { zh: '支数', en: 'tubes' },
  counted: { zh: '清点', en: 'counted' },
  recorded: { zh: '记录', en: 'on record' },
  size: { zh: '可容', en: 'of' },
  allowed: { zh: '允许', en: 'allowed' },
  what: { zh: '什么', en: 'what' },
  why: { zh: '为何', en: 'why' },
  reason: { zh: '原因', en: 'reason' },
  cause: { zh: '原因', en: 'cause' },
  condition: { zh: '箱况', en: 'condition' },
  result: { zh: '结果', en: 'result' },
  outcome: { zh: '结果', en: 'outcome' },
  resolution: { zh: '处理', en: 'resolution' },
  accession: { zh: '检验编号', en: 'accession' },
  run: { zh: '检测批次', en: 'run' },
  laboratory: { zh: '实验室', en: 'laboratory' },
  area: { zh: '区域', en: 'area' },
  cell: { zh: '区域', en: 'area' },
  holder: { zh: '持有人', en: 'holder' },
  recall: { zh: '召回', en: 'recall' },
  waitSeconds: { zh: '预计等候（分钟）', en: 'expected wait (min)' },
  until: { zh: '到', en: 'until' },
  at: { zh: '先前', en: 'before that' },
  by: { zh: '操作人', en: 'by' },
  secondBy: { zh: '复核人', en: 'second person' },
  note: { zh: '备注', en: 'note' },
});
type FieldName = keyof typeof fieldWords;

/** Fields of events, in the order in which they are told. */
const told: readonly FieldName[] = [
  'station', 'tube', 'from', 'to', 'box', 'twin', 'count', 'size', 'counted', 'what', 'cause', 'why', 'reason', 'condition', 'result', 'outcome', 'resolution', 'accession', 'run', 'laboratory', 'waitSeconds', 'until', 'by', 'secondBy', 'note',
];
const inWords: ReadonlySet<string> = new Set(['what', 'cause', 'why', 'reason', 'condition', 'result', 'outcome', 'resolution']);
/** `counted` of a tube or box that nobody has counted. */
const nobodyCounted: ReadonlySet<unknown> = new Set([255, 65_535]);

export interface Fact {
  name: string;
  value: string;
}

/** Names of stations by their ordinal. */
export type StationNames = ReadonlyMap<number, string>;

export function factsOf(event: { event: EventName } & Readonly<Record<string, unknown>>, stations: StationNames): Fact[] {
  const facts: Fact[] = [];
  for (const field of told) {
    const value = event[field];
    if (value === undefined || value === null || value === '' || value === 0 || (field === 'counted' && nobodyCounted.has(value))) continue;
    // A box counts tubes where a tube counts people; the three kinds of way lead from station to station, tube to tube, hand to hand.
    const name = field === 'count' && event.event.startsWith('box.') ? fieldWords.tubes : fieldWords[field];
    const atStation = field === 'station' || ((field === 'from' || field === 'to') && event.event === 'ticket.moved');
    const text = atStation ? (stations.get(Number(value)) ?? '') : field === 'waitSeconds' ? String(Math.ceil(Number(value) / 60)) : field === 'until' ? dayAndClock(Number(value))
      : field === 'outcome' && event.event === 'recall.closed' && value === 'confirmed' ? valueWord('positive') : inWords.has(field) ? valueWord(String(value)) : String(value);
    if (text !== '') facts.push({ name: say(name), value: text });
  }
  return facts;
}

/** The detail of a contradiction. Stations stand there by name, or by their ordinal. */
export function detailOf(detail: Readonly<Record<string, unknown>>, stations: StationNames): Fact[] {
  return Object.entries(detail).filter(([, value]) => value !== '' && value !== null && typeof value !== 'boolean').map(([field, value]) => {
    const name = Object.hasOwn(fieldWords, field) ? say(fieldWords[field as FieldName]) : field;
    const text = String(value);
    if (/^\d{13}$/.test(text)) return { name, value: dayAndClock(Number(text)) };
    if (field === 'station' && /^\d+$/.test(text)) return { name, value: stations.get(Number(text)) ?? text };
    return { name, value: inWords.has(field) ? valueWord(text) : text };
  });
}
