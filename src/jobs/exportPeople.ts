// The people of a cell as a table, in clear: for a command post that has to reach those who are missing, or for an authority that may ask.
// Whoever gets it stands in its first row with the reason, so that a copy that turns up somewhere says where it came from. The look is
// put on record by the door before the first byte (api/persons.ts).

import type { Redis } from 'ioredis';
import type { CellName } from '../domain/requests.js';
import { directory, residents } from '../ledger/reads.js';
import { sealedPage } from '../ledger/sealed.js';
import { openPerson } from '../vault/people.js';
import type { Vault } from '../vault/vault.js';
import { tableFile, type TableFormat } from './tableFile.js';

/** Who is in the table: everybody, or those expected and not yet sampled. */
export const exportChoices = ['all', 'missing'] as const;

export interface PeopleExport {
  cell: CellName;
  who: (typeof exportChoices)[number];
  format: TableFormat;
  /** Who asked, why, when: the watermark. */
  by: string;
  reason: string;
  at: string;
}

const pageSize = 500;
const headings = ['编号 no', '姓名 name', '证件 document', '电话 phone', '村 village', '户 household', '地址 address', '状态 state', '采样 swabs'];

/** The bytes of the file, or 'erased'. */
export async function exportPeople(redis: Redis, vault: Vault, wanted: PeopleExport): Promise<AsyncIterable<Buffer> | 'erased'> {
  const opened = await vault.round(wanted.cell.round);
  if (opened === 'erased') return 'erased';

  async function* rows(): AsyncGenerator<string[]> {
    const { cell, who, by, reason, at } = wanted;
    yield [`机密 CONFIDENTIAL · ${cell.round} ${cell.area} · ${by} · ${reason} · ${at}`];
    yield headings;
    const { villages } = await directory(redis, cell);
    for (let from = 1; ; from += pageSize) {
      const [states, sealed] = await Promise.all([residents(redis, cell, from, pageSize), sealedPage(redis, cell, from, pageSize)]);
      for (const { resident, state, swabs, village } of states) {
        if (who === 'missing' && (state !== 'expected' || swabs > 0)) continue;
        const entry = sealed[resident - from];
        const person = entry === undefined ? undefined : openPerson(opened as Exclude<typeof opened, 'erased'>, cell.area, entry).person;
        yield [
          String(resident), person?.name ?? '', person?.document.number ?? '', person?.phone ?? '', villages.get(village) ?? '', person?.household ?? '',
          person?.address ?? '', state === 'excused' ? '免检 excused' : swabs > 0 ? '已采 sampled' : '未采 missing', String(swabs),
        ];
      }
      if (states.length === 0 && sealed.every((entry) => entry === undefined)) return;
      // A page of opened envelopes is some 10 ms; the swabs of others go first.
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  return tableFile(rows(), wanted.format, { title: '人员 people', head: 2 });
}
