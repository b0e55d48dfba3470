// Free words on a record. People write names and telephone numbers into them, whatever they are told, so they are sealed at the door like
// all that is personal: on the stream stands a ciphertext, and it opens for those who may see people, until the round is forgotten.

import type { LedgerEvent } from '../domain/events.js';
import type { CellName, StepRequest } from '../domain/requests.js';
import { SealFault } from '../vault/sealing.js';
import type { RoundVault } from '../vault/vault.js';

const mark = 'n1.';

/** The field of a body, or of an event, that holds free words; undefined: there are none. */
function fieldOf(kind: string, fields: unknown): 'note' | 'reason' | undefined {
  const field = kind === 'writeOffDevice' || kind === 'device.writtenOff' ? 'reason' : 'note';
  const words = (fields as Record<string, unknown>)[field];
  return typeof words === 'string' && words !== '' ? field : undefined;
}

export const hasNote = ({ step, body }: StepRequest): boolean => fieldOf(step, body) !== undefined;

/** The same words under the same number give the same bytes, so that a repeat is one. */
const ownerOf = (number: number): string => `note:${number}`;

export function withSealedNote(vault: RoundVault, cell: CellName, record: StepRequest): StepRequest {
  const field = fieldOf(record.step, record.body);
  if (!field) return record;
  const body = record.body as unknown as Record<string, string>;
  const sealed = mark + vault.seal({ area: cell.area, owner: ownerOf(record.number) }, { words: body[field] }).toString('base64');
  return { ...record, body: { ...body, [field]: sealed } as unknown as StepRequest['body'] };
}

/** Opens the words of events in place, or takes them out: without a vault (erased, or not for this reader) nothing is shown. */
export function openNotes(events: readonly LedgerEvent[], cell: CellName, vault: RoundVault | undefined): void {
  for (const event of events) {
    const field = fieldOf(event.event, event);
    const fields = event as unknown as Record<string, string>;
    if (field && fields[field]?.startsWith(mark)) fields[field] = vault ? opened(vault, cell, event.number, fields[field]) : '';
  }
}

export const anyNote = (events: readonly LedgerEvent[]): boolean => events.some((event) => fieldOf(event.event, event) !== undefined);

function opened(vault: RoundVault, { area }: CellName, number: number, sealed: string): string {
  try {
    return vault.open<{ words: string }>({ area, owner: ownerOf(number) }, Buffer.from(sealed.slice(mark.length), 'base64')).words;
  } catch (fault) {
    if (fault instanceof SealFault) return '';
    throw fault;
  }
}
