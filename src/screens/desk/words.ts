// Words of the check-in desk, and every answer it gives.

import { dictionary, type Phrase } from '../words/language.js';

export const words = dictionary({
  title: { zh: '登记台', en: 'Check-in desk' },
  stations: { zh: '采样台', en: 'Stations' },
  station: { zh: '台', en: 'Station' },
  waiting: { zh: '等候 {n}', en: '{n} waiting' },
  called: { zh: '已叫 {n}', en: '{n} called' },
  calledNow: { zh: '已叫号', en: 'Called' },
  skipped: { zh: '过号', en: 'Skipped' },
  nobodyCalled: { zh: '还没有叫号', en: 'Nobody called yet' },
  seconds: { zh: '{n} 秒/人', en: '{n} s each' },
  drainedOf: { zh: '还有 {n} 人等候', en: '{n} still wait' },
  callNext: { zh: '叫下一位', en: 'Call next' },
  repeat: { zh: '再叫一遍', en: 'Call again' },
  absent: { zh: '未到', en: 'Absent' },
  move: { zh: '转台', en: 'Move' },
  moveTo: { zh: '转到哪个台', en: 'To which station' },
  tableState: { zh: '停台 开台', en: 'Pause, open' },
  tableStateOf: { zh: '采样台 {station}', en: 'Station {station}' },
  open: { zh: '开台', en: 'Open' },
  pause: { zh: '暂停', en: 'Pause' },
  drain: { zh: '不再收人', en: 'Take nobody new' },
  close: { zh: '关台', en: 'Close' },
  priority: { zh: '优先', en: 'Priority' },
  family: { zh: '同行', en: 'Together' },
  familyOf: { zh: '同行 {n} 人，取号按确定', en: 'Together: {n}. Confirm to issue.' },
  issue: { zh: '取号', en: 'Issue' },
  noCode: { zh: '无码', en: 'No code' },
  more: { zh: '更多', en: 'More' },
  letter: { zh: '本台号头字母', en: 'Letter of this desk’s numbers' },
  letterHint: { zh: '一个采样点里每个登记台一个，不能相同', en: 'One for each desk of a site, no two alike' },
  lookedUp: { zh: '{at} 更新', en: 'as of {at}' },
  offlineQueue: { zh: '离线：排队情况不再更新', en: 'Offline: the queue is not told any more' },
  ticketOf: { zh: '采样号', en: 'Ticket' },
  goTo: { zh: '请到 {station} 号台', en: 'Go to station {station}' },
  listen: { zh: '请听叫号', en: 'Wait for your number' },
  about: { zh: '约 {n} 分钟', en: 'about {n} min' },
  printTicket: { zh: '打印号票', en: 'Print the ticket' },
});

export const priorityWords = dictionary({
  none: { zh: '普通', en: 'None' },
  pregnant: { zh: '孕妇', en: 'Pregnant' },
  over80: { zh: '八十岁以上', en: 'Over 80' },
  disabled: { zh: '残障', en: 'Disabled' },
  infant: { zh: '婴幼儿', en: 'Infant' },
});
export type Priority = keyof typeof priorityWords;
export const priorities = Object.keys(priorityWords) as Priority[];

export const stateWords = dictionary({
  open: { zh: '开放', en: 'open' },
  paused: { zh: '暂停', en: 'paused' },
  draining: { zh: '不再收人', en: 'draining' },
  closed: { zh: '关闭', en: 'closed' },
  stalled: { zh: '停滞', en: 'stalled' },
});

interface DeskRow {
  tone: 'ok' | 'info' | 'caution' | 'stop' | 'plain';
  symbol: string;
  title: Phrase;
  hint?: Phrase;
  sound: 'ok' | 'opened' | 'caution' | 'wrong' | 'unreadable' | 'tick' | undefined;
}
const green = { tone: 'ok', symbol: '✓', sound: 'ok' } as const;
const blue = { tone: 'info', symbol: '▸', sound: 'opened' } as const;
const amber = { tone: 'caution', symbol: '!', sound: 'caution' } as const;
const red = { tone: 'stop', symbol: '✕', sound: 'wrong' } as const;

export const answers = {
  start: { tone: 'plain', symbol: '', title: { zh: '扫居民码取号', en: 'Scan a resident for a ticket' }, hint: { zh: '或身份证；几个人一起来先按“同行”', en: 'Or a document; press Together for a family first' }, sound: undefined },
  asking: { ...blue, symbol: '…', title: { zh: '{number}', en: '{number}' }, hint: { zh: '正在分台', en: 'Finding a station' } },
  issued: { ...green, title: { zh: '{number} → {station} 号台', en: '{number} → station {station}' }, hint: { zh: '前面 {ahead} 人，约 {minutes} 分钟', en: '{ahead} ahead, about {minutes} min' } },
  issuedHere: { ...green, title: { zh: '{number}', en: '{number}' }, hint: { zh: '号已记下；请听叫号，或到任一开放的台', en: 'The number is noted. Wait for the call, or go to any open station.' } },
  added: { ...blue, symbol: '+', title: { zh: '同行第 {n} 人', en: 'Together: No. {n}' }, hint: { zh: '接着扫；取号按确定', en: 'Scan the next; confirm to issue' } },
  familyOn: { ...blue, symbol: '+', title: { zh: '同行：依次扫每个人', en: 'Together: scan each of them' } },
  familyEmpty: { ...amber, title: { zh: '还没有扫人', en: 'Nobody scanned yet' } },
  called: { ...blue, title: { zh: '{number} 请到 {station} 号台', en: '{number} to station {station}' } },
  absent: { ...blue, symbol: '↷', title: { zh: '{number} 未到，排到后面', en: '{number} absent, back in the queue' } },
  skipped: { ...amber, title: { zh: '{number} 过号，重新扫码可再排', en: '{number} skipped; scanned again they queue anew' } },
  moved: { ...blue, symbol: '⇄', title: { zh: '{number} 转到 {station} 号台', en: '{number} moved to station {station}' } },
  tableChanged: { ...blue, title: { zh: '{station} 号台：{state}', en: 'Station {station}: {stateEn}' } },
  already: { ...amber, title: { zh: '已采过 不用再排', en: 'Already sampled. No ticket.' } },
  hasTicket: { ...amber, title: { zh: '已有号 {number}', en: 'Has a ticket: {number}' }, hint: { zh: '在 {station} 号台', en: 'at station {station}' } },
  deceased: { ...red, title: { zh: '名单标注已故 停下核对', en: 'The list says deceased. Stop and check.' } },
  notListed: { ...amber, title: { zh: '名单上没有此人', en: 'Not on the list' }, hint: { zh: '按“无码”登记', en: 'Register with No code' } },
  noStation: { ...amber, title: { zh: '先选采样台', en: 'Choose a station first' } },
  nobodyChosen: { ...amber, title: { zh: '没有已叫的号', en: 'Nobody was called' } },
  staff: { ...blue, symbol: '☺', title: { zh: '工作牌 ...{tail}', en: 'Staff card ...{tail}' } },
  cancelled: { ...blue, symbol: '↩', sound: 'tick', title: { zh: '已取消', en: 'Cancelled' } },
  wrongKind: { ...red, title: { zh: '请扫居民码', en: 'Scan a resident' } },
  otherRound: { ...red, title: { zh: '这张卡是另一种轮次的', en: 'This card is of the other kind of round' } },
  unreadable: { ...red, sound: 'unreadable', title: { zh: '条码不完整 再扫一次', en: 'Incomplete. Scan again.' } },
  offline: { ...amber, title: { zh: '现在离线，叫号请用口头', en: 'Offline: call by voice' } },
  refused: { ...red, title: { zh: '{zh}', en: '{en}' }, hint: { zh: '{nextZh}', en: '{nextEn}' } },
} as const satisfies Record<string, DeskRow>;
export type DeskAnswer = keyof typeof answers;
