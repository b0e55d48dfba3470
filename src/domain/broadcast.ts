// What the village loudspeaker and the chat groups are told: who comes when and where, in words that can be read aloud as they stand.
// Places and times only: a broadcast names nobody, and does not count those who have not come, since in a small village that names them.

/** `turn`: come now; `closing`: the site ends its day; `moved`: go to another site; `missing`: whoever has not come yet, come. */
export const broadcastKinds = ['turn', 'closing', 'moved', 'missing'] as const;
export type BroadcastKind = (typeof broadcastKinds)[number];

export interface BroadcastPlace {
  name: string;
  /** Undefined: no station is open there. */
  waitSeconds?: number | undefined;
}

/** Villages that are told the same. */
export interface BroadcastGroup {
  /** Empty: everybody. */
  villages: string[];
  /** Where they are to go; undefined: to the nearest site. */
  place?: BroadcastPlace | undefined;
  /** Where they went until now, for `moved`; the site that ends its day, for `closing`. */
  from?: BroadcastPlace | undefined;
}

export interface Broadcast {
  kind: BroadcastKind;
  groups: BroadcastGroup[];
  /** A time of day people are told, HH:MM: the end for `closing`, the beginning otherwise. */
  at?: string | undefined;
  /** When this was written, HH:MM. */
  told: string;
  rehearsal: boolean;
}

export interface Words {
  zh: string;
  en: string;
}

/** Minutes as they are said: nobody believes 13. */
function minutesOf(seconds: number): number {
  return seconds < 120 ? 0 : Math.ceil(seconds / 300) * 5;
}

function waitOf({ waitSeconds }: BroadcastPlace): Words {
  if (waitSeconds === undefined) return { zh: '', en: '' };
  const minutes = minutesOf(waitSeconds);
  return minutes === 0 ? { zh: '目前基本不用等候。', en: 'There is hardly any wait.' } : { zh: `目前大约等候 ${minutes} 分钟。`, en: `The wait is about ${minutes} minutes.` };
}

const everybody: Words = { zh: '全体居民', en: 'All residents' };

function whoOf(villages: readonly string[]): Words {
  if (villages.length === 0) return everybody;
  const last = villages.at(-1) ?? '';
  const english = villages.length === 1 ? last : `${villages.slice(0, -1).join(', ')} and ${last}`;
  return { zh: `${villages.join('、')}的居民`, en: `Residents of ${english}` };
}

const bring: Words = {
  zh: '请带身份证，戴好口罩，一家人一起来。',
  en: 'Bring your ID card, wear a mask, and come together as a household.',
};
const unableToWalk: Words = { zh: '行动不便的，请告诉村委会，安排上门。', en: 'Whoever cannot walk, tell the village committee: somebody will come to you.' };

function sentence(kind: BroadcastKind, { villages, place, from }: BroadcastGroup, at: string | undefined): Words {
  const who = whoOf(villages);
  const where: Words = place ? { zh: `到${place.name}`, en: `to ${place.name}` } : { zh: '到最近的采样点', en: 'to the nearest sampling site' };
  const wait = place ? waitOf(place) : { zh: '', en: '' };
  const parts = (...all: Words[]): Words => ({ zh: all.map(({ zh }) => zh).join(''), en: all.map(({ en }) => en).filter(Boolean).join(' ') });
  switch (kind) {
    case 'turn':
      return parts({ zh: `${who.zh}请注意：请${at ? `在 ${at} ` : '现在'}${where.zh}采样。`, en: `${who.en}: please come ${where.en} ${at ? `at ${at}` : 'now'} to be sampled.` }, wait, bring);
    case 'closing':
      return parts(
        { zh: `${who.zh}请注意：${from?.name ?? '采样点'}${at ? `今天 ${at} 结束采样` : '即将结束采样'}。还没有采样的，请抓紧时间前来。`, en: `${who.en}: ${from?.name ?? 'the sampling site'} ${at ? `closes at ${at} today` : 'is about to close'}. If you have not been sampled yet, please come in time.` },
        from ? waitOf(from) : { zh: '', en: '' }, bring,
      );
    case 'moved':
      return parts(
        { zh: `${who.zh}请注意：${from?.name ?? '原采样点'}${at ? `从 ${at} 起` : '现在'}不再采样，请改${where.zh}采样。`, en: `${who.en}: ${from?.name ?? 'the site'} takes no samples ${at ? `from ${at} on` : 'any more'}. Please go ${where.en} instead.` },
        wait, { zh: '已经取号的，号码继续有效。', en: 'If you have a ticket, it stays valid.' }, bring,
      );
    case 'missing':
      return parts(
        { zh: `${who.zh}请注意：还没有采样的，请${at ? `在 ${at} ` : '尽快'}${where.zh}采样；已经采样的，不用再来。`, en: `${who.en}: if you have not been sampled yet, please come ${where.en} ${at ? `at ${at}` : 'soon'}; if you have, you need not come again.` },
        wait, bring, unableToWalk,
      );
  }
}

/** For the loudspeaker: one paragraph, every group in turn, to be read aloud. */
export function loudspeakerText({ kind, groups, at, rehearsal }: Broadcast): Words {
  const all = groups.map((group) => sentence(kind, group, at));
  return {
    zh: (rehearsal ? '这是演练，请勿前往。' : '') + all.map(({ zh }) => zh).join('\n'),
    en: (rehearsal ? 'This is an exercise; please do not come. ' : '') + all.map(({ en }) => en).join('\n'),
  };
}

const titles: Record<BroadcastKind, Words> = {
  turn: { zh: '采样通知', en: 'Sampling: your turn' }, closing: { zh: '采样点即将结束', en: 'Sampling site closing' },
  moved: { zh: '采样点调整', en: 'Sampling site moved' }, missing: { zh: '请尽快采样', en: 'Not sampled yet?' },
};

/** For a chat group: a heading, each group of villages with its place, and when it was written, since messages are passed on for hours. */
export function chatText({ kind, groups, at, told, rehearsal }: Broadcast): Words {
  const title = titles[kind];
  const all = groups.map((group) => sentence(kind, group, at));
  const exercise: Words = rehearsal ? { zh: '【演练，请勿前往】', en: '[EXERCISE, do not come] ' } : { zh: '', en: '' };
  return {
    zh: [`${exercise.zh}【${title.zh}】`, ...all.map(({ zh }) => zh), `（${told} 发布，以现场为准）`].join('\n'),
    en: [`${exercise.en}${title.en}`, ...all.map(({ en }) => en), `(Written at ${told}; what is said on site counts.)`].join('\n'),
  };
}
