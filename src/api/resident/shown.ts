// What a resident is told, in words: where they stand, what their swab says, and how long it takes at each site.
//
// A positive pool is nobody's result, and a positive swab of one's own is told by a person: both read "staff will contact you", like every
// recall. Only a negative that has left the record is shown, with how many shared the tube.

import type { Redis } from 'ioredis';
import { maskName } from '../../domain/masking.js';
import { type PersonalResult, resultOf } from '../../ledger/custody.js';
import { directory, stations } from '../../ledger/reads.js';
import type { FoundResident, ProvedResident } from './lookUp.js';
import { escaped, fact, type Language, pageOf, text } from './page.js';
import { words } from './words.js';

/** Where an open ticket stands. */
export interface Standing {
  state: 'waiting' | 'called' | 'kept';
  number: string;
  station: string;
  ahead: number;
  /** Undefined: no station is open for it. */
  minutes: number | undefined;
}

export interface Waits {
  name: string;
  rehearsal: boolean;
  at: number;
  sites: { site: string; name: string; state: 'free' | 'busy' | 'crowded' | 'closed'; minutes: number | null }[];
}

export async function standingFacts(language: Language, redis: Redis, { place: { cell }, state }: FoundResident, standing: Standing | undefined, clock: (at: number) => string): Promise<string> {
  const facts: string[] = [];
  if (standing) {
    facts.push(fact(text(language, standing.state === 'kept' ? words.kept : words.number), escaped(standing.number), 'info'));
    if (standing.state === 'called') facts.push(fact(text(language, words.called), escaped(standing.station)));
    else if (standing.state === 'waiting') {
      facts.push(fact(text(language, words.ahead), text(language, words.people, { n: standing.ahead })));
      if (standing.minutes !== undefined) facts.push(fact(text(language, words.minutes), text(language, words.minutesValue, { n: standing.minutes })));
      if (standing.station !== '') facts.push(fact(text(language, words.table), escaped(standing.station)));
    }
  }
  if (state.swabs > 0) {
    const [tables, { sites, siteNames }] = await Promise.all([stations(redis, cell), directory(redis, cell)]);
    const table = tables.find(({ ordinal }) => ordinal === state.station);
    const site = table ? (siteNames.get(table.site) ?? sites.get(table.site) ?? '') : '';
    facts.push(fact(text(language, words.sampled), text(language, words.sampledWhere, { time: clock(state.sampledAt), site, station: table?.station ?? '' }), 'long'));
  } else if (state.state === 'excused') facts.push(fact(text(language, words.notSampled), text(language, words.excused), 'long'));
  else if (!standing) facts.push(fact(text(language, words.notSampled), text(language, words.noTicket), 'long'));
  return facts.join('');
}

const sentenceOf = (language: Language, result: PersonalResult): string => {
  switch (result.status) {
    case 'negative': return fact(text(language, words.result), `${text(language, words.negative)}<span class="how">${result.pooled > 1 ? text(language, words.pooled, { n: result.pooled }) : text(language, words.single)}</span>`, 'ok');
    case 'pending': return fact(text(language, words.result), text(language, words.inProcess), 'info');
    case 'none': return fact(text(language, words.result), text(language, words.noResult));
    case 'recalled': case 'positive': case 'unsettled': return fact(text(language, words.result), text(language, words.contact), 'long');
  }
};

/** The result of somebody who has proved who they are, under the masked name. */
export async function resultFacts(language: Language, redis: Redis, { place: { cell }, state, person }: ProvedResident): Promise<string> {
  const result = await resultOf(redis, cell, state.resident);
  return `<h2><span class="name" lang="zh-CN">${escaped(maskName(person.name))}</span></h2><dl>${sentenceOf(language, result)}</dl>`;
}

const stateWords = { free: words.free, busy: words.busySite, crowded: words.crowded, closed: words.closed } as const;

export function waitsPage(language: Language, waits: Waits | undefined, address: string, clock: (at: number) => string): string {
  const own = language === 'en' ? `${address}?lang=en` : address;
  const rows = (waits?.sites ?? []).map(({ site, name, state, minutes }) => `<tr><th scope="row"><span class="name" lang="zh-CN">${escaped(name || site)}</span></th><td><b class="${state}">${text(language, stateWords[state])}</b></td><td>${minutes === null ? '' : text(language, words.minutesValue, { n: minutes })}</td></tr>`);
  const body = waits
    ? `<h2><span class="name" lang="zh-CN">${escaped(waits.name)}</span></h2><p>${text(language, words.at, { time: clock(waits.at) })}</p><table><tbody>${rows.join('')}</tbody></table><p><a class="button" href="${own}">${text(language, words.refresh)}</a></p>`
    : `<h2>${text(language, words.noSuchPlace)}</h2>`;
  return pageOf({ language, title: words.waits, other: language === 'zh' ? `${address}?lang=en` : address, rehearsal: waits?.rehearsal ?? false, body });
}
