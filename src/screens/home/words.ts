// Words of the first page: what each screen is for.

import { dictionary } from '../words/language.js';

export const words = dictionary({
  title: { zh: '从哪里开始', en: 'Where to begin' },
  pair: { zh: '配对这台设备', en: 'Pair this device' },
  pairFor: { zh: '采样台、登记台、装箱、转运、实验室的平板第一次使用', en: 'A tablet of a station, a desk, a packer, a courier or a laboratory, for the first time' },
  station: { zh: '采样台', en: 'Sampling station' },
  stationFor: { zh: '扫试管，扫十个人，扫下一支', en: 'Scan a tube, scan ten people, scan the next' },
  desk: { zh: '登记台', en: 'Check-in desk' },
  deskFor: { zh: '取号、叫号、转台', en: 'Tickets, calls, changes of table' },
  call: { zh: '叫号屏', en: 'Calling screen' },
  callFor: { zh: '排队的人看和听', en: 'What those who wait see and hear' },
  pack: { zh: '装箱与转运', en: 'Packing and courier' },
  packFor: { zh: '扫箱，扫管，再扫箱', en: 'Scan the box, the tubes, the box again' },
  lab: { zh: '实验室', en: 'Laboratory' },
  labFor: { zh: '接收、核对、登记结果', en: 'Receive, compare, record results' },
  admin: { zh: '指挥部', en: 'Command post' },
  adminFor: { zh: '轮次、名单、采样点、设备；当天的矛盾、缺采、召回', en: 'Round, roster, sites, devices; discrepancies, missing people and recalls of the day' },
  me: { zh: '居民查询', en: 'For residents' },
  meFor: { zh: '我的号、要等多久、采了没有、结果', en: 'My number, the wait, whether I was swabbed, my result' },
  wall: { zh: '大屏', en: 'Wall' },
  wallFor: { zh: '整场的数字，每秒更新', en: 'The whole drive in figures, every second' },
});
