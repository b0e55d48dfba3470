// What residents see without a badge: their place in the queue, whether their swab was taken and what it says; and how long it takes at
// each site. Pages and forms, made here; the forms are sent by POST, so nothing typed stands in an address.
//
// Who tries numbers learns nothing from it: the same words and the same time whether there is nobody, or somebody else's proof; and few
// tries for each address and for each number that is tried, whether it exists or not (SECURITY.md, threat 4).

import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { parseCode } from '../../domain/codes.js';
import { identifier } from '../../domain/fields.js';
import type { CellName } from '../../domain/requests.js';
import { countAttempt, hidden, uncountAttempt } from '../../ledger/passes.js';
import type { Door } from '../door.js';
import { residentPolicy } from '../edge.js';
import { type FoundResident, makeLookUp, type ProvedResident } from './lookUp.js';
import { form, type Language, languageOf, note, pageOf, plain, text } from './page.js';
import { resultFacts, type Standing, standingFacts, waitsPage, type Waits } from './shown.js';
import { type Said, words } from './words.js';

/** What is known of queues: by the live fold, which program.ts joins to this. */
export interface Queues {
  /** How long it takes at each site; undefined: there is no such cell, or its fold is not ready. */
  waits(cell: CellName): Waits | undefined;
  /** Where an open ticket stands. */
  standing(cell: CellName, ticket: number): Standing | undefined;
}

export interface ResidentParts {
  queues: Queues | undefined;
  timeZone: string;
  /** No answer to a form comes sooner, so that its time does not tell whether there was somebody. */
  answerAfterMs?: number;
}

/** Forms of one address in a minute: a whole village may share one. */
const formsMax = 60;
/** Wrong ones of one address in a quarter of an hour, and of one card or document in an hour. */
const wrongMax = 60;
const wrongOfOneMax = 6;

const folder = new URL('resident/', import.meta.url.replace(/(build\/src|dist|src)\/api\/resident\/[^/]*$/, 'src/api/'));
const files = [['/me/page.css', 'page.css', 'text/css'], ['/me/page.js', 'page.js', 'text/javascript']] as const;

type Fields = Record<string, string | undefined>;

export function residentRoutes(app: FastifyInstance, { ledger: { redis }, vault, pressure, dayOf }: Door, { queues, timeZone, answerAfterMs = 300 }: ResidentParts): void {
  const config = { may: 'anybody' } as const;
  const schema = { hide: true } as const;
  const lookUp = makeLookUp({ redis, vault, today: () => dayOf(Date.now()) });
  const clock = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });

  const send = (reply: FastifyReply, page: string, { status = 200, kept = 'no-store', retryAfter = 0 }: { status?: number; kept?: string; retryAfter?: number } = {}): FastifyReply => {
    if (retryAfter > 0) reply.header('retry-after', retryAfter);
    return reply.code(status).headers({ 'content-type': 'text/html; charset=utf-8', 'content-security-policy': residentPolicy, 'cache-control': kept }).send(page);
  };

  for (const [path, file, type] of files) {
    const body = readFileSync(new URL(file, folder));
    app.get(path, { schema, config }, (_request, reply) => reply.headers({ 'content-type': `${type}; charset=utf-8`, 'cache-control': 'public, max-age=3600' }).send(body));
  }

  app.get('/wait/:round/:area', { schema, config }, (request, reply) => {
    const { round, area } = request.params as CellName;
    const language = languageOf((request.query as Fields)['lang']);
    const named = identifier.safeParse(round).success && identifier.safeParse(area).success;
    const waits = named ? queues?.waits({ round, area }) : undefined;
    const address = named ? `/wait/${round}/${area}` : '/wait';
    return send(reply, waitsPage(language, waits, address, (at) => clock.format(at)), { status: waits ? 200 : 404, kept: waits ? 'public, max-age=15' : 'no-store' });
  });

  app.get('/me', { schema, config }, (request, reply) => {
    const { r, lang, by } = request.query as Fields;
    return send(reply, asking(languageOf(lang), by === 'document' ? 'document' : 'code', linked(r)));
  });

  // A form's own way of writing is taken here and nowhere else: it carries no cookie's power, since nobody here has a badge.
  void app.register(async (forms) => {
    forms.removeAllContentTypeParsers();
    forms.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string', bodyLimit: 2048 }, (_request, body, done) => done(null, Object.fromEntries(new URLSearchParams(body as string))));
    forms.post('/me', { schema, config, bodyLimit: 2048 }, async (request, reply) => {
      const began = performance.now();
      const answer = await answerTo(request);
      await sleep(Math.max(0, answerAfterMs - (performance.now() - began)));
      return send(reply, answer.page, answer);
    });
  });

  interface Answer { page: string; status?: number; retryAfter?: number }

  async function answerTo(request: FastifyRequest): Promise<Answer> {
    const sent = request.body !== null && typeof request.body === 'object' ? (request.body as Fields) : {};
    const field = (name: string): string => String(sent[name] ?? '').normalize('NFKC').replace(/[\s-]/g, '').toUpperCase();
    const language = languageOf(sent['lang']);
    const r = linked(sent['r']);
    const [code, document, proof] = [field('code'), field('document'), field('proof')];
    const by = document !== '' ? 'document' : 'code';
    const again = (said: Said, status: number, retryAfter = 0): Answer => ({ page: asking(language, by, r, said), status, retryAfter });

    // What was mistyped can be said without looking anybody up.
    if (by === 'code' && parseCode(code)?.type !== 'resident') return again(words.codeMistyped, 422);
    if ((by === 'document' || proof !== '') && !/^[0-9]{3}[0-9X]$/.test(proof)) return again(words.proofMistyped, 422);
    if (!pressure.roomForRead()) return again(words.busy, 503, 60);
    const address = hidden(request.ip);
    if ((await countAttempt(redis, `me:${address}`, 60)) > formsMax) return again(words.tooOften, 429, 60);

    const one = `meWrong:${hidden(document || code)}`;
    const [ofAddress, ofOne] = await Promise.all([countAttempt(redis, `meWrong:${address}`, 900), countAttempt(redis, one, 3600)]);
    if (ofAddress > wrongMax || ofOne > wrongOfOneMax) return again(words.tooOften, 429, 900);
    pressure.reads++;
    try {
      const found: FoundResident | ProvedResident | undefined = by === 'document' ? await lookUp.byDocument(document, proof, r) : await lookUp.byCode(code, r);
      const proved = by === 'document' ? (found as ProvedResident | undefined) : proof === '' ? undefined : await lookUp.proved(found, proof);
      if (!found || (proof !== '' && !proved)) return again(words.notFound, 404);
      await Promise.all([uncountAttempt(redis, `meWrong:${address}`), uncountAttempt(redis, one)]);
      return { page: await shown(language, r, { code, document, proof }, found, proved) };
    } finally {
      pressure.reads--;
    }
  }

  async function shown(language: Language, r: string | undefined, typed: { code: string; document: string; proof: string }, found: FoundResident, proved: ProvedResident | undefined): Promise<string> {
    const facts = await standingFacts(language, redis, found, queues?.standing(found.place.cell, found.state.ticket), (at) => clock.format(at));
    const result = proved ? await resultFacts(language, redis, proved) : '';
    // Before there is a swab there is no result to ask for.
    const proof = proved || found.state.swabs === 0 ? '' : `<h2>${text(language, words.askProof)}</h2>${form(language, { fields: [{ name: 'proof', label: words.proofLabel, max: 4 }], hidden: { r, code: typed.code }, button: words.look })}`;
    const again = `<form method="post" action="/me">${hiddenFields({ r, lang: language, ...typed })}<button type="submit">${text(language, words.again)}</button></form>`;
    return pageOf({
      language, title: words.title, rehearsal: found.place.rehearsal,
      body: `${result}<dl>${facts}</dl>${again}${proof}<p><a href="${addressOf(language, r)}">${text(language, words.start)}</a></p>`,
    });
  }

  function asking(language: Language, by: 'code' | 'document', r: string | undefined, problem?: Said): string {
    const fields = by === 'code'
      ? [{ name: 'code', label: words.codeLabel, max: 20, numeric: true }]
      : [{ name: 'document', label: words.documentLabel, max: 40 }, { name: 'proof', label: words.phoneLabel, max: 4, numeric: true }];
    return pageOf({
      language, title: words.title, other: addressOf(language === 'zh' ? 'en' : 'zh', r, by),
      body: `${problem ? note(text(language, problem)) : ''}<h2>${text(language, by === 'code' ? words.askCode : words.askDocument)}</h2>${form(language, { fields, hidden: { r }, button: words.look })}` +
        `<p><a href="${addressOf(language, r, by === 'code' ? 'document' : 'code')}">${text(language, by === 'code' ? words.noCard : words.haveCard)}</a></p>`,
    });
  }
}

const hiddenFields = (fields: Readonly<Record<string, string | undefined>>): string =>
  Object.entries(fields).filter(([, value]) => value !== undefined && value !== '').map(([name, value]) => `<input type="hidden" name="${name}" value="${plain('zh', { zh: value as string, en: '' })}">`).join('');

/** The cell of a link, as it may stand in an address again. */
function linked(r: unknown): string | undefined {
  return typeof r === 'string' && /^[A-Za-z0-9][A-Za-z0-9._-]{0,31}:[A-Za-z0-9][A-Za-z0-9._-]{0,31}$/.test(r) ? r : undefined;
}

function addressOf(language: Language, r: string | undefined, by: 'code' | 'document' = 'code'): string {
  const query = [...(r === undefined ? [] : [`r=${r}`]), ...(by === 'document' ? ['by=document'] : []), ...(language === 'en' ? ['lang=en'] : [])].join('&#38;');
  return query === '' ? '/me' : `/me?${query}`;
}
