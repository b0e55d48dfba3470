// Single words of the record as people say them: reasons, outcomes, states, and the steps that can contradict it. A reason of the domain
// that has no phrase here does not compile; a word of a later version stands as it is.

import { refusals } from '../../../domain/refusals.js';
import {
  type boxConditions, type contactWords, type excuseReasons, type moveSwabReasons, type recallCauses, type recallOutcomes, rejectionReasons, type resolutions, type resultWaits, type sealReasons,
  type stationReasons, type testResults, type ticketReasons, type tubeReports, type unpackReasons, type voidSwabReasons, type voidTubeReasons, type waitReasons,
} from '../../../domain/reasons.js';
import type { StepName } from '../../../domain/requests.js';
import { type Phrase, say } from '../../words/language.js';

type OneOf<List extends readonly string[]> = List[number];
type Reason =
  | OneOf<typeof sealReasons> | OneOf<typeof voidSwabReasons> | OneOf<typeof moveSwabReasons> | OneOf<typeof voidTubeReasons> | OneOf<typeof excuseReasons> | OneOf<typeof stationReasons>
  | OneOf<typeof ticketReasons> | OneOf<typeof resolutions> | OneOf<typeof unpackReasons> | OneOf<typeof tubeReports> | OneOf<typeof boxConditions> | OneOf<typeof resultWaits> | OneOf<typeof waitReasons>
  | OneOf<typeof testResults> | OneOf<typeof recallCauses> | OneOf<typeof contactWords> | OneOf<typeof recallOutcomes>;

const words = {
  full: { zh: '已满', en: 'full' }, early: { zh: '提前封管', en: 'closed early' }, household: { zh: '换户', en: 'another household' }, party: { zh: '同行装不下', en: 'the party did not fit' },
  risk_group: { zh: '风险类别不同', en: 'another risk group' }, shift_end: { zh: '换班', en: 'end of a shift' }, damage: { zh: '损坏', en: 'damaged' }, timer: { zh: '到时间', en: 'time was up' },
  station_closed: { zh: '台已关', en: 'station closed' }, next_tube: { zh: '换下一管', en: 'next tube' },
  wrong_person: { zh: '不是本人', en: 'not this person' }, not_taken: { zh: '没有采', en: 'not taken' }, scanned_twice: { zh: '重复扫码', en: 'scanned twice' }, wrong_tube: { zh: '管扫错', en: 'wrong tube' },
  swab_dropped: { zh: '拭子掉落', en: 'swab dropped' }, wrong_tube_scanned: { zh: '扫错了管', en: 'wrong tube scanned' }, tube_mixed_up: { zh: '放错了管', en: 'tubes mixed up' },
  broken: { zh: '破损', en: 'broken' }, contaminated: { zh: '污染', en: 'contaminated' }, label_unreadable: { zh: '标签看不清', en: 'label not readable' }, unused: { zh: '没有用', en: 'not used' },
  opened_by_mistake: { zh: '误开', en: 'opened by mistake' }, replaced: { zh: '已换管', en: 'replaced' },
  deceased: { zh: '已故', en: 'deceased' }, moved_away: { zh: '迁出', en: 'moved away' }, vaccinated_48h: { zh: '48 小时内接种', en: 'vaccinated within 48 h' }, recovered_3_months: { zh: '康复三个月内', en: 'recovered within 3 months' },
  sampled_elsewhere: { zh: '在别处已采', en: 'sampled elsewhere' }, medical: { zh: '身体原因', en: 'medical' }, refused: { zh: '拒绝', en: 'refused' }, under_age: { zh: '年龄太小', en: 'under age' }, away: { zh: '外出', en: 'away' },
  break: { zh: '休息', en: 'break' }, no_tubes: { zh: '缺管', en: 'no tubes' }, no_sampler: { zh: '缺采样员', en: 'no sampler' }, fault: { zh: '故障', en: 'fault' }, end_of_day: { zh: '收工', en: 'end of the day' },
  absent: { zh: '没有来', en: 'absent' }, kept_too_long: { zh: '过号保留到期', en: 'kept too long' }, doubled: { zh: '重复取号', en: 'a second ticket' }, desk: { zh: '登记台更改', en: 'by the desk' },
  station_paused: { zh: '台休息', en: 'station rests' }, station_stalled: { zh: '台停滞', en: 'station stalled' },
  confirmed: { zh: '属实', en: 'it is so' }, corrected: { zh: '已更正', en: 'put right' }, mistaken: { zh: '误报', en: 'a mistake' }, identified: { zh: '已确认是谁', en: 'identified' },
  wrong_box: { zh: '放错箱', en: 'wrong box' }, leaked: { zh: '泄漏', en: 'leaked' }, not_there: { zh: '箱里没有', en: 'not in the box' }, lost: { zh: '丢失', en: 'lost' }, found: { zh: '找到', en: 'found' },
  good: { zh: '完好', en: 'good' }, seal_broken: { zh: '封条破损', en: 'seal broken' }, too_warm: { zh: '温度过高', en: 'too warm' }, damaged: { zh: '损坏', en: 'damaged' },
  not_received: { zh: '实验室还没接收', en: 'not received' }, unregistered: { zh: '站点还没报过', en: 'no site has told of it' }, second_person: { zh: '等第二人', en: 'a second person has to look' }, conflict: { zh: '与已有结果矛盾', en: 'contradicts another' },
  before_sampling: { zh: '检测早于采样', en: 'tested before it was sampled' }, accession_differs: { zh: '检验编号不一致', en: 'accession number differs' }, contested: { zh: '两个区域都登记', en: 'two areas call it theirs' },
  held: { zh: '有矛盾待解决', en: 'a discrepancy is open' }, not_sealed: { zh: '还没封管', en: 'not sealed' }, rejected: { zh: '拒收', en: 'rejected' }, voided: { zh: '已作废', en: 'void' },
  negative: { zh: '未检出', en: 'negative' }, positive: { zh: '检出', en: 'positive' }, inconclusive: { zh: '可疑', en: 'inconclusive' }, invalid: { zh: '无效', en: 'invalid' },
  lot: { zh: '批次召回', en: 'lot called back' }, doubt: { zh: '存疑', en: 'doubt' },
  reached: { zh: '已联系到', en: 'reached' }, on_the_way: { zh: '正在来', en: 'on the way' }, isolated: { zh: '已隔离', en: 'isolated' }, unreachable: { zh: '联系不上', en: 'not reached' }, wrong_number: { zh: '号码错误', en: 'wrong number' },
  came: { zh: '已来单采', en: 'came' }, not_confirmed: { zh: '单采都未检出', en: 'all single swabs negative' }, handed_over: { zh: '转交他处', en: 'handed over' }, other: { zh: '其他', en: 'other' },
} as const satisfies Record<Reason, Phrase>;

/** What takes too long (`tube.late`, `box.late`); `unregistered` stands among the reasons. */
const lateWords = {
  unpacked: { zh: '迟迟未装箱', en: 'not packed' }, unresulted: { zh: '迟迟无结果', en: 'without a result' }, amber: { zh: '路上过久', en: 'long on the road' }, red: { zh: '路上超时', en: 'too long on the road' }, unreconciled: { zh: '迟迟未核对', en: 'not compared' },
} as const satisfies Record<string, Phrase>;

/** Where a tube, a box or a person is; `none` says nothing. */
const stateWords = {
  open: { zh: '开着', en: 'open' }, sealed: { zh: '已封', en: 'sealed' }, void: { zh: '作废', en: 'void' }, boxed: { zh: '已装箱', en: 'in a box' }, 'in transit': { zh: '在途', en: 'on the road' }, arrived: { zh: '已送达', en: 'arrived' },
  missing: { zh: '找不到', en: 'missing' }, received: { zh: '实验室已接收', en: 'received' }, rejected: { zh: '实验室拒收', en: 'rejected' }, resulted: { zh: '已有结果', en: 'has its result' }, lost: { zh: '丢失', en: 'lost' }, leaked: { zh: '泄漏', en: 'leaked' },
  packing: { zh: '装箱中', en: 'being packed' }, 'handed over': { zh: '已交接', en: 'handed over' }, reconciled: { zh: '已核对', en: 'compared' },
  expected: { zh: '应采', en: 'expected' }, excused: { zh: '免检', en: 'excused' }, 'to come': { zh: '召回，待单采', en: 'called back, to come' }, swabbed: { zh: '召回，已单采', en: 'called back, swabbed' },
} as const satisfies Record<string, Phrase>;

/** Steps that can be reported, and so can contradict the record. */
const stepWords: Partial<Record<StepName, Phrase>> = {
  registerWalkIn: { zh: '登记临时人员', en: 'Register a walk-in' }, issueTicket: { zh: '取号', en: 'Issue a ticket' }, openTube: { zh: '打开试管', en: 'Open a tube' }, takeSwab: { zh: '采样', en: 'Take a swab' },
  voidSwab: { zh: '撤销采样', en: 'Take a swab off' }, moveSwab: { zh: '更正试管', en: 'Move a swab' }, sealTube: { zh: '封管', en: 'Seal a tube' }, voidTube: { zh: '作废试管', en: 'Void a tube' }, reportTube: { zh: '报告试管', en: 'Report a tube' },
  openBox: { zh: '开箱', en: 'Open a box' }, packTube: { zh: '装箱', en: 'Pack a tube' }, unpackTube: { zh: '取出试管', en: 'Take a tube out' }, sealBox: { zh: '封箱', en: 'Seal a box' }, handOver: { zh: '交接', en: 'Hand over' },
  receiveBox: { zh: '接收箱', en: 'Receive a box' }, receiveTube: { zh: '接收试管', en: 'Receive a tube' }, rejectTube: { zh: '拒收试管', en: 'Reject a tube' }, recordContact: { zh: '登记联系', en: 'Record a contact' },
  claimTube: { zh: '登记外来试管码', en: 'Claim a foreign code' }, noteClaim: { zh: '试管码在别处使用', en: 'A code used elsewhere' }, expectBox: { zh: '预告送检箱', en: 'Announce a box' }, noteArrival: { zh: '箱已送达', en: 'A box has arrived' },
  noteIntake: { zh: '实验室接收或拒收', en: 'Taken in or rejected' }, noteReconciled: { zh: '箱已核对', en: 'A box was compared' }, noteResult: { zh: '试管结果', en: "A tube's result" }, mergeResidents: { zh: '合并重复人员', en: 'Merge entries' },
  resolveDiscrepancy: { zh: '解决矛盾', en: 'Resolve a discrepancy' }, carryRecords: { zh: '代传记录', en: 'Bring records' },
};

const has = <Words extends object>(words: Words, word: string): word is keyof Words & string => Object.hasOwn(words, word);

export const stepWord = (step: string): string => { const phrase = has(stepWords, step) ? stepWords[step] : undefined; return phrase ? say(phrase) : step; };
export const stateWord = (state: string): string => (state === '' || state === 'none' || state === 'no' ? '' : has(stateWords, state) ? say(stateWords[state]) : state);
/** A reason, an outcome, a result, a refusal's word. */
export function wordsOf(word: string): Phrase {
  if (has(words, word)) return words[word];
  if (has(lateWords, word)) return lateWords[word];
  if (has(rejectionReasons, word)) return rejectionReasons[word];
  return has(refusals, word) ? refusals[word] : { zh: word, en: word };
}
export const valueWord = (word: string): string => say(wordsOf(word));
