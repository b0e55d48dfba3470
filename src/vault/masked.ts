// A person as a screen shows them to somebody who only has to recognise who stands there: masked, and without what does not help in that.

import type { DocumentKind, Sex } from '../domain/documents.js';
import { maskAddress, maskDocument, maskName, maskPhone } from '../domain/masking.js';
import type { Person } from './people.js';

export interface MaskedPerson {
  name: string;
  document: { kind: DocumentKind; number: string };
  village: string;
  phone?: string;
  address?: string;
  sex?: Sex;
  /** Year only: enough to tell a grandmother from her granddaughter of the same name. */
  birthYear?: string;
}

/** Remarks and categories say something of somebody's health, and a door is nearly an address: none of them is shown. */
export function masked({ name, document, village, phone, address, sex, birthDate }: Person): MaskedPerson {
  return {
    name: maskName(name),
    document: { kind: document.kind, number: maskDocument(document.number) },
    village,
    ...(phone ? { phone: maskPhone(phone) } : {}),
    ...(address ? { address: maskAddress(address) } : {}),
    ...(sex ? { sex } : {}),
    ...(birthDate ? { birthYear: birthDate.slice(0, 4) } : {}),
  };
}
