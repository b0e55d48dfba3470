// How safe a record is, how long it is kept here, and what a device that was revoked must forget.

import { forgetKeys } from './rest.js';
import { type Database, type Journal, type Row, writing } from './store.js';

/** R0 on this device's disk, R1 received, R2 on a second disk, R3 counted at the laboratory. */
export type Level = 0 | 1 | 2 | 3;

export interface TubeReceipt {
  tube: string;
  /** That of its least safe record. */
  level: Level;
  /** Its records here, and how many have reached each level. */
  records: number;
  reached: readonly [number, number, number, number];
}

/** Records are kept at least so long after the service has them, and until their tube was counted. */
const keepMs = 72 * 3_600_000;
/** Tubes that never reach a laboratory (voided, lost) would keep theirs for ever. */
const keepAtMostMs = 30 * 24 * 3_600_000;

export function levelOf(row: Row, journal: Journal | undefined): Level {
  if (row.pending || row.answeredAt === undefined) return 0;
  if (row.reconciled) return 3;
  return journal && journal.copies === 2 && row.number <= journal.safeUpTo ? 2 : 1;
}

export async function tubeReceipt(db: Database, tube: string): Promise<TubeReceipt | undefined> {
  const tx = db.transaction(['records', 'journals']);
  const [rows, journals] = await Promise.all([tx.objectStore('records').index('tubes').getAll(tube), tx.objectStore('journals').getAll()]);
  // What was not done says nothing of the tube.
  const done = rows.filter(({ state, settled }) => state !== 'refused' && settled === undefined);
  if (done.length === 0) return undefined;
  const levels = done.map((row) => levelOf(row, journals.find(({ epoch }) => epoch === row.epoch)));
  const reached = ([0, 1, 2, 3] as const).map((level) => levels.filter((is) => is >= level).length) as unknown as TubeReceipt['reached'];
  return { tube, level: Math.min(...levels) as Level, records: done.length, reached };
}

/** Is it safe, and old enough to go? */
function isOver(row: Row, journal: Journal | undefined, now: number): boolean {
  if (row.pending || row.state === 'toFix' || row.answeredAt === undefined || !journal || row.number > journal.mark) return false;
  const age = now - row.answeredAt;
  const safe = row.tubes.length > 0 ? row.reconciled === true : levelOf(row, journal) >= journal.copies;
  return (safe && age > keepMs) || age > keepAtMostMs;
}

/** Takes away what is safe and old enough; gives how many. `now` is the service's time. */
export function sweep(db: Database, now: number): Promise<number> {
  return writing(db, ['records', 'journals', 'identity'], async (tx) => {
    const sealed = new Set<string>();
    const journals = new Map((await tx.objectStore('journals').getAll()).map((journal) => [journal.epoch, journal]));
    let gone = 0;
    for (let cursor = await tx.objectStore('records').openCursor(); cursor; cursor = await cursor.continue()) {
      const row = cursor.value;
      if (isOver(row, journals.get(row.epoch), now)) {
        await cursor.delete();
        gone++;
      } else if (row.sealed) sealed.add(row.epoch);
    }
    if (gone > 0) await forgetKeys(tx.objectStore('identity'), sealed);
    return gone;
  });
}

/**
 * A revoked device forgets the people it knows of: the roster, and the personal data of those it has registered and the service has.
 * What has not been sent stays, or it would be lost.
 */
export function forget(db: Database): Promise<void> {
  return writing(db, ['people', 'roster', 'records', 'identity'], async (tx) => {
    const sealed = new Set<string>();
    await Promise.all([tx.objectStore('people').clear(), tx.objectStore('roster').clear()]);
    for (let cursor = await tx.objectStore('records').openCursor(); cursor; cursor = await cursor.continue()) {
      const { sealed: personal, ...row } = cursor.value;
      if (row.step !== 'registerWalkIn') continue;
      if (row.pending || row.state === 'toFix') {
        if (personal) sealed.add(row.epoch);
      } else if (personal || Object.keys(row.body).length > 0) await cursor.update({ ...row, body: {} });
    }
    await forgetKeys(tx.objectStore('identity'), sealed);
  });
}
