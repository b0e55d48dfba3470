// Words of the calling screen: large, few, in both languages at once.

import { dictionary } from '../words/language.js';

export const words = dictionary({
  title: { zh: '叫号屏', en: 'Calling screen' },
  now: { zh: '请 {number} 号', en: 'Now calling {number}' },
  to: { zh: '到 {station} 号台', en: 'to station {station}' },
  last: { zh: '刚才叫到', en: 'Called before' },
  waiting: { zh: '等候', en: 'Waiting' },
  minutes: { zh: '现在来约需', en: 'Wait from now' },
  minutesOf: { zh: '{n} 分钟', en: '{n} min' },
  closed: { zh: '没有开放的台', en: 'No station open' },
  nobody: { zh: '还没有叫号', en: 'Nobody called yet' },
  tapForSound: { zh: '点一下屏幕打开声音', en: 'Tap for sound' },
  stale: { zh: '信号中断，请听工作人员', en: 'Signal lost. Listen to the staff.' },
  chooseSite: { zh: '地址里请写采样点：/call?site=', en: 'Name the site in the address: /call?site=' },
  notPaired: { zh: '这块屏还没有配对', en: 'This screen has not been paired' },
  toPair: { zh: '去配对', en: 'Pair this screen' },
});
