// Files of results for tests, made by code as laboratories make them: headings in Chinese or English, one row a tube.

import type { Finding } from '../../../src/domain/findings.js';

export const headings = ['试管码', '检测结果', '流水号', '批次', '检测时间', '孔位'];
export const englishHeadings = ['Tube No.', 'Result', 'Accession No.', 'Run', 'Tested at', 'Well'];

const words: Record<Finding['result'], string> = { negative: '阴性', positive: '阳性', inconclusive: '可疑', invalid: '无效' };
const two = (n: number): string => String(n).padStart(2, '0');

/** A time as it stands in a file, by the clocks of Shanghai. */
export function shanghai(at: number): string {
  const local = new Date(at + 8 * 3_600_000);
  return `${local.getUTCFullYear()}-${two(local.getUTCMonth() + 1)}-${two(local.getUTCDate())} ${two(local.getUTCHours())}:${two(local.getUTCMinutes())}:${two(local.getUTCSeconds())}`;
}

/** One row of a file. */
export const rowOf = ({ tube, result, accession, run, testedAt }: Finding, well = 'A01'): string[] => [tube, words[result], accession, run, shanghai(testedAt), well];
