// What the loudspeaker says: places and times, in words that can be read aloud, and nothing about anybody.

import t from 'tap';
import { type Broadcast, broadcastKinds, chatText, loudspeakerText } from '../../src/domain/broadcast.js';

const school = { name: '北义小学', waitSeconds: 13 * 60 };
const base: Broadcast = { kind: 'turn', groups: [{ villages: ['北义村', '南义村'], place: school }], told: '07:05', rehearsal: false };

t.test('a turn says who, where and how long, in both languages', async (t) => {
  const { zh, en } = loudspeakerText(base);
  t.equal(zh, '北义村、南义村的居民请注意：请现在到北义小学采样。目前大约等候 15 分钟。请带身份证，戴好口罩，一家人一起来。');
  t.match(en, /^Residents of 北义村 and 南义村: please come to 北义小学 now to be sampled\. The wait is about 15 minutes\./);
  t.match(loudspeakerText({ ...base, at: '08:30' }).zh, /请在 08:30 到北义小学采样/);
});

t.test('a wait is told as people say it, and not where nobody can know it', async (t) => {
  const told = (waitSeconds: number | undefined) => loudspeakerText({ ...base, groups: [{ villages: ['北义村'], place: { name: '北义小学', waitSeconds } }] }).zh;
  t.match(told(90), /基本不用等候/);
  t.match(told(5 * 60), /大约等候 5 分钟/);
  t.match(told(61 * 60), /大约等候 65 分钟/);
  t.notMatch(told(undefined), /等候/);
});

t.test('a site that closes, one that has moved, and those who have not come', async (t) => {
  const closing = loudspeakerText({ ...base, kind: 'closing', at: '17:30', groups: [{ villages: [], from: school }] });
  t.match(closing, { zh: /^全体居民请注意：北义小学今天 17:30 结束采样/, en: /^All residents: 北义小学 closes at 17:30 today/ });
  t.match(loudspeakerText({ ...base, kind: 'closing', groups: [{ villages: [], from: school }] }).zh, /北义小学即将结束采样/);
  const moved = loudspeakerText({ ...base, kind: 'moved', groups: [{ villages: ['北义村'], from: school, place: { name: '文化广场', waitSeconds: 0 } }] });
  t.match(moved, { zh: /北义小学现在不再采样，请改到文化广场采样。目前基本不用等候。已经取号的，号码继续有效/, en: /Please go to 文化广场 instead/ });
  t.match(loudspeakerText({ ...base, kind: 'missing' }).zh, /还没有采样的，请尽快到北义小学采样；已经采样的，不用再来/);
  t.match(loudspeakerText({ ...base, kind: 'missing', groups: [{ villages: ['远村'] }] }).zh, /到最近的采样点/);
});

t.test('a rehearsal says first that nobody is to come', async (t) => {
  for (const kind of broadcastKinds) {
    t.match(loudspeakerText({ ...base, kind, rehearsal: true }), { zh: /^这是演练，请勿前往。/, en: /^This is an exercise/ });
    t.match(chatText({ ...base, kind, rehearsal: true }), { zh: /^【演练，请勿前往】/, en: /^\[EXERCISE/ });
  }
});

t.test('a chat message says when it was written, as it will be passed on for hours', async (t) => {
  const { zh, en } = chatText({ ...base, groups: [...base.groups, { villages: ['东村'], place: { name: '文化广场', waitSeconds: 600 } }] });
  t.same(zh.split('\n').length, 4);
  t.match(zh, /^【采样通知】\n北义村、南义村.*\n东村的居民.*\n（07:05 发布，以现场为准）$/);
  t.match(en, /Written at 07:05/);
});
