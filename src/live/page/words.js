// The words of the live page. Chinese first; the switch shows the other language's name.

export const words = {
  zh: {
    lang: 'zh-CN', other: 'English', theme: '深 / 浅',
    title: '核酸采样 · 实时看板', rehearsal: '演练 — 以下不是真实数据',
    sampled: '已采样', of: '应采 {n} 人', open: '待采', excused: '免采', absent: '过号未到', walkIns: '名单外',
    rate: '每分钟采样', lastMinute: '近 1 分钟', lastQuarter: '近 15 分钟', needed: '所需', finish: '预计完成', unknown: '无法估计', done: '已采完', until: '目标完成时间',
    range: '{a}–{b}', openEnd: '更晚', waiting: '排队', called: '已叫号',
    openTubes: '未封试管', younger: '< {n} 分', between: '{a}–{b} 分', older: '> {n} 分', empty: '空管', sealed: '已封', short: '不满', void: '作废',
    oldest: '{tube} · {station} 台 · {count} 支', minutes: '{n} 分',
    alarms: '需处理', nothing: '没有需处理的事项', discrepancies: '矛盾记录', quarantined: '无法读取的记录', silent: '设备失联', suspect: '设备编号重复使用', missing: '未收到的记录', lost: '已核销的记录', unidentified: '身份不明的样本',
    silentDevice: '{device} · {n} 分钟没有消息', owes: '，约 {n} 条待传',
    provisional: '总数暂定：{devices} 台设备失联', comes: '，约 {n} 条记录未到',
    stations: '采样台', legend: '每分钟（等候）', villages: '各村进度（差的在前）', page: '{a} / {b}', queue: '({n})',
    working: '正常', slow: '慢', stalled: '停滞', paused: '暂停', draining: '收尾', closed: '关闭', silentWord: '失联',
    ago: '数据 {n} 秒前', agoMinutes: '数据 {n} 分钟前', connecting: '正在连接…', waitingCounts: '正在重新统计…',
    choose: '选择轮次', roundClosed: '已结束', rehearsalShort: '演练', noCells: '还没有开启的轮次', unreachable: '连接中断，正在重试；数字停在上次', screenBroken: '此看板版本过旧，无法统计',
  },
  en: {
    lang: 'en', other: '中文', theme: 'Dark / light',
    title: 'Sampling · live', rehearsal: 'REHEARSAL — these are not real data',
    sampled: 'Sampled', of: 'of {n}', open: 'To come', excused: 'Excused', absent: 'Absent', walkIns: 'Walk-ins',
    rate: 'Swabs a minute', lastMinute: 'last 1 min', lastQuarter: 'last 15 min', needed: 'needed', finish: 'Expected finish', unknown: 'cannot be told', done: 'all sampled', until: 'Finish by',
    range: '{a}–{b}', openEnd: 'later', waiting: 'Waiting', called: 'Called',
    openTubes: 'Open tubes, by minutes', younger: '< {n}', between: '{a}–{b}', older: '> {n}', empty: 'empty', sealed: 'Sealed', short: 'Not full', void: 'Void',
    oldest: '{tube} · station {station} · {count}', minutes: '{n} min',
    alarms: 'To deal with', nothing: 'Nothing to deal with', discrepancies: 'Discrepancies', quarantined: 'Records nobody can read', silent: 'Silent devices', suspect: 'Device used a number twice', missing: 'Records to come', lost: 'Records written off', unidentified: 'Swabs of unknown people',
    silentDevice: '{device} · nothing for {n} min', owes: ', about {n} records to come',
    provisional: 'Provisional: {devices} devices silent', comes: ', about {n} records to come',
    stations: 'Stations', legend: 'a minute (waiting)', villages: 'Villages, last first', page: '{a} / {b}', queue: '({n})',
    working: 'working', slow: 'slow', stalled: 'stalled', paused: 'paused', draining: 'finishing', closed: 'closed', silentWord: 'silent',
    ago: 'data {n} s old', agoMinutes: 'data {n} min old', connecting: 'connecting…', waitingCounts: 'counting anew…',
    choose: 'Choose a round', roundClosed: 'closed', rehearsalShort: 'rehearsal', noCells: 'No round has been opened yet', unreachable: 'Connection lost, trying again; numbers stand still', screenBroken: 'This service is too old to count this round',
  },
};

/** The sentence of a word with its blanks filled in. */
export const say = (language, word, blanks = {}) => (words[language][word] ?? word).replace(/\{(\w+)\}/g, (_, name) => String(blanks[name] ?? ''));
