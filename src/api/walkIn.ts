// A walk-in as the desk's screen sends it: personal data in clear, on the wire only. Here it becomes what the record takes: an index the
// person is found by and a ciphertext; nothing of it goes further in clear.

import { z } from 'zod';
import { type DocumentProblem, documentProblems, type GoodDocument, judgeDocument } from '../domain/documents.js';
import { bodies, type Body } from '../domain/requests.js';
import { enrolmentOf, type Person } from '../vault/people.js';
import type { RoundVault } from '../vault/vault.js';

/** Printable text as people write it: names with a middle dot, addresses, rare characters. Empty says the same as left out. */
const words = (max: number) => z.string().trim().max(max).regex(/^[^\p{Cc}\p{Cs}\p{Co}\p{Cn}]*$/u);

export const documentKinds = ['residentId', 'hmtResidencePermit', 'hkMacauPermit', 'taiwanPermit', 'passport', 'foreignResidentCard', 'other'] as const;

const { village, risk, priority, single } = bodies.registerWalkIn.shape;

/** The body of registerWalkIn over the door. The limits of the texts are those of the roster. */
export const walkInBody = z.strictObject({
  /** Left out by somebody who has nothing to show: registered all the same, to be identified later. */
  document: z
    .strictObject({
      number: z.string().min(1).max(100).regex(/^\P{Cs}*$/u),
      /** Left out, the kind is told from the number where that is certain. */
      kind: z.enum(documentKinds).optional(),
      /** What it is, for `other`. */
      description: words(60).optional(),
    })
    .optional(),
  name: words(100).optional(),
  phone: words(100).optional(),
  village,
  /** The door as it is written; those of one village who write the same share it. */
  household: words(60).optional(),
  address: words(300).optional(),
  remark: words(500).optional(),
  risk,
  priority,
  single,
});
export type WalkIn = z.output<typeof walkInBody>;

export type JudgedWalkIn = { ok: true; document: GoodDocument } | { ok: false; word: DocumentProblem; zh: string; en: string };

/** Judges the document, by the same rules as the roster and the screens. */
export function judgeWalkIn({ document }: WalkIn, today: string): JudgedWalkIn {
  const judged = judgeDocument(document ? { ...document, today } : { number: null, kind: 'none', today });
  return judged.ok ? { ok: true, document: judged } : { ok: false, word: judged.problem, ...documentProblems[judged.problem] };
}

/**
 * What the record takes. Somebody without a document gets no index: two nameless people must not become one, and a double entry can be
 * put right later while a merged one cannot. Their ciphertext is bound to the record that brought it (`source`: device, epoch, number).
 * `day`, YYYY-MM-DD, is when they were registered by the desk's clock: a repeat must have the same age, and with it the same priority.
 */
export function sealWalkIn(vault: RoundVault, area: string, walkIn: WalkIn, document: GoodDocument, { source, day }: { source: string; day: string }): Body<'registerWalkIn'> {
  const { name = '', household = '', phone, address, remark, village: home, risk: group, priority: class_, single: alone } = walkIn;
  const person: Person = {
    name,
    document: { kind: document.kind, number: document.normalised, ...(walkIn.document?.description ? { description: walkIn.document.description } : {}) },
    identity: document.identity ?? `walkIn\u001f${source}`,
    village: home, household, categories: [],
    ...(phone ? { phone } : {}), ...(address ? { address } : {}), ...(remark ? { remark } : {}),
    ...(document.birthDate ? { birthDate: document.birthDate } : {}), ...(document.sex ? { sex: document.sex } : {}),
  };
  const { index, ...entry } = enrolmentOf(vault, area, person, day);
  return {
    ...entry, ...(document.identity !== null && index !== undefined ? { index } : {}),
    risk: group, priority: class_ === 'none' ? entry.priority : class_, single: alone,
  };
}
