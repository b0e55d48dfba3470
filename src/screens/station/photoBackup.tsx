// A tablet that has been offline for long shows the tube it has just closed as a small picture to be photographed: should it be lost before it
// meets a network, the photograph still says who was in which tube. Numbers only; no name stands in it.

import { QrCode } from '../parts/qr.js';
import { Text } from '../parts/text.js';
import { offlineMinutes } from '../tablet/device.js';
import { tailOf } from './decide.js';
import type { Shift } from './shift.js';
import { countOf } from './table.js';
import { words } from './words.js';

/** Minutes without an answer after which a second copy is worth a photograph. */
const offlineMin = 10;

export function PhotoBackup({ shift: { tablet, work } }: { shift: Shift }) {
  const { pool, tubes } = work.table.value;
  const last = [...tubes.values()].filter(({ state, members }) => state === 'sealed' && members.length > 0).at(-1);
  const minutes = offlineMinutes(tablet.status.value, tablet.clock.value) ?? 0;
  const wanted = last && minutes >= offlineMin && (!pool || countOf(pool) === 0) ? last : undefined;
  if (!wanted) return null;
  const text = ['SW1', tablet.place.value.device, wanted.code, new Date(wanted.firstAt).toISOString().slice(0, 16), ...wanted.members.filter(({ gone }) => !gone).map(({ resident }) => resident)].join(' ');
  return (
    <figure class="backup" data-tube={wanted.code}>
      <QrCode text={text} />
      <figcaption><b><Text of={words.backup} /></b> <Text of={words.backupFor} values={{ tail: tailOf(wanted.code), n: countOf(wanted) }} plain /></figcaption>
    </figure>
  );
}
