// What a resident reads: Chinese with the English below it, or English alone. Short, and without the words of the laboratory.

export interface Said {
  zh: string;
  en: string;
}

const said = (zh: string, en: string): Said => ({ zh, en });

export const words = {
  title: said('我的采样', 'My swab'),
  language: said('English', '中文'),
  voice: said('读给我听', 'Read it to me'),

  askCode: said('您卡上的号码是多少？', 'What is the number on your card?'),
  codeLabel: said('卡上的 12 位数字，或扫卡上的二维码', 'The 12 digits on your card, or scan its code'),
  noCard: said('没有卡？用证件查', 'No card? Use your document'),
  haveCard: said('有卡？用卡上的号码查', 'Have a card? Use its number'),
  askDocument: said('您的证件号码是多少？', 'What is the number of your document?'),
  documentLabel: said('身份证或其他证件号码', 'Identity card or other document'),
  phoneLabel: said('登记的手机号后四位', 'Last four digits of the phone you registered'),
  askProof: said('想看结果吗？', 'Do you want to see your result?'),
  proofLabel: said('登记的手机号后四位，或证件号后四位', 'Last four of the phone you registered, or of your document'),
  look: said('查询', 'Look'),
  again: said('再查一次', 'Look again'),
  start: said('查另一个人', 'Look for somebody else'),

  codeMistyped: said('号码没有输对，请照卡再输一遍', 'The number is not right. Copy it from your card again.'),
  proofMistyped: said('请输入四位', 'Give four digits.'),
  notFound: said('没有查到。请核对号码；仍查不到，请问现场工作人员。', 'Nothing found. Check what you typed, or ask the staff.'),
  tooOften: said('查得太多了，请过一会儿再查。', 'Too many tries. Please wait a while.'),
  busy: said('现在很忙，采样优先。请一分钟后再查。', 'We are busy and swabs go first. Look again in a minute.'),
  erased: said('本轮的个人信息已销毁。', 'The personal data of this round has been erased.'),

  number: said('您的号', 'Your number'),
  ahead: said('前面还有', 'People ahead of you'),
  people: said('{n} 人', '{n}'),
  minutes: said('大约还要', 'About'),
  minutesValue: said('{n} 分钟', '{n} min'),
  table: said('请到', 'Go to table'),
  called: said('正在叫您，请现在过去', 'You are being called. Please go now.'),
  kept: said('叫过您了，请找工作人员', 'You were called. Please see the staff.'),
  noTicket: said('还没有取号', 'No number yet'),
  excused: said('本轮您不用来', 'You need not come this round'),
  sampled: said('已采样', 'Swab taken'),
  notSampled: said('还没有采样', 'No swab yet'),
  sampledWhere: said('{time}，{site} {station} 号台', '{time}, {site}, table {station}'),

  result: said('结果', 'Result'),
  negative: said('未检出', 'Negative'),
  pooled: said('{n} 人混检', 'pooled, {n} in 1'),
  single: said('单人单管', 'tested alone'),
  inProcess: said('检测中', 'In process'),
  contact: said('请等待工作人员联系', 'Staff will contact you'),
  noResult: said('还没有采样', 'No swab yet'),

  waits: said('排队情况', 'Waiting times'),
  free: said('不用等', 'Free'),
  busySite: said('要等一会', 'Busy'),
  crowded: said('人很多', 'Crowded'),
  closed: said('没有开', 'Closed'),
  refresh: said('刷新', 'Refresh'),
  noSuchPlace: said('没有这个轮次或区域', 'There is no such round or area'),
  at: said('{time} 的情况', 'As of {time}'),
  rehearsal: said('演练', 'Rehearsal'),
} as const satisfies Record<string, Said>;
