// Words of the laboratory, and every answer a scan can get there.

import { dictionary, type Phrase } from '../words/language.js';

export const words = dictionary({
  title: { zh: '实验室', en: 'Laboratory' },
  intake: { zh: '接收', en: 'Intake' },
  results: { zh: '登记结果', en: 'Results' },
  file: { zh: '结果文件', en: 'Result file' },
  held: { zh: '待复核', en: 'Held' },
  backlog: { zh: '积压', en: 'Backlog' },
  box: { zh: '当前箱', en: 'Box on the bench' },
  noBox: { zh: '桌上没有箱', en: 'No box on the bench' },
  unknownManifest: { zh: '清单还没到：先收下，按实物', en: 'No manifest yet: take in what is there' },
  missing: { zh: '还差 {n}', en: '{n} missing' },
  extra: { zh: '多出 {n}', en: '{n} unexpected' },
  fromBox: { zh: '属箱 ...{tail}', en: 'of box ...{tail}' },
  nobodys: { zh: '不在任何清单', en: 'on no manifest' },
  last: { zh: '最近', en: 'Last' },
  rejected: { zh: '拒收', en: 'Rejected' },
  damaged: { zh: '拒收 破损', en: 'Reject, damaged' },
  seal: { zh: '核对完毕', en: 'Done with the box' },
  more: { zh: '更多', en: 'More' },
  printMissing: { zh: '打印缺管单', en: 'Print what is missing' },
  chooseReason: { zh: '为什么拒收', en: 'Why is it rejected' },
  // results
  tube: { zh: '试管码', en: 'Tube' },
  scanTube: { zh: '扫试管，再选结果', en: 'Scan a tube, then choose its result' },
  run: { zh: '检测批次', en: 'Run' },
  runHint: { zh: '仪器批号，例如 PCR-0304-1', en: 'As the instrument names it, such as PCR-0304-1' },
  accession: { zh: '检验编号', en: 'Accession number' },
  accessionHint: { zh: '留空则用试管码', en: 'Left empty: the code of the tube' },
  tubeHint: { zh: '扫描，或输入管上的数字', en: 'Scan it, or type the digits on the tube' },
  hasResult: { zh: '已有结果：{result}；再登记一次就是更正', en: 'It has a result, {result}; another one is a correction' },
  swabs: { zh: '{n} 人混采', en: '{n} in one' },
  choose: { zh: '结果', en: 'Result' },
  recorded: { zh: '已登记：{result}', en: 'Recorded: {result}' },
  heldNow: { zh: '已登记，等第二人复核', en: 'Recorded; a second person must look' },
  parkedNow: { zh: '已暂存，等试管或站点', en: 'Parked until the tube or its site is here' },
  recent: { zh: '最近登记', en: 'Recorded last' },
  second: { zh: '第二人工作牌', en: 'Card of the second person' },
  secondHint: { zh: '非阴性要两人；留空则进入待复核', en: 'Anything but a negative needs two; left empty it is held' },
  runMissing: { zh: '先填检测批次', en: 'Give the run first' },
  // held
  heldTitle: { zh: '等两人复核的结果', en: 'Results that wait for two people' },
  why: { zh: '原因', en: 'Why' },
  result: { zh: '结果', en: 'Result' },
  release: { zh: '放行', en: 'Release' },
  by: { zh: '登记人', en: 'Recorded by' },
  testedAt: { zh: '检测时间', en: 'Tested' },
  reviewerOnly: { zh: '放行需审核人员登录', en: 'A reviewer must be signed in to release' },
  signedIn: { zh: '审核人 {account}', en: 'Reviewer {account}' },
  // file
  fileTitle: { zh: '结果文件（.xlsx 或 .csv）', en: 'A file of results (.xlsx or .csv)' },
  check: { zh: '检查文件', en: 'Check the file' },
  import: { zh: '登记这些结果', en: 'Record these results' },
  checking: { zh: '正在检查', en: 'Checking' },
  importing: { zh: '正在登记', en: 'Recording' },
  rowsIn: { zh: '文件共 {n} 行', en: '{n} rows in the file' },
  accepted: { zh: '可放行', en: 'Accepted' },
  parked: { zh: '暂存', en: 'Parked' },
  known: { zh: '已登记过', en: 'Known already' },
  refused: { zh: '被拒', en: 'Refused' },
  faulty: { zh: '有错', en: 'Faulty' },
  row: { zh: '行', en: 'Row' },
  problem: { zh: '问题', en: 'Problem' },
  suggestion: { zh: '是否为', en: 'Perhaps' },
  errorFile: { zh: '下载带错误列的文件', en: 'Download the file with a column of faults' },
  nothingNew: { zh: '全部已登记过，没有变化', en: 'All of it is on record: no change' },
  sumsUp: { zh: '合计 {sum} = 文件行数', en: 'Together {sum} = rows of the file' },
  // backlog
  toReceive: { zh: '待接收', en: 'To receive' },
  toTest: { zh: '待检测', en: 'To test' },
  toRelease: { zh: '待放行', en: 'To release' },
  area: { zh: '区域', en: 'Area' },
  capacity: { zh: '每小时能检测多少管', en: 'Tubes tested in an hour' },
  clearBy: { zh: '按此速度约 {n} 小时清完', en: 'At that rate about {n} hours of work' },
  unregistered: { zh: '站点未同步 {n} 支', en: '{n} tubes no site has told of' },
});

export const resultWords = dictionary({
  negative: { zh: '未检出', en: 'Negative' },
  positive: { zh: '检出', en: 'Positive' },
  inconclusive: { zh: '可疑', en: 'Inconclusive' },
  invalid: { zh: '无效', en: 'Invalid' },
});

/** Why a result does not leave yet (domain/reasons.ts `resultWaits`). */
export const waitWords = dictionary({
  not_received: { zh: '试管还没接收', en: 'The tube has not been received' },
  unregistered: { zh: '站点还没报过此管', en: 'No site has told of the tube' },
  second_person: { zh: '等第二人', en: 'A second person has to look' },
  conflict: { zh: '与已有结果矛盾', en: 'Contradicts another result' },
  before_sampling: { zh: '检测早于采样', en: 'Tested before it was sampled' },
  accession_differs: { zh: '检验编号不一致', en: 'The accession number differs' },
  contested: { zh: '两个区域都登记了此管', en: 'Two areas call the tube theirs' },
});

interface LabRow {
  tone: 'ok' | 'info' | 'caution' | 'stop' | 'plain';
  symbol: string;
  title: Phrase;
  hint?: Phrase;
  sound: 'ok' | 'opened' | 'full' | 'caution' | 'wrong' | 'unreadable' | 'tick' | undefined;
}
const green = { tone: 'ok', symbol: '✓', sound: 'ok' } as const;
const blue = { tone: 'info', symbol: '▣', sound: 'opened' } as const;
const amber = { tone: 'caution', symbol: '!', sound: 'caution' } as const;
const red = { tone: 'stop', symbol: '✕', sound: 'wrong' } as const;

export const answers = {
  start: { tone: 'plain', symbol: '▣', title: { zh: '扫箱码开始', en: 'Scan a box to start' }, hint: { zh: '箱 → 试管 → 再扫箱', en: 'Box, tubes, the box again' }, sound: undefined },
  goOn: { tone: 'plain', symbol: '▣', title: { zh: '接着扫试管', en: 'Go on scanning tubes' }, hint: { zh: '这个箱还没有核对完', en: 'This box is not done yet' }, sound: undefined },
  boxHere: { ...blue, title: { zh: '箱 ...{tail}，请扫试管', en: 'Box ...{tail}. Scan its tubes.' } },
  boxAgain: { ...blue, sound: 'tick', title: { zh: '箱 ...{tail} 已接收，接着扫', en: 'Box ...{tail} is here already. Go on.' } },
  expected: { ...green, title: { zh: '{n} / {all}', en: '{n} / {all}' } },
  counted: { ...green, title: { zh: '第 {n} 支', en: 'No. {n}' }, hint: { zh: '清单还没到，先收下', en: 'No manifest yet: taken in' } },
  extra: { ...amber, title: { zh: '多出 放到右边', en: 'Unexpected. Put it aside.' }, hint: { zh: '不在清单上，先收下，等站点同步', en: 'On no manifest; taken in until its site has sent' } },
  alone: { ...green, title: { zh: '单管已接收', en: 'Single tube taken in' }, hint: { zh: '没有箱', en: 'Without a box' } },
  already: { tone: 'info', symbol: '✓', sound: 'tick', title: { zh: '已接收过', en: 'Already received' } },
  closeFirst: { ...amber, title: { zh: '先核对箱 ...{tail}', en: 'Finish box ...{tail} first' }, hint: { zh: '再扫一次那个箱', en: 'Scan that box again' } },
  missing: { ...amber, title: { zh: '还差 {n} 支', en: '{n} missing' }, hint: { zh: '找一找。确实没有，再扫一次箱；会登记缺管', en: 'Look again. If they are not there, scan the box once more: they will be on record as missing.' } },
  done: { ...blue, sound: 'full', title: { zh: '核对完毕 {n} 支', en: 'Done: {n} tubes' } },
  doneMissing: { ...red, sound: 'full', title: { zh: '核对完毕，缺 {n} 支', en: 'Done, {n} missing' }, hint: { zh: '站点会看到；按 F7 打印缺管单', en: 'The site is told; F7 prints the list' } },
  rejectArmed: { ...amber, title: { zh: '扫要拒收的试管', en: 'Scan the tube to reject' }, hint: { zh: '{reason}；按 Esc 取消', en: '{reasonEn}; Esc cancels' } },
  rejected: { ...red, sound: 'full', title: { zh: '已拒收 ...{tail}', en: 'Rejected ...{tail}' }, hint: { zh: '它的人会被召回单采', en: 'Its people will be called back for a single swab' } },
  noBoxToClose: { ...amber, title: { zh: '桌上没有箱', en: 'No box on the bench' } },
  staff: { ...blue, symbol: '☺', title: { zh: '工作牌 ...{tail}', en: 'Staff card ...{tail}' } },
  staffFirst: { ...amber, title: { zh: '先扫工作牌', en: 'Scan your staff card first.' } },
  cancelled: { ...blue, symbol: '↩', sound: 'tick', title: { zh: '已取消', en: 'Cancelled' } },
  wrongKind: { ...red, title: { zh: '{what}，不是这里要的', en: '{whatEn}: not what is needed here' } },
  wrongFence: { ...red, title: { zh: '演练码与正式码不能混用', en: 'Rehearsal and real codes do not mix.' } },
  unreadable: { ...red, sound: 'unreadable', title: { zh: '条码不完整 再扫一次', en: 'Incomplete. Scan again.' } },
  unknownCommand: { ...red, title: { zh: '此页没有这个指令', en: 'This screen has no such command.' } },
  refused: { ...red, title: { zh: '{zh}', en: '{en}' }, hint: { zh: '{nextZh}', en: '{nextEn}' } },
} as const satisfies Record<string, LabRow>;
export type LabAnswer = keyof typeof answers;
