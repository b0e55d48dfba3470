// The reports there are, for whom they can be asked and in what form they come.

/** `missing` holds people in clear; the others numbers, codes and counts. */
export const reportKinds = ['day', 'samples_by_village', 'tubes', 'boxes', 'gaps', 'missing'] as const;
export type ReportKind = (typeof reportKinds)[number];
export const reportFormats = ['xlsx', 'csv'] as const;
export type ReportFormat = (typeof reportFormats)[number];

export const holdsPeople = (kind: ReportKind): boolean => kind === 'missing';

/** Names of the reports, for headings and lists. */
export const reportNames = {
  day: { zh: '当日汇总', en: 'The day' },
  samples_by_village: { zh: '各村采样情况', en: 'Samples by village' },
  tubes: { zh: '试管清单', en: 'Tubes' },
  boxes: { zh: '转运箱清单', en: 'Boxes' },
  gaps: { zh: '缺口试管', en: 'Gaps' },
  missing: { zh: '未采人员', en: 'Missing persons' },
} as const satisfies Record<ReportKind, { zh: string; en: string }>;
