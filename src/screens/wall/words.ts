// Words of the wall.

import { dictionary } from '../words/language.js';

export const words = dictionary({
  title: { zh: '指挥大屏', en: 'Wall' },
  pairOrSignIn: { zh: '请把这块屏配对为大屏，或登录', en: 'Pair this screen as a wall, or sign in' },
  pairHere: { zh: '配对这块屏', en: 'Pair this screen' },
  chooseCell: { zh: '看哪个轮次和区域', en: 'Which round and area' },
  noCell: { zh: '还没有开启的轮次', en: 'No round is open yet' },
  closed: { zh: '已结束', en: 'Closed' },
  connecting: { zh: '正在连接', en: 'Connecting' },
  ageSeconds: { zh: '数据 {n} 秒前', en: 'Data {n} s old' },
  ageMinutes: { zh: '数据 {n} 分钟前', en: 'Data {n} min old' },
  stale: { zh: '信号中断，数字停在 {time}', en: 'Signal lost; figures of {time}' },

  alarmOff: { zh: '警报声 关', en: 'Alarm off' },
  alarmOn: { zh: '警报声 开', en: 'Alarm on' },
  alarmTouch: { zh: '点一下打开声音', en: 'Tap for sound' },

  sampled: { zh: '已采样', en: 'Sampled' },
  ofExpected: { zh: '应采 {n}', en: 'of {n}' },
  provisional: { zh: '暂计，约 {n} 条未到', en: 'Provisional, about {n} to come' },
  finish: { zh: '预计完成', en: 'Expected finish' },
  earliest: { zh: '最早 {time}', en: 'earliest {time}' },
  latest: { zh: '最迟 {time}', en: 'latest {time}' },
  unknown: { zh: '无法估计', en: 'Unknown' },
  overADay: { zh: '一天以上', en: 'Over a day' },
  done: { zh: '已完成', en: 'Done' },

  rate: { zh: '每分钟采样', en: 'Swabs a minute' },
  needed: { zh: '需要 {n}，{time} 前完成', en: 'Needed {n}, by {time}' },
  noTarget: { zh: '未设目标时间', en: 'No finish time set' },
  targetPassed: { zh: '目标时间 {time} 已过', en: 'Past the target, {time}' },
  rateLine: { zh: '每分钟采样 {n}，需要 {needed}', en: 'Swabs a minute: {n}, needed {needed}' },
  waiting: { zh: '排队 {n} 人', en: '{n} waiting' },

  tubes: { zh: '试管', en: 'Tubes' },
  toBox: { zh: '待装箱', en: 'To box' },
  onRoad: { zh: '在途', en: 'On the road' },
  atLab: { zh: '实验室', en: 'At the lab' },
  resulted: { zh: '已出结果', en: 'Results' },
  boxesOnRoad: { zh: '{n} 箱', en: '{n} boxes' },
  sealedLine: { zh: '封管 {n}', en: 'Sealed {n}' },
  receivedLine: { zh: '实验室已收 {n}', en: 'Received {n}' },
  tubesLine: { zh: '封管 {sealed} 支，实验室已收 {received} 支', en: '{sealed} tubes sealed, {received} received by the laboratory' },

  stations: { zh: '采样台 {n}', en: 'Stations {n}' },
  page: { zh: '{a} / {b} 页', en: '{a} / {b}' },
  working: { zh: '正常', en: 'working' },
  slow: { zh: '慢', en: 'slow' },
  stalled: { zh: '停', en: 'stop' },
  silent: { zh: '离', en: 'off' },
  paused: { zh: '休', en: 'rest' },
  draining: { zh: '收', en: 'last' },
  closedStation: { zh: '关', en: 'shut' },

  villages: { zh: '各村', en: 'Villages, worst first' },

  late: { zh: '超时试管', en: 'Late tubes' },
  noneLate: { zh: '没有超时的试管', en: 'No tube is late' },
  discrepancies: { zh: '矛盾待处理', en: 'Discrepancies' },
  recalls: { zh: '召回已找到', en: 'Recalled' },
  ofPeople: { zh: '{a} / {b}', en: '{a} of {b}' },
  positives: { zh: '阳性混管', en: 'Positive pools' },
  fewerThanFive: { zh: '少于 5', en: 'under 5' },
  silentDevices: { zh: '没有消息的设备', en: 'Silent devices' },
  silentFor: { zh: '{n} 分钟', en: '{n} min' },
  owes: { zh: '欠 {n} 条', en: 'owes {n}' },
});

/** Where a late tube is. */
export const places = dictionary({
  open: { zh: '台上', en: 'table' },
  sealed: { zh: '待装箱', en: 'to box' },
  boxed: { zh: '箱内', en: 'boxed' },
  onRoad: { zh: '在途', en: 'road' },
  arrived: { zh: '待清点', en: 'arrived' },
  missing: { zh: '找不到', en: 'missing' },
});
