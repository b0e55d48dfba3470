// Words of packing and of the courier, and every answer a scan can get there.

import { dictionary, type Phrase } from '../words/language.js';

export const words = dictionary({
  packing: { zh: '装箱', en: 'Packing' },
  courier: { zh: '转运', en: 'Courier' },
  box: { zh: '当前箱', en: 'Current box' },
  noBox: { zh: '没有打开的箱', en: 'No box is open' },
  inBox: { zh: '箱内 {n} 支', en: '{n} in the box' },
  ofSystem: { zh: '系统应有 {n} 支', en: '{n} by the system' },
  unknownTotal: { zh: '离线，系统应有数未知', en: 'Offline: the system’s count is not known' },
  toPack: { zh: '待装箱 {n} 支', en: '{n} tubes wait for a box' },
  lastTubes: { zh: '最近装入', en: 'Packed last' },
  doneBoxes: { zh: '已封箱', en: 'Sealed boxes' },
  tubes: { zh: '{n} 支', en: '{n} tubes' },
  with: { zh: '在 ...{tail} 手中', en: 'with ...{tail}' },
  notHandedOver: { zh: '未交接', en: 'not handed over' },
  undo: { zh: '取出上一支', en: 'Take the last one out' },
  leaked: { zh: '报告泄漏', en: 'Report a leak' },
  seal: { zh: '封箱', en: 'Seal the box' },
  manifest: { zh: '清单', en: 'Manifest' },
  manifestOf: { zh: '箱 ...{tail} 的清单', en: 'Manifest of box ...{tail}' },
  manifestFor: { zh: '没有网络时，接收人扫这个码', en: 'Without a network, whoever takes the box scans this code' },
  printTitle: { zh: '装箱清单', en: 'Box manifest' },
  tube: { zh: '试管', en: 'Tube' },
  tick: { zh: '核对', en: 'Tick' },
  sender: { zh: '交出人', en: 'Handed over by' },
  carrier: { zh: '转运人', en: 'Carried by' },
  receiver: { zh: '接收人', en: 'Received by' },
  signature: { zh: '签名和时间', en: 'Signature and time' },
  more: { zh: '更多', en: 'More' },
  boxesOnRoad: { zh: '我手中的箱', en: 'Boxes I carry' },
});

type Tone = 'ok' | 'info' | 'caution' | 'stop' | 'plain';
export interface PackRow {
  tone: Tone;
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
  start: { tone: 'plain', symbol: '▣', title: { zh: '扫箱码开始', en: 'Scan a box to start' }, hint: { zh: '先扫工作牌，再扫箱，再扫管', en: 'Your staff card, then the box, then the tubes' }, sound: undefined },
  startCourier: { tone: 'plain', symbol: '⇄', title: { zh: '扫工作牌，再扫箱', en: 'Scan your card, then the box' }, hint: { zh: '扫一次箱就接过它', en: 'One scan of a box takes it over' }, sound: undefined },
  goOn: { tone: 'plain', symbol: '▣', title: { zh: '接着扫试管', en: 'Go on scanning tubes' }, hint: { zh: '这个箱还没有封', en: 'This box is not sealed yet' }, sound: undefined },
  boxOpened: { ...blue, title: { zh: '箱 ...{tail}，请扫试管', en: 'Box ...{tail}. Scan tubes.' } },
  boxJoined: { ...blue, title: { zh: '接着装箱 ...{tail}，已有 {n} 支', en: 'Going on with box ...{tail}, {n} in it' } },
  packed: { ...green, title: { zh: '第 {n} 支', en: 'No. {n}' } },
  packedUnknown: { ...green, title: { zh: '第 {n} 支', en: 'No. {n}' }, hint: { zh: '服务还不认识这支管：已记下，等采样台上传', en: 'The service does not know this tube yet: noted, until its station has sent' } },
  already: { tone: 'info', symbol: '✓', sound: 'tick', title: { zh: '已在这个箱里', en: 'Already in this box' } },
  otherBox: { ...red, title: { zh: '此管在箱 ...{tail}', en: 'This tube is in box ...{tail}' }, hint: { zh: '放回去；确实在这里，再扫一次它', en: 'Put it back. If it truly belongs here, scan it once more.' } },
  moved: { ...blue, title: { zh: '已从箱 ...{tail} 移到这里', en: 'Moved here from box ...{tail}' } },
  takenOut: { ...blue, symbol: '↩', title: { zh: '已取出 ...{tail}', en: 'Taken out: ...{tail}' } },
  nothingToUndo: { ...amber, title: { zh: '没有可取出的', en: 'Nothing to take out' } },
  noBox: { ...amber, title: { zh: '先扫箱码', en: 'Scan a box first.' } },
  closeFirst: { ...amber, title: { zh: '先封箱 ...{tail}', en: 'Seal box ...{tail} first' }, hint: { zh: '再扫一次那个箱', en: 'Scan that box again' } },
  boxEmpty: { ...amber, title: { zh: '箱里没有试管', en: 'No tube in this box' } },
  countBench: { ...amber, title: { zh: '{n} / 系统应有 {all}', en: '{n} / {all} by the system' }, hint: { zh: '桌上数一数。没有漏的，再扫一次箱封箱', en: 'Count the tubes on the bench. If none is left, scan the box again to seal it.' } },
  countDiffers: { ...amber, title: { zh: '登记 {recorded} 支，扫到 {n} 支', en: '{recorded} on record, {n} scanned' }, hint: { zh: '逐管核对。实物就是 {n} 支，再扫一次箱', en: 'Compare tube by tube. If {n} it is, scan the box once more.' } },
  sealed: { ...blue, sound: 'full', title: { zh: '已封箱 {n} 支', en: 'Sealed with {n}' }, hint: { zh: '贴封条。交出时请接收人刷卡', en: 'Put the seal on. At the hand-over the receiver scans their card.' } },
  leakArmed: { ...amber, title: { zh: '扫泄漏的试管', en: 'Scan the leaking tube' }, hint: { zh: '它的人会被召回单采；按 Esc 取消', en: 'Its people will be called back for a single swab; Esc cancels' } },
  leakReported: { ...red, sound: 'full', title: { zh: '已报泄漏 ...{tail}', en: 'Leak reported: ...{tail}' }, hint: { zh: '单独装袋，不要放进箱里', en: 'Bag it apart; it does not go into the box' } },
  staff: { ...blue, symbol: '☺', title: { zh: '工作牌 ...{tail}', en: 'Staff card ...{tail}' } },
  staffFirst: { ...amber, title: { zh: '先扫工作牌', en: 'Scan your staff card first.' } },
  handedOver: { ...blue, symbol: '⇄', sound: 'full', title: { zh: '箱 ...{tail} 交给 ...{to}', en: 'Box ...{tail} to ...{to}' }, hint: { zh: '请对方在自己的设备上扫箱确认', en: 'The other person confirms by scanning the box on their device' } },
  takenOver: { ...green, symbol: '⇄', sound: 'full', title: { zh: '箱 ...{tail} 已接过', en: 'Box ...{tail} is yours' }, hint: { zh: '双方都已确认', en: 'Both sides have said so' } },
  takenOverAlone: { ...blue, symbol: '⇄', sound: 'full', title: { zh: '箱 ...{tail} 已接过', en: 'Box ...{tail} is yours' }, hint: { zh: '还等交出人确认', en: 'Who gave it has still to confirm' } },
  giverWanted: { ...amber, symbol: '⇄', title: { zh: '请交出人刷卡', en: 'Let the giver scan their card' }, hint: { zh: '箱 ...{tail}', en: 'Box ...{tail}' } },
  receiverWanted: { ...amber, symbol: '⇄', title: { zh: '请接收人刷卡', en: 'Let the receiver scan their card' }, hint: { zh: '箱 ...{tail} 在你手中', en: 'You hold box ...{tail}' } },
  otherCard: { ...amber, title: { zh: '请另一个人刷卡', en: "Scan another person's card." } },
  cancelled: { ...blue, symbol: '↩', sound: 'tick', title: { zh: '已取消', en: 'Cancelled' } },
  nothingToSeal: { ...amber, title: { zh: '没有打开的箱', en: 'No box is open' } },
  wrongKind: { ...red, title: { zh: '{what}，不是这里要的', en: '{whatEn}: not what is needed here' } },
  unreadable: { ...red, sound: 'unreadable', title: { zh: '条码不完整 再扫一次', en: 'Incomplete. Scan again.' } },
  wrongFence: { ...red, title: { zh: '演练码与正式码不能混用', en: 'Rehearsal and real codes do not mix.' } },
  unknownCommand: { ...red, title: { zh: '此页没有这个指令', en: 'This screen has no such command.' } },
  refused: { ...red, title: { zh: '{zh}', en: '{en}' }, hint: { zh: '{nextZh}', en: '{nextEn}' } },
} as const satisfies Record<string, PackRow>;
export type PackAnswer = keyof typeof answers;

export const things = dictionary({
  resident: { zh: '这是居民码', en: 'A resident’s code' },
  station: { zh: '这是采样台码', en: 'A station’s code' },
  device: { zh: '这是设备码', en: 'A device code' },
  document: { zh: '这是证件', en: 'A document' },
  shopBarcode: { zh: '这是商品条码', en: 'A shop barcode' },
  tube: { zh: '这是试管码', en: 'A tube’s code' },
});
