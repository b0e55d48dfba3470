// Identity documents: what a person shows, or a roster holds, turned into the one string a person is
// found by, or into the reason why it cannot be.
//
// A person is a document number, never a name (two people of one name and village are an everyday thing).
// So this file is strict where a number can be proved wrong and lenient where it cannot: spaces, hyphens,
// full-width digits and a lower-case x are how people write, and are put right; a wrong check digit, an
// impossible date of birth or a number that a spreadsheet has destroyed is refused with the sentence that
// says so. Area codes are not checked: they change, and where a number was issued is not where a person lives.
//
// It runs on the tablet and in the service alike, and knows nothing of either.

export type DocumentKind =
  /** Resident identity card, GB 11643: 18 characters, or 15 on cards of the first generation. */
  | 'residentId'
  /** Residence permit for people of Hong Kong (81), Macau (82) and Taiwan (83): GB 11643 in shape. */
  | 'hmtResidencePermit'
  /** Mainland travel permit for people of Hong Kong and Macau: H or M, 8 digits for life, 2 of the issue. */
  | 'hkMacauPermit'
  /** Mainland travel permit for people of Taiwan: 8 digits for life; older ones with an issue number. */
  | 'taiwanPermit'
  | 'passport'
  /** Permanent residence card of a foreigner: 3 letters and 12 digits, or 18 digits that begin with 9. */
  | 'foreignResidentCard'
  /** Household book, birth certificate, soldier's card ...: told apart by its description. */
  | 'other'
  /** The person has nothing to show: sampled now, identified later. */
  | 'none';

export type Sex = 'male' | 'female';

export interface DocumentInput {
  /** As typed, scanned, or read from a cell. A number is one that a spreadsheet holds as a number. */
  number: string | number | null | undefined;
  /** Left out, the kind is told from the number, where that is certain. */
  kind?: DocumentKind | undefined;
  /** What the document is, for kind `other`. */
  description?: string | undefined;
  /** Today where the person is, as YYYY-MM-DD; nobody is born after it. */
  today?: string | undefined;
}

export interface GoodDocument {
  ok: true;
  kind: DocumentKind;
  /** The number as it is kept and printed. */
  normalised: string;
  /** What the person is matched on; null for a person without a document. */
  identity: string | null;
  /** YYYY-MM-DD, where the number holds it. */
  birthDate?: string;
  sex?: Sex;
  /**
   * The number proves right, but ends as a rounded number does. One such person is chance (1 in 1,100);
   * a roster full of them went through a spreadsheet, so the roster's reader counts these.
   */
  endsRounded?: true;
}

export interface BadDocument {
  ok: false;
  problem: DocumentProblem;
  /** The kind it was judged as, where there was one. */
  kind?: DocumentKind;
  /** The number it was probably meant to be, when exchanging O/0 or I/1 makes it right. Personal data. */
  suggestion?: string;
}

export type JudgedDocument = GoodDocument | BadDocument;

/** Every reason why a document is refused, with the sentence a person reads. */
export const documentProblems = {
  document_missing: {
    zh: '没有证件号码。确实没有证件的，请在“证件类型”中写“无证件”。',
    en: 'There is no document number. For a person who has none, write "no document" as the kind of document.',
  },
  document_masked: {
    zh: '证件号码中有星号，被遮盖的号码不能使用，请填写完整号码。',
    en: 'The number is masked with stars. Give the whole number.',
  },
  document_spreadsheet_number: {
    zh: '表格软件把证件号码变成了 1.2E+17 这样的数字，后几位已经丢失。请把该列设为“文本”后重新填写号码。',
    en: 'A spreadsheet turned this number into a form like 1.2E+17 and its last digits are lost. Format the column as text and enter the number again.',
  },
  document_spreadsheet_rounded: {
    zh: '证件号码以 000 结尾：表格软件只保留前 15 位，后三位已经丢失。请把该列设为“文本”后重新填写号码。',
    en: 'The number ends in 000: a spreadsheet keeps only 15 digits, and the last three are lost. Format the column as text and enter the number again.',
  },
  document_length: {
    zh: '证件号码的位数不对。居民身份证号码是 18 位（旧证 15 位）。',
    en: 'The number has the wrong length. A resident identity number has 18 characters (15 on old cards).',
  },
  document_characters: {
    zh: '证件号码中有不应出现的字符。',
    en: 'The number holds characters that do not belong in it.',
  },
  document_birth_date: {
    zh: '证件号码中的出生日期不存在。',
    en: 'The date of birth in the number does not exist.',
  },
  document_birth_future: {
    zh: '证件号码中的出生日期晚于今天。',
    en: 'The date of birth in the number is after today.',
  },
  document_check_digit: {
    zh: '证件号码的校验位不对，号码中至少有一位错误。若不是居民身份证，请选择“其他证件”并写明是什么证件。',
    en: 'The check digit does not fit: at least one digit of the number is wrong. If it is not a resident identity card, choose "other document" and say which.',
  },
  document_shape: {
    zh: '号码的格式与所选证件类型不符。',
    en: 'The number does not have the form of the chosen kind of document.',
  },
  document_kind_needed: {
    zh: '仅凭号码无法判断证件类型，请填写“证件类型”。',
    en: 'The kind of document cannot be told from the number alone. Give the kind of document.',
  },
  document_kind_unknown: {
    zh: '不认识这种证件类型。可写：居民身份证、港澳台居民居住证、港澳通行证、台胞证、护照、外国人永久居留证、其他证件、无证件。',
    en: 'This kind of document is not known. Known are: resident identity card, Hong Kong/Macau/Taiwan residence permit, Hong Kong/Macau travel permit, Taiwan travel permit, passport, foreign permanent residence card, other document, no document.',
  },
  document_description_needed: {
    zh: '“其他证件”必须写明是什么证件。',
    en: 'For "other document", say what document it is.',
  },
  document_not_expected: {
    zh: '填写了“无证件”，但又有证件号码。',
    en: 'The kind says "no document", yet there is a number.',
  },
} as const satisfies Record<string, { zh: string; en: string }>;

export type DocumentProblem = keyof typeof documentProblems;

/**
 * Judges one document. Never throws for what people type: a number is good, or bad for exactly one reason,
 * the most helpful first (a number destroyed by a spreadsheet also has a wrong check digit, but saying so
 * would send the clerk looking for a typing error).
 */
export function judgeDocument(input: DocumentInput): JudgedDocument {
  const text = documentText(input.number);
  if (input.kind === 'none') {
    return text === '' || saysNone(text) ? withoutDocument : bad('document_not_expected', 'none');
  }
  if (saysNone(text) && input.kind === undefined) return withoutDocument;
  if (text === '') return bad('document_missing', input.kind);
  if (/[*＊✱]/.test(text)) return bad('document_masked', input.kind);
  if (/^\d(\.\d+)?E\+?\d{1,3}$/.test(text)) return bad('document_spreadsheet_number', input.kind);
  if (typeof input.number === 'number' && !(Number.isInteger(input.number) && input.number >= 0 && input.number < 1e15)) {
    return bad('document_spreadsheet_number', input.kind);
  }
  const today = input.today ?? todayInShanghai();
  const kind = input.kind ?? kindOf(text);
  if (kind === null) return bad(whyNoKind(text));
  return judges[kind](text, input, today);
}

/**
 * A number as it is compared: full-width forms made plain, spaces and hyphens taken out, capitals. The
 * multiplication sign and the Cyrillic and Greek letters that look like X become X, since keyboards and text
 * recognition produce them. Nothing else is changed: a wrong character stays, so that it is seen.
 */
export function documentText(number: DocumentInput['number']): string {
  if (number === null || number === undefined) return '';
  if (typeof number === 'number')
    return Number.isInteger(number) && Math.abs(number) < 1e21 ? BigInt(number).toString() : String(number).toUpperCase();
  return number
    .normalize('NFKC')
    .replace(/[\s\u00ad\u180e\u200b-\u200f\u2060\ufeff]/gu, '')
    .replace(/^['`‘’]+/u, '')
    .replace(/[-‐‑‒–—―−﹣]/gu, '')
    .toUpperCase()
    .replace(/[×ХΧ✕]/gu, 'X');
}

/** True for the words that stand where a number would, when there is none. */
function saysNone(text: string): boolean {
  return kindWords.get(text.toLowerCase()) === 'none';
}

/** The check character of the first 17 digits of a resident identity number (ISO 7064 MOD 11-2). */
export function residentIdCheck(first17: string): string {
  let sum = 0;
  for (let i = 0; i < 17; i++) sum += digitAt(first17, i) * (residentIdWeights[i] ?? 0);
  return '10X98765432'.charAt(sum % 11);
}

/** Whole years of age on a day; both days as YYYY-MM-DD. */
export function ageOn(birthDate: string, day: string): number {
  const years = Number(day.slice(0, 4)) - Number(birthDate.slice(0, 4));
  return day.slice(5) < birthDate.slice(5) ? years - 1 : years;
}

/** Today in Asia/Shanghai, YYYY-MM-DD: the day on which age and dates of birth are judged. China keeps UTC+8 all year. */
export function todayInShanghai(now: number = Date.now()): string {
  return new Date(now + 8 * 3_600_000).toISOString().slice(0, 10);
}

/** True for a day that the calendar has, given as YYYY-MM-DD. */
export function isRealDate(date: string): boolean {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(date);
  if (!match) return false;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  // Date rolls 31 April over to 1 May; a date that comes back unchanged is one that exists.
  const made = new Date(Date.UTC(year, month - 1, day));
  return year >= 1800 && made.getUTCFullYear() === year && made.getUTCMonth() === month - 1 && made.getUTCDate() === day;
}

/** The words people write for kinds of documents, in rosters and at the desk. */
const kindWords = wordsOf<DocumentKind>({
  residentId: '居民身份证 身份证 二代身份证 户口簿 户口本 residentidentitycard identitycard residentid idcard id',
  hmtResidencePermit: '港澳台居民居住证 港澳居民居住证 台湾居民居住证 居住证 residencepermit hongkongmacautaiwanresidencepermit',
  hkMacauPermit: '港澳居民来往内地通行证 港澳居民通行证 港澳通行证 回乡证 hongkongmacautravelpermit',
  taiwanPermit: '台湾居民来往大陆通行证 台湾通行证 台胞证 taiwantravelpermit',
  passport: '护照 外国护照 中国护照 passport',
  foreignResidentCard: '外国人永久居留身份证 外国人永久居留证 永居证 foreignpermanentresidencecard',
  other: '其他 其它 其他证件 其它证件 other otherdocument',
  none: '无 无证件 没有证件 没有 无证 无身份证 未办证 none nodocument',
});

/** Documents that are always `other`, whose name is their description. */
const describedKinds = wordsOf({
  出生医学证明: '出生医学证明 出生证明 出生证 birthcertificate',
  军官证: '军官证',
  士兵证: '士兵证',
  警官证: '警官证',
  驾驶证: '驾驶证 驾照 drivinglicence',
  社保卡: '社保卡 社会保障卡',
});

/** Turns `meaning: 'word word'` round, into word > meaning. */
function wordsOf<Meaning extends string>(words: Record<Meaning, string>): ReadonlyMap<string, Meaning> {
  return new Map(
    Object.entries<string>(words).flatMap(([meaning, list]) => list.split(' ').map((word): [string, Meaning] => [word, meaning as Meaning])),
  );
}

/**
 * Reads a kind of document as a person wrote it: `其他-出生证` and `出生证明` are both other documents with a
 * description. Null when the words mean no kind that is known; undefined when nothing was written.
 */
export function readDocumentKind(words: string): { kind: DocumentKind; description?: string } | null | undefined {
  const text = words
    .normalize('NFKC')
    .replace(/[\s（）()[\]“”"'./_-]/gu, '')
    .toLowerCase();
  if (text === '') return undefined;
  const kind = kindWords.get(text);
  if (kind) return { kind };
  const description = describedKinds.get(text);
  if (description) return { kind: 'other', description };
  const other = /^(?:其他证件|其它证件|其他|其它|otherdocument|other)[:,，、]?(.+)$/u.exec(text);
  return other?.[1] ? { kind: 'other', description: describedKinds.get(other[1]) ?? other[1] } : null;
}

const withoutDocument: GoodDocument = { ok: true, kind: 'none', normalised: '', identity: null };

const residentIdWeights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

type Judge = (text: string, input: DocumentInput, today: string) => JudgedDocument;

const judges: Readonly<Record<DocumentKind, Judge>> = {
  residentId: judgeResidentId,
  // Migrants' residence permits carry the holder's own identity number, so a mainland number here is no mistake:
  // the number decides the kind, and with it nothing that the person is matched on.
  hmtResidencePermit: judgeResidentId,
  hkMacauPermit: (text) => {
    // The last two digits change with each renewal, the first nine are the person's for life.
    if (/^[HM]\d{8}(\d{2})?$/.test(text)) return good('hkMacauPermit', text, `hm:${text.slice(0, 9)}`);
    return shapeOr(text, 'hkMacauPermit', /^[HM]\d{8}(\d{2})?$/, 'H');
  },
  taiwanPermit: (text) => {
    const match = /^(\d{8})(\d{2}(?:\([A-Z]\)|[A-Z])?)?$/.exec(text);
    if (match?.[1]) return good('taiwanPermit', text, `tw:${match[1]}`);
    return shapeOr(text, 'taiwanPermit', /^\d{8}$/);
  },
  passport: (text) => {
    // Countries number their passports as they like. The issuing country is not part of the identity: one desk
    // writes it and the next does not, and one person would become two far oftener than two would share a number.
    if (/^[0-9A-Z]{5,15}$/.test(text) && /\d/.test(text)) return good('passport', text, `pp:${text}`);
    return bad(/^[0-9A-Z]*$/.test(text) ? 'document_length' : 'document_characters', 'passport');
  },
  foreignResidentCard: (text, input, today) => {
    if (/^[A-Z]{3}\d{12}$/.test(text)) return good('foreignResidentCard', text, `fr:${text}`);
    if (text.startsWith('9')) return judgeResidentId(text, input, today);
    return bad('document_shape', 'foreignResidentCard');
  },
  other: (text, input) => {
    const description = (input.description ?? '').normalize('NFKC').replace(/\s+/gu, '').toUpperCase();
    if (description === '') return bad('document_description_needed', 'other');
    if (text.length > 40) return bad('document_length', 'other');
    if (!/^[\p{L}\p{N}()./#:]+$/u.test(text)) return bad('document_characters', 'other');
    return good('other', text, `ot:${description}:${text}`);
  },
  none: () => withoutDocument,
};

/** GB 11643 in both lengths, and the two kinds of cards that share its form. */
function judgeResidentId(text: string, input: DocumentInput, today: string): JudgedDocument {
  const kind = kindOf18(text);
  if (/^\d{15}$/.test(text)) {
    // The century is always 19: the cards were printed from 1984 to 2004 and lost validity in 2013.
    const first17 = `${text.slice(0, 6)}19${text.slice(6)}`;
    return judgeResidentId(first17 + residentIdCheck(first17), input, today);
  }
  if (!/^\d{17}[\dX]$/.test(text)) return notAResidentId(text, today);
  if (residentIdCheck(text) !== text.charAt(17)) {
    return bad(text.endsWith('000') ? 'document_spreadsheet_rounded' : 'document_check_digit', kind);
  }
  const birthDate = readDate(text.slice(6, 14));
  if (birthDate === null) return bad('document_birth_date', kind);
  if (birthDate > today) return bad('document_birth_future', kind);
  const sex: Sex = digitAt(text, 16) % 2 === 1 ? 'male' : 'female';
  const judged: GoodDocument = { ok: true, kind, normalised: text, identity: `id:${text}`, birthDate, sex };
  if (text.endsWith('000')) judged.endsRounded = true;
  return judged;
}

/** A text that should have been a resident identity number: says what is wrong, and what it may have been. */
function notAResidentId(text: string, today: string): BadDocument {
  const plain = /^[0-9A-Z]+$/.test(text);
  if (plain && (text.length === 18 || text.length === 15)) {
    const meant = withoutLookalikes(text);
    if (meant !== text && /^\d{17}[\dX]$|^\d{15}$/.test(meant)) {
      const judged = judgeResidentId(meant, { number: meant }, today);
      if (judged.ok) return { ...bad('document_characters', judged.kind), suggestion: meant };
    }
    return bad('document_characters', 'residentId');
  }
  return bad(plain ? 'document_length' : 'document_characters', 'residentId');
}

/** Letters that text recognition and tired eyes take for digits. */
function withoutLookalikes(text: string): string {
  return text.replace(/[OQD]/g, '0').replace(/[IL]/g, '1');
}

/** For kinds with a fixed form: refuses, with a suggestion when only look-alike letters are in the way. */
function shapeOr(text: string, kind: DocumentKind, shape: RegExp, keepFirst = ''): BadDocument {
  const meant = keepFirst === '' ? withoutLookalikes(text) : text.charAt(0) + withoutLookalikes(text.slice(1));
  const refused = bad('document_shape', kind);
  return meant !== text && shape.test(meant) ? { ...refused, suggestion: meant } : refused;
}

/** The kind that a number can only be, or null. Eight digits may be a permit, a telephone or a birthday: not told. */
function kindOf(text: string): DocumentKind | null {
  if (/^\d{17}[\dX]$/.test(text)) return kindOf18(text);
  if (/^\d{15}$/.test(text)) return 'residentId';
  if (/^[A-Z]{3}\d{12}$/.test(text)) return 'foreignResidentCard';
  if (/^[HM]\d{8}(\d{2})?$/.test(text)) return 'hkMacauPermit';
  if (/^[A-Z]{1,2}\d{6,8}$/.test(text)) return 'passport';
  if (/^\d{13,20}X?$/.test(text) || /^[0-9OQDIL]{13,17}[0-9OQDILX]{1,3}$/.test(text)) return 'residentId';
  return null;
}

function kindOf18(text: string): DocumentKind {
  if (/^8[123]0000/.test(text)) return 'hmtResidencePermit';
  return text.startsWith('9') && text.length === 18 ? 'foreignResidentCard' : 'residentId';
}

function whyNoKind(text: string): DocumentProblem {
  if (!/^[0-9A-Z()]+$/.test(text)) return 'document_characters';
  return 'document_kind_needed';
}

function readDate(yyyymmdd: string): string | null {
  const date = `${yyyymmdd.slice(0, 4)}-${yyyymmdd.slice(4, 6)}-${yyyymmdd.slice(6, 8)}`;
  return isRealDate(date) ? date : null;
}

function good(kind: DocumentKind, normalised: string, identity: string): GoodDocument {
  return { ok: true, kind, normalised, identity };
}

function bad(problem: DocumentProblem, kind?: DocumentKind): BadDocument {
  return kind === undefined ? { ok: false, problem } : { ok: false, problem, kind };
}

function digitAt(text: string, at: number): number {
  return text.charCodeAt(at) - 48;
}
