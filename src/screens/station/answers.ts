// Every answer a station gives: how it looks, what it says, how it sounds and how it shakes. Colour, symbol, words, sound and vibration
// always come together, and errors are louder than successes. What is counted differs by count and rhythm, not by pitch alone.

import type { SoundId } from '../sounds/patterns.js';
import { dictionary, type Phrase } from '../words/language.js';

export type Tone = 'ok' | 'info' | 'caution' | 'stop' | 'plain';

export interface Row {
  tone: Tone;
  /** A broad edge in a second colour: counted, and there is something to it. */
  edge?: 'caution' | 'info';
  symbol: string;
  title: Phrase;
  /** What to do, below. */
  hint?: Phrase;
  /** A recorded sentence after the sound. */
  spoken?: 'huanxinguan' | 'qingfengguan';
  /** It shakes the tablet, too (sounds/patterns.ts). */
  sound: SoundId | undefined;
}

const green = { tone: 'ok', symbol: '✓', sound: 'ok' } as const;
const blue = { tone: 'info', symbol: '⟳' } as const;
const amber = { tone: 'caution', symbol: '!', sound: 'caution' } as const;
const red = { tone: 'stop', symbol: '✕', sound: 'wrong' } as const;

export const answers = {
  start: { tone: 'plain', symbol: '', title: { zh: '扫试管开始', en: 'Scan a tube to start' }, hint: { zh: '先扫工作牌，再扫试管', en: 'Your staff card first, then a tube' }, sound: undefined },
  goOn: { tone: 'plain', symbol: '', title: { zh: '请扫居民码', en: 'Scan a resident' }, hint: { zh: '接着用这支试管', en: 'This tube is still open' }, sound: undefined },
  counted: { ...green, title: { zh: '第 {n} 人', en: 'No. {n} of {size}' } },
  single: { ...green, title: { zh: '单采 已计入', en: 'Single tube. Counted.' }, hint: { zh: '此管只给这一个人，盖好管盖', en: 'This tube is for this person alone. Close its cap.' } },
  again: { ...green, edge: 'caution', sound: 'noted', title: { zh: '复采 已计入', en: 'Sampled again. Counted.' }, hint: { zh: '由负责人确认，记录会标明', en: 'Confirmed by the supervisor, and marked on the record' } },
  unlisted: { ...green, edge: 'caution', sound: 'noted', title: { zh: '第 {n} 人', en: 'No. {n} of {size}' }, hint: { zh: '名册外，已登记，请补信息', en: 'Not on the list. Recorded; add details later.' } },
  otherVillage: { ...green, edge: 'info', title: { zh: '第 {n} 人', en: 'No. {n} of {size}' }, hint: { zh: '外村居民，已计入', en: 'From another village. Counted.' } },
  excused: { ...green, edge: 'info', title: { zh: '第 {n} 人', en: 'No. {n} of {size}' }, hint: { zh: '登记为免检，自愿采样，已计入', en: 'Excused on the list, came all the same. Counted.' } },
  opened: { ...blue, sound: 'opened', title: { zh: '新管 ...{tail}，请扫居民码', en: 'New tube. Scan a resident.' } },
  openedAlready: { ...blue, sound: 'tick', title: { zh: '就是这支管，请扫居民码', en: 'This tube is open. Scan a resident.' } },
  full: { ...blue, sound: 'full', spoken: 'huanxinguan', title: { zh: '满 {size} 人 换新管', en: 'Full. Scan a new tube.' } },
  closed: { ...blue, sound: 'opened', title: { zh: '已封管 {n} 人，请扫新管', en: 'Closed with {n}. Scan a new tube.' } },
  emptied: { ...blue, sound: 'opened', title: { zh: '空管已作废，请扫新管', en: 'Empty tube taken off. Scan a new tube.' } },
  timeUp: { ...blue, edge: 'caution', sound: 'full', spoken: 'qingfengguan', title: { zh: '本管已 {minutes} 分钟，请封管', en: 'Tube open {minutes} min. Close it.' }, hint: { zh: '已按封管登记，盖好管盖，请扫新管', en: 'It is recorded as closed. Cap it and scan a new tube.' } },
  undone: { ...blue, symbol: '↩', sound: 'opened', title: { zh: '已撤销', en: 'Undone' } },
  notThem: { ...blue, symbol: '↩', sound: 'opened', title: { zh: '不是本人，已撤销', en: 'Not this person. Taken off.' }, hint: { zh: '请扫本人的码', en: "Scan this person's own code" } },
  moved: { ...blue, symbol: '⇄', sound: 'opened', title: { zh: '已改到管 ...{tail}', en: 'Moved to tube ...{tail}' } },
  staff: { ...blue, symbol: '◉', sound: 'opened', title: { zh: '工作牌 ...{tail}', en: 'Staff card ...{tail}' }, hint: { zh: '从现在起由此人记录', en: 'Records carry this card from now on' } },
  cancelled: { ...blue, symbol: '↩', sound: 'tick', title: { zh: '已取消', en: 'Cancelled' } },
  noTube: { ...amber, title: { zh: '先扫试管', en: 'Scan a tube first.' } },
  already: { ...amber, title: { zh: '已采过 不要再采', en: 'Already sampled. Do not swab.' }, hint: { zh: '确需复采：请负责人刷卡', en: 'On purpose: let the supervisor scan their card' } },
  staffFirst: { ...amber, title: { zh: '先扫工作牌', en: 'Scan your staff card first.' } },
  secondPerson: { ...amber, title: { zh: '此管已封，请第二人刷卡', en: 'This tube is closed. A second person must scan their card.' } },
  otherCard: { ...amber, title: { zh: '请另一个人刷卡', en: "Scan another person's card." } },
  undoTooLate: { ...amber, title: { zh: '超过 30 秒，请在名单中选人', en: 'More than 30 s ago. Choose from the list.' } },
  nothingToUndo: { ...amber, title: { zh: '没有可撤销的', en: 'Nothing to undo.' } },
  nothingToClose: { ...amber, title: { zh: '没有打开的试管', en: 'No tube is open.' } },
  countDiffers: { ...amber, title: { zh: '登记 {n} 支，数到 {counted} 支', en: '{n} on record, {counted} counted' }, hint: { zh: '请再数一次', en: 'Count again' } },
  notSure: { ...amber, title: { zh: '请再扫一次', en: 'Scan again.' }, hint: { zh: '服务说此人还没有采样', en: 'The service says this person has not been sampled' } },
  singleOnly: { ...red, title: { zh: '须单采 不可混管', en: 'Single tube only.' }, hint: { zh: '拿一支新管扫码，只给此人用', en: 'Scan a new tube for this person alone' } },
  otherRisk: { ...red, title: { zh: '风险类别不同 换管', en: 'Another risk group. Take another tube.' }, hint: { zh: '扫一支新管，此人自动计入', en: 'Scan a new tube; this person goes in first' } },
  otherHousehold: { ...blue, sound: 'full', title: { zh: '另一户 换新管', en: 'Another household. Scan a new tube.' }, hint: { zh: '上一管已封，扫新管后此人自动计入', en: 'The tube before is closed; this person goes into the new one first' } },
  party: { ...blue, sound: 'full', title: { zh: '同行 {party} 人放不下 换新管', en: 'Party of {party} does not fit. Scan a new tube.' }, hint: { zh: '本管已提前封，扫新管后此人自动计入', en: 'This tube is closed early; this person goes into the new one first' } },
  deceased: { ...red, title: { zh: '名单标注已故 停下核对', en: 'The list says deceased. Stop and check.' }, hint: { zh: '核对证件；不是本人请用证件登记', en: 'Check the document; register another person by theirs' } },
  wrongKind: { ...red, title: { zh: '这是{what}，请扫{want}', en: '{whatEn}. Scan {wantEn}.' } },
  unreadable: { ...red, sound: 'unreadable', title: { zh: '条码不完整 再扫一次', en: 'Incomplete. Scan again.' } },
  tubeUsed: { ...red, title: { zh: '此管已用过，换一支', en: 'Tube already used. Take another.' } },
  tubeGone: { ...red, title: { zh: '本管已封 此人没有计入', en: 'The tube is closed. This person is not counted.' }, hint: { zh: '请扫新管，再扫此人', en: 'Scan a new tube, then this person again' } },
  wrongFence: { ...red, title: { zh: '演练码与正式码不能混用', en: 'Rehearsal and real codes do not mix.' } },
  noRoster: { ...amber, title: { zh: '名单没有下载完', en: 'The list is not on this device yet.' }, hint: { zh: '连上网络，等名单下载完再扫', en: 'Connect, wait for the list, then scan again' } },
  unknownCommand: { ...red, title: { zh: '此页没有这个指令', en: 'This screen has no such command.' } },
  refused: { ...red, title: { zh: '{zh}', en: '{en}' }, hint: { zh: '{nextZh}', en: '{nextEn}' } },
} as const satisfies Record<string, Row>;

export type AnswerName = keyof typeof answers;

/** What a scanned code is, and what is wanted instead. */
export const things = dictionary({
  tube: { zh: '试管码', en: 'Tube code' },
  resident: { zh: '居民码', en: 'Resident code' },
  box: { zh: '箱码', en: 'Box code' },
  station: { zh: '采样台码', en: 'Station code' },
  device: { zh: '设备码', en: 'Device code' },
  staff: { zh: '工作牌', en: 'Staff card' },
  shopBarcode: { zh: '商品条码', en: 'Shop barcode' },
  aResident: { zh: '居民码', en: 'a resident' },
  aTube: { zh: '试管', en: 'a tube' },
});
