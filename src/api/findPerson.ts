// Somebody who stands there without card or document: found by exact name, in one village or in all, and shown masked, so that the person
// says the rest and the table only agrees.

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { comparedName } from '../domain/names.js';
import { countAttempt } from '../ledger/passes.js';
import { cellState, directory, resident as residentOf } from '../ledger/reads.js';
import { standFor } from '../ledger/sealed.js';
import { masked } from '../vault/masked.js';
import { cellAddress, cellOf, cellParams, cellUnknown } from './cells.js';
import { documented } from './documented.js';
import { peopleOf } from './maskedPeople.js';
import { makeNameIndex } from './nameIndex.js';
import { lookingPerson, type PersonParts, searchesMax } from './persons.js';
import { Problem, sendProblem } from './problems.js';
import { entry } from './reading.js';
import { nameOf, reader, sendJson, takeForPerson } from './systemSteps.js';

const body = z.strictObject({
  /** The whole name; spaces, dots and capitals make no difference. */
  name: z.string().min(1).max(100).regex(/^\P{Cs}*$/u),
  /** Its ordinal, or its name. */
  village: z.union([z.int().min(1).max(65_535), z.string().trim().min(1).max(60)]).optional(),
});

/** People shown; a name that more bear needs the village, or the document. */
const shownMax = 20;
/** Bearers of one name that are looked through for those of one village. */
const lookedThroughMax = 1000;

export function findPersonRoute(app: FastifyInstance, { redis, system, vault, log }: PersonParts): void {
  const read = reader(body);
  const names = makeNameIndex(redis, (cell, resident) => log.error({ cell: `${cell.round}:${cell.area}`, resident }, 'the entry of a person was changed or moved, and does not open'));

  app.post(`${cellAddress}/residents/find`, documented({
    name: 'findPerson', tag: 'people', summary: '按姓名查人 Residents of exactly this name, masked, at most 20; `more`: there are others, name the village.', params: cellParams, body, may: { read: 'search' }, replies: { 200: entry },
  }), async (request, reply) => {
    const cell = cellOf(request);
    if (!cell) return sendProblem(reply, cellUnknown());
    const sent = read(reply, request.body);
    const by = request.badges[0];
    if (!sent || !by) return reply;
    if ((await countAttempt(redis, `search:${nameOf(by)}`, 60)) > searchesMax) return sendProblem(reply, new Problem('too_many'));
    if (!(await cellState(redis, cell))) return sendProblem(reply, cellUnknown());
    const opened = await vault.round(cell.round);
    if (opened === 'erased') {
      names.drop(cell);
      return sendProblem(reply, new Problem('person_gone'));
    }
    const { villages } = await directory(redis, cell);
    const { name, village: asked } = sent;
    const village = typeof asked === 'string' ? [...villages].find(([, word]) => word === asked)?.[0] : asked;
    if (asked !== undefined && (village === undefined || !villages.has(village))) return sendProblem(reply, new Problem('nothing_there', { path: 'village' }));

    const bearers = (await names.find(opened, cell, name)).slice(0, lookedThroughMax);
    // Somebody may bear the name under a number that stands for another since the two were merged: one person, shown once.
    const stand = await standFor(redis, cell, bearers);
    const named = new Map(stand.map((one, i) => [one, bearers[i] as number]));
    const states = (await Promise.all([...named.keys()].map((one) => residentOf(redis, cell, one)))).filter((state) => state !== undefined);
    const there = states.filter((state) => village === undefined || state.village === village);
    const people = await peopleOf(redis, opened, cell, there.slice(0, shownMax + 1).map(({ resident }) => named.get(resident) as number));
    const found = there.flatMap(({ resident, state, swabs, village: home }) => {
      const person = people.get(named.get(resident) as number);
      return person && comparedName(person.name) === comparedName(name) ? [{ resident, village: home, state, swabs, person: masked(person) }] : [];
    });
    const shown = found.slice(0, shownMax);
    const person = lookingPerson(request);
    // A person at a screen may be curious; a tablet asks for whoever stands before it.
    if (person?.kind === 'person') {
      const [only] = shown.length === 1 ? shown : [];
      const recorded = await takeForPerson(reply, system, 'recordReveal', { what: 'search', ...cell, resident: only?.resident ?? 0, count: shown.length, reason: 'identity_check' }, nameOf(person));
      if (!recorded) return reply;
    }
    return sendJson(reply, { people: shown, more: there.length > shownMax });
  });
}
