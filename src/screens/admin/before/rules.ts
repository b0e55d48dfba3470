// The rules of a round as the wizard offers them: which limits there are, in which unit, from where to where, and what they are unless
// somebody says otherwise. The screens do not carry zod; a test holds this list against `roundRules`, the one source.

import { type ForeignTubeRule, readTubeRule } from '../../../domain/codes.js';
import type { BodyInput } from '../../../domain/requests.js';
import { dictionary, type Phrase } from '../../words/language.js';

export type Rules = NonNullable<BodyInput<'openRound'>['rules']>;
export type LimitName = Exclude<{ [Name in keyof Rules]-?: NonNullable<Rules[Name]> extends number ? Name : never }[keyof Rules], undefined>;

export const poolSizes = [1, 5, 10, 20] as const;
export const standardPools = { normal: 10, key: 10, high: 1 } as const;
export const standardAssignment = { rule: 'nearest', nearest: 3, walkMetersMax: 3000 } as const;

/** The hour by which nobody is to be left, as people type it; the record wants two digits for the hour. */
export const finishForm = /^([01]?\d|2[0-3]):[0-5]\d$/;
export const hourOf = (typed: string): string => typed.padStart(5, '0');

const rulesMax = 20;

/** The rules for tubes of other makers in what was typed; undefined: one of them is none. */
export function tubeRulesIn(typed: string): ForeignTubeRule[] | undefined {
  const rules = typed.split(/[\s,;，、；]+/).filter((part) => part !== '').map(readTubeRule);
  return rules.length <= rulesMax && rules.every((rule) => rule !== undefined) ? (rules as ForeignTubeRule[]) : undefined;
}

const words = dictionary({
  secondsPerPerson: { zh: '每人采样秒数（尚未实测时）', en: 'Seconds a person, before any is measured' },
  priorityLeadMinutes: { zh: '优先号提前（分钟）', en: 'Priority tickets stand this much earlier (min)' },
  absencesMax: { zh: '叫几次不到即过号', en: 'Calls without an answer until skipped' },
  keepSkippedMinutes: { zh: '过号保留（分钟）', en: 'A skipped ticket is kept (min)' },
  tubeWarnMinutes: { zh: '试管打开多久提醒（分钟）', en: 'An open tube is warned of after (min)' },
  tubeSealMinutes: { zh: '试管打开多久自动封管（分钟）', en: 'An open tube is sealed after (min)' },
  silentMinutes: { zh: '设备多久没有消息算失联（分钟）', en: 'A device is silent after (min)' },
  stallMinutes: { zh: '有人等却无人采，多久算停滞（分钟）', en: 'A station with a queue and no swab is stalled after (min)' },
  boxTubes: { zh: '每箱管数', en: 'Tubes a box holds' },
  packMinutes: { zh: '封管后多久应装箱（分钟）', en: 'A sealed tube is to be packed within (min)' },
  roadAmberMinutes: { zh: '首采后多久未送达即提醒（分钟）', en: 'A box on the road is warned of after (min)' },
  roadRedMinutes: { zh: '首采后多久未送达即超时（分钟）', en: 'A box on the road is late after (min)' },
  reconcileMinutes: { zh: '到达后多久应核对（分钟）', en: 'An arrived box is to be compared within (min)' },
  unregisteredMinutes: { zh: '实验室未登记试管多久报警（分钟）', en: 'A tube without a record is told of after (min)' },
  resultMinutes: { zh: '接收后多久应有结果（分钟）', en: 'A result is due after (min)' },
  lostMinutes: { zh: '缺失试管多久算丢失（分钟）', en: 'A missing tube counts as lost after (min)' },
  recallMinutes: { zh: '召回人员应在多久内找到（分钟）', en: 'Recalled people are to be found within (min)' },
});

const day = 1440;
const week = 10_080;

export const limits: readonly { name: LimitName; words: Phrase; standard: number; min: number; max: number }[] = [
  { name: 'secondsPerPerson', words: words.secondsPerPerson, standard: 37, min: 5, max: 600 },
  { name: 'priorityLeadMinutes', words: words.priorityLeadMinutes, standard: 30, min: 0, max: 240 },
  { name: 'absencesMax', words: words.absencesMax, standard: 3, min: 1, max: 10 },
  { name: 'keepSkippedMinutes', words: words.keepSkippedMinutes, standard: 30, min: 1, max: day },
  { name: 'tubeWarnMinutes', words: words.tubeWarnMinutes, standard: 45, min: 1, max: day },
  { name: 'tubeSealMinutes', words: words.tubeSealMinutes, standard: 60, min: 1, max: day },
  { name: 'silentMinutes', words: words.silentMinutes, standard: 5, min: 1, max: day },
  { name: 'stallMinutes', words: words.stallMinutes, standard: 10, min: 1, max: day },
  { name: 'boxTubes', words: words.boxTubes, standard: 100, min: 1, max: 500 },
  { name: 'packMinutes', words: words.packMinutes, standard: 30, min: 1, max: day },
  { name: 'roadAmberMinutes', words: words.roadAmberMinutes, standard: 120, min: 1, max: day },
  { name: 'roadRedMinutes', words: words.roadRedMinutes, standard: 240, min: 1, max: day },
  { name: 'reconcileMinutes', words: words.reconcileMinutes, standard: 30, min: 1, max: day },
  { name: 'unregisteredMinutes', words: words.unregisteredMinutes, standard: 30, min: 1, max: day },
  { name: 'resultMinutes', words: words.resultMinutes, standard: 1440, min: 1, max: week },
  { name: 'lostMinutes', words: words.lostMinutes, standard: 240, min: 1, max: week },
  { name: 'recallMinutes', words: words.recallMinutes, standard: 120, min: 1, max: week },
];
