// People in the vault: what is sealed of a person, what they are found by, and what of it the record may hold in clear.
//
// The roster's import and the desk that registers a walk-in make the same entry here, so the same person gets the same index whoever
// wrote them down.

import { ageOn, type DocumentKind, type Sex } from '../domain/documents.js';
import type { PriorityClass, RiskGroup } from '../domain/reasons.js';
import type { Enrolment } from '../domain/requests.js';
import type { RoundVault } from './vault.js';

/** Groups of people for whom sampling differs. */
export const categories = ['pregnant', 'over80', 'disabled', 'infant', 'recovered', 'quarantined', 'keyGroup', 'immobile'] as const;
export type Category = (typeof categories)[number];

/** What is kept of a person. Nothing of it leaves the vault but through a screen that may show it. */
export interface Person {
  name: string;
  document: { kind: DocumentKind; number: string; description?: string };
  /** What the document is matched on; null for a person without one. */
  identity: string | null;
  village: string;
  zone?: string;
  /** The door as it was written. */
  household: string;
  address?: string;
  phone?: string;
  remark?: string;
  /** The categories as they were written, and as they were understood. What follows from the age is told on the day (`categoriesOn`). */
  categoryText?: string;
  categories: readonly Category[];
  sex?: Sex;
  /** YYYY-MM-DD. */
  birthDate?: string;
}

/**
 * What a person is matched on. Without a document it is everything else that stays the same: the same list imported twice must not make
 * two of them. Two people who agree in all of it cannot be told apart and are refused by the import.
 */
export function identityOf(person: Person): string {
  return person.identity ?? ['no', person.village, person.household, person.name, person.birthDate ?? '', person.sex ?? ''].join('\u001f');
}

/** The categories of a person on a day (YYYY-MM-DD): those written down, and those of their age. */
export function categoriesOn(person: Pick<Person, 'categories' | 'birthDate'>, day: string): ReadonlySet<Category> {
  const found = new Set(person.categories);
  if (person.birthDate === undefined) return found;
  const age = ageOn(person.birthDate, day);
  if (age >= 80) found.add('over80');
  if (age < 3) found.add('infant');
  return found;
}

/**
 * The entry of a person as the record takes it: index, ciphertext, and the few things a queue and a tube must know. The day, YYYY-MM-DD,
 * is the one ages are counted on; it leaves no trace in the ciphertext, so the same list on another day seals to the same bytes.
 */
export function enrolmentOf(vault: RoundVault, area: string, person: Person, day: string): Enrolment {
  const index = vault.indexOf(identityOf(person));
  const categories = categoriesOn(person, day);
  const has = (category: Category): boolean => categories.has(category);
  const risk: RiskGroup = has('quarantined') ? 'high' : has('keyGroup') ? 'key' : 'normal';
  const priority: PriorityClass = priorityOrder.find(has) ?? 'none';
  return {
    index: index.toString('hex'),
    sealed: Buffer.concat([index, vault.seal({ area, owner: index }, person)]).toString('base64'),
    village: person.village,
    household: householdNumber(vault, area, person.village, person.household),
    risk,
    priority,
    single: has('recovered') || has('quarantined'),
  };
}

/**
 * Opens an entry. It names its owner by index, and proves that it is theirs; whoever reads it for a resident compares that index with
 * the one the record has for this resident, or an entry moved together with its index would go unnoticed. Throws SealFault.
 */
export function openPerson(vault: RoundVault, area: string, sealed: string): { index: string; person: Person } {
  const bytes = Buffer.from(sealed, 'base64');
  const owner = bytes.subarray(0, 16);
  return { index: owner.toString('hex'), person: vault.open<Person>({ area, owner }, bytes.subarray(16)) };
}

/**
 * The number of a door, the same for all who live behind it and in every file; 0 where none is written. It is a keyed hash, since a
 * house number with a village is nearly an address. Two of 9,000 doors share a number in one township of a hundred: they would then
 * be asked to share a tube, which does no harm.
 */
export function householdNumber(vault: RoundVault, area: string, village: string, household: string): number {
  if (household === '') return 0;
  return vault.indexOf(['household', area, village, household].join('\u001f')).readUInt32BE(0) || 1;
}

/** Who goes first when somebody belongs to several classes. */
const priorityOrder = ['pregnant', 'infant', 'disabled', 'over80'] as const satisfies readonly (Category & PriorityClass)[];
