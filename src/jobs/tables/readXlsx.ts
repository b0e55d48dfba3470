// Reads .xlsx workbooks as a stream of rows.
//
// Written for files from strangers: the zip's directory is judged before anything is unpacked, only what that directory lists is ever
// read, every part is checked against its stated size while it unpacks, nothing is written to disk, and no formula, link or entity is
// followed. (exceljs, which writes our error files, reads by the local headers instead of the directory, so it would read other bytes
// than those that were judged, and it puts sheets in clear into temporary files when their texts come later in the archive.)
//
// It yields to the rest of the program with every 64 kB unpacked, about a millisecond of work.

import { SaxesParser, type SaxesTagPlain } from 'saxes';
import { fromBufferPromise, type Entry, type ZipFile } from 'yauzl';
import { columnNumber, TableRefused, tableLimits, type Cell, type MergedRange, type Table, type TableRow } from './table.js';

/** Opens a workbook held in memory. Throws TableRefused. */
export async function readXlsx(file: Buffer): Promise<Table> {
  const zip = await guardedZip(file);
  const workbook = await findWorkbook(zip);
  const [texts, dateStyles] = [await sharedTexts(zip, workbook.texts), await dateFormats(zip, workbook.styles)];
  const partOf = (sheet: string): string => {
    const found = workbook.sheets.find(({ name }) => name === sheet);
    if (!found) throw new TableRefused('sheet_unknown', { sheets: workbook.sheets.map(({ name }) => name) });
    return found.part;
  };
  return {
    sheets: workbook.sheets.map(({ name }) => name),
    rows: (sheet, onRead) => sheetRows(zip, partOf(sheet), { texts, dateStyles, from1904: workbook.from1904 }, onRead),
    merged: (sheet) => mergedRanges(zip, partOf(sheet)),
  };
}

// ---------------------------------------------------------------------------------------------------------
// The archive

interface Zip {
  has(part: string): boolean;
  size(part: string): number;
  /** The unpacked bytes of a part, as they come. */
  read(part: string): AsyncIterable<Buffer>;
}

/** Opens the archive and judges its directory: number of parts, their sizes, how far they unpack. Nothing is unpacked for that. */
async function guardedZip(file: Buffer): Promise<Zip> {
  const entries = new Map<string, Entry>();
  let zip: ZipFile;
  try {
    zip = await fromBufferPromise(file, { lazyEntries: true, validateEntrySizes: true });
    if (zip.entryCount > tableLimits.zipEntries) throw new TableRefused('file_bomb', { entries: zip.entryCount });
    let unpacked = 0;
    for await (const entry of zip.eachEntry()) {
      unpacked += entry.uncompressedSize;
      const ratio = entry.uncompressedSize / Math.max(1, entry.compressedSize);
      if (
        entry.uncompressedSize > tableLimits.entryBytes ||
        unpacked > tableLimits.unpackedBytes ||
        (entry.uncompressedSize > 1024 * 1024 && ratio > tableLimits.ratio)
      ) {
        throw new TableRefused('file_bomb', { unpackedBytes: unpacked });
      }
      entries.set(entry.fileName.replace(/^\//, ''), entry);
    }
  } catch (cause) {
    throw cause instanceof TableRefused ? cause : new TableRefused('file_damaged');
  }
  return {
    has: (part) => entries.has(part),
    size: (part) => entries.get(part)?.uncompressedSize ?? 0,
    async *read(part) {
      const entry = entries.get(part);
      if (!entry) throw new TableRefused('file_damaged', { missing: part });
      try {
        yield* await zip.openReadStreamPromise(entry);
      } catch (cause) {
        throw cause instanceof TableRefused ? cause : new TableRefused('file_damaged', { part });
      }
    },
  };
}

/** Parses a part; `visit` hears of tags and texts, and `after` runs with each piece. A document type is a sign of an attack. */
async function* parsePart<Found>(
  zip: Zip,
  part: string,
  visit: (parser: SaxesParser) => void,
  drain: () => Found[],
  onRead?: (share: number) => void,
): AsyncGenerator<Found> {
  const parser = new SaxesParser({ position: false });
  const decoder = new TextDecoder('utf-8');
  parser.on('error', () => {
    throw new TableRefused('file_damaged', { part });
  });
  parser.on('doctype', () => {
    throw new TableRefused('file_damaged', { part });
  });
  visit(parser);
  const size = zip.size(part);
  let read = 0;
  for await (const bytes of zip.read(part)) {
    parser.write(decoder.decode(bytes, { stream: true }));
    read += bytes.length;
    yield* drain();
    onRead?.(size === 0 ? 1 : read / size);
  }
  parser.write(decoder.decode()).close();
  yield* drain();
}

/** Parses a part for its side effects. */
async function visitPart(zip: Zip, part: string, visit: (parser: SaxesParser) => void): Promise<void> {
  for await (const _ of parsePart(zip, part, visit, () => [])) void _;
}

// ---------------------------------------------------------------------------------------------------------
// The workbook: which sheets there are, where their parts lie, its texts and styles

interface Workbook {
  sheets: { name: string; part: string }[];
  texts: string | null;
  styles: string | null;
  /** Dates counted from 1904, as old Macintosh workbooks do. */
  from1904: boolean;
}

async function findWorkbook(zip: Zip): Promise<Workbook> {
  if (zip.has('mimetype')) throw new TableRefused('file_open_document');
  if (zip.has('xl/workbook.bin')) throw new TableRefused('file_binary_excel');
  const main = zip.has('_rels/.rels')
    ? [...(await relations(zip, '_rels/.rels', '')).values()].find(({ type }) => type === 'officeDocument')
    : undefined;
  const part = main?.target ?? 'xl/workbook.xml';
  if (!zip.has(part)) throw new TableRefused('file_unknown');
  const folder = part.slice(0, part.lastIndexOf('/') + 1);
  const related = await relations(zip, `${folder}_rels/${part.slice(folder.length)}.rels`, folder);
  const found: Workbook = { sheets: [], texts: null, styles: null, from1904: false };
  for (const { type, target } of related.values()) {
    if (type === 'sharedStrings' && zip.has(target)) found.texts = target;
    if (type === 'styles' && zip.has(target)) found.styles = target;
  }
  await visitPart(zip, part, (parser) => {
    parser.on('opentag', (tag) => {
      const name = local(tag);
      if (name === 'workbookPr') found.from1904 = /^(1|true)$/.test(String(tag.attributes['date1904'] ?? ''));
      if (name !== 'sheet') return;
      const relation = related.get(attribute(tag, 'id'));
      if (relation?.type === 'worksheet' && zip.has(relation.target))
        found.sheets.push({ name: String(tag.attributes['name'] ?? ''), part: relation.target });
    });
  });
  if (found.sheets.length === 0) throw new TableRefused('file_damaged', { missing: 'worksheet' });
  return found;
}

async function relations(zip: Zip, part: string, folder: string): Promise<Map<string, { type: string; target: string }>> {
  const found = new Map<string, { type: string; target: string }>();
  if (!zip.has(part)) return found;
  await visitPart(zip, part, (parser) => {
    parser.on('opentag', (tag) => {
      if (local(tag) !== 'Relationship') return;
      const target = String(tag.attributes['Target'] ?? '');
      const type = String(tag.attributes['Type'] ?? '');
      found.set(String(tag.attributes['Id'] ?? ''), {
        type: type.slice(type.lastIndexOf('/') + 1),
        target: target.startsWith('/') ? target.slice(1) : folder + target,
      });
    });
  });
  return found;
}

/** The texts that cells point to by number. */
async function sharedTexts(zip: Zip, part: string | null): Promise<string[]> {
  const texts: string[] = [];
  if (part === null) return texts;
  const text = textCollector();
  await visitPart(zip, part, (parser) => {
    parser.on('opentag', (tag) => text.open(local(tag)));
    parser.on('text', (piece) => text.add(piece));
    parser.on('cdata', (piece) => text.add(piece));
    parser.on('closetag', (tag) => {
      text.close(local(tag));
      if (local(tag) === 'si') texts.push(text.take());
    });
  });
  return texts;
}

/** Which cell styles show a date: those whose number format is one. True where it shows the time of day too. */
async function dateFormats(zip: Zip, part: string | null): Promise<ReadonlyMap<number, boolean>> {
  const dates = new Map<number, boolean>();
  if (part === null) return dates;
  const custom = new Map<number, boolean>();
  let inCells = false;
  let style = 0;
  await visitPart(zip, part, (parser) => {
    parser.on('opentag', (tag) => {
      const name = local(tag);
      const format = Number(tag.attributes['numFmtId'] ?? -1);
      const code = String(tag.attributes['formatCode'] ?? '');
      if (name === 'numFmt' && isDateFormat(code)) custom.set(format, /[hs]/i.test(plainFormat(code)));
      if (name === 'cellXfs') inCells = true;
      if (name !== 'xf' || !inCells) return;
      // The built-in dates and times of ECMA-376, those of Chinese and Japanese workbooks among them.
      if (
        custom.has(format) ||
        (format >= 14 && format <= 22) ||
        (format >= 27 && format <= 36) ||
        (format >= 45 && format <= 47) ||
        (format >= 50 && format <= 58)
      )
        dates.set(style, custom.get(format) ?? ((format >= 18 && format <= 22) || (format >= 32 && format <= 35) || (format >= 45 && format <= 47)));
      style++;
    });
    parser.on('closetag', (tag) => {
      if (local(tag) === 'cellXfs') inCells = false;
    });
  });
  return dates;
}

function isDateFormat(code: string): boolean {
  const bare = plainFormat(code);
  return /[ymdhs]/i.test(bare) && !/[#0?]/.test(bare.replace(/0+$/, ''));
}

/** A format's letters without the texts, colours and languages in it. */
function plainFormat(code: string): string {
  return code.replace(/"[^"]*"|\\.|\[[^\]]*\]|_./g, '');
}

// ---------------------------------------------------------------------------------------------------------
// A sheet

interface Reading {
  texts: readonly string[];
  dateStyles: ReadonlyMap<number, boolean>;
  from1904: boolean;
}

async function* sheetRows(zip: Zip, part: string, reading: Reading, onRead?: (share: number) => void): AsyncGenerator<TableRow> {
  const ready: TableRow[] = [];
  const text = textCollector();
  let row = 0;
  let column = -1;
  let cells = new Map<number, Cell>();
  let cell = { type: '', style: -1, formula: false, value: null as string | null };

  const visit = (parser: SaxesParser): void => {
    parser.on('opentag', (tag) => {
      const name = local(tag);
      text.open(name);
      if (name === 'row') {
        // Some programs leave the numbers out: then rows and cells simply follow each other.
        const given = Number(tag.attributes['r'] ?? row + 1);
        if (!Number.isInteger(given) || given <= row || given > 1_048_576) throw new TableRefused('file_damaged', { part, row });
        row = given;
        column = -1;
        cells = new Map();
      } else if (name === 'c') {
        const reference = tag.attributes['r'];
        const given = reference === undefined ? column + 1 : columnNumber(String(reference).replace(/\d+$/, ''));
        if (given === null || given <= column || given >= 16_384) throw new TableRefused('file_damaged', { part, row });
        column = given;
        cell = { type: String(tag.attributes['t'] ?? 'n'), style: Number(tag.attributes['s'] ?? -1), formula: false, value: null };
        text.take();
      } else if (name === 'f') {
        cell.formula = true;
      }
    });
    parser.on('text', (piece) => text.add(piece));
    parser.on('cdata', (piece) => text.add(piece));
    parser.on('closetag', (tag) => {
      const name = local(tag);
      text.close(name);
      if (name === 'v' || name === 'is') {
        cell.value = text.take();
      } else if (name === 'c') {
        const made = toCell(cell, reading);
        if (made) cells.set(column, made);
        if (cells.size > tableLimits.columns) throw new TableRefused('file_too_wide', { row });
      } else if (name === 'row' && cells.size > 0) {
        ready.push({ row, cells });
      }
    });
  };
  yield* parsePart(zip, part, visit, () => ready.splice(0), onRead);
}

function toCell(
  cell: { type: string; style: number; formula: boolean; value: string | null },
  { texts, dateStyles, from1904 }: Reading,
): Cell | null {
  const mark = cell.formula ? ({ formula: true } as const) : {};
  if (cell.type === 'e') return { kind: 'error' };
  if (cell.value === null || (cell.value === '' && cell.type !== 'str')) return cell.formula ? { kind: 'formula' } : null;
  const text = (words: string): Cell | null => (words.trim() === '' ? null : { kind: 'text', text: words.replace(/^'(?=[=+\-@])/, ''), ...mark });
  if (cell.type === 's') {
    const words = texts[Number(cell.value)];
    if (words === undefined) throw new TableRefused('file_damaged', { missing: 'text' });
    return text(words);
  }
  if (cell.type === 'inlineStr' || cell.type === 'str') return text(cell.value);
  if (cell.type === 'b') return text(cell.value === '1' ? '是' : '否');
  if (cell.type === 'd') {
    const time = /T(\d\d:\d\d:\d\d)/.exec(cell.value)?.[1];
    return { kind: 'date', text: cell.value.slice(0, 10), ...(time === undefined ? {} : { time }), ...mark };
  }
  const number = Number(cell.value);
  if (!Number.isFinite(number)) return text(cell.value);
  const showsTime = dateStyles.get(cell.style);
  if (showsTime !== undefined) return { kind: 'date', ...dateOf(number, from1904, showsTime), ...mark };
  return { kind: 'number', number, text: Number.isInteger(number) && Math.abs(number) < 1e15 ? String(number) : cell.value, ...mark };
}

/** The day a spreadsheet's number stands for, and the time of day where it shows or holds one. */
function dateOf(days: number, from1904: boolean, showsTime: boolean): { text: string; time?: string } {
  // To the second: 13:45 is a fraction that binary numbers only come near to.
  const date = new Date(Math.round((days + (from1904 ? 1462 : 0) - 25_569) * 86_400) * 1000);
  if (Number.isNaN(date.getTime())) return { text: '' };
  const [text = '', time = ''] = date.toISOString().slice(0, 19).split('T');
  return showsTime || time !== '00:00:00' ? { text, time } : { text };
}

/** Merged cells stand behind the rows, so the sheet is unpacked once more, unparsed, up to its tail. */
async function mergedRanges(zip: Zip, part: string): Promise<MergedRange[]> {
  let tail = '';
  let behind = false;
  const decoder = new TextDecoder('latin1');
  for await (const bytes of zip.read(part)) {
    tail += decoder.decode(bytes, { stream: true });
    if (behind && tail.length > tailMax) throw new TableRefused('file_damaged', { part });
    if (behind) continue;
    const end = tail.search(/<\/(?:[A-Za-z]{1,20}:)?sheetData>/);
    behind = end >= 0;
    tail = behind ? tail.slice(end) : tail.slice(-40);
  }
  const ranges: MergedRange[] = [];
  // Every repetition has a limit: a tail made to be searched for ever is searched once.
  for (const [, firstLetters = '', firstRow, lastLetters = '', lastRow] of tail.matchAll(
    /<(?:[A-Za-z]{1,20}:)?mergeCell\s[^<>]{0,100}?ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"/g,
  )) {
    const [firstColumn, lastColumn] = [columnNumber(firstLetters), columnNumber(lastLetters)];
    if (firstColumn !== null && lastColumn !== null) ranges.push({ firstRow: Number(firstRow), lastRow: Number(lastRow), firstColumn, lastColumn });
  }
  return ranges;
}

/** Characters behind the rows of a sheet: 28,000 merged cells take one million. */
const tailMax = 8_000_000;

// ---------------------------------------------------------------------------------------------------------
// XML

/** Collects the text inside `t` and `v`, leaving out phonetic guides, until it is taken. */
function textCollector() {
  let text = '';
  let inside = 0;
  let phonetic = 0;
  const count = (name: string, by: 1 | -1): void => {
    if (name === 't' || name === 'v') inside += by;
    if (name === 'rPh') phonetic += by;
  };
  return {
    open: (name: string): void => count(name, 1),
    close: (name: string): void => count(name, -1),
    add(piece: string): void {
      if (inside > 0 && phonetic === 0) text += piece;
      if (text.length > tableLimits.cellCharacters * 2) throw new TableRefused('file_too_wide');
    },
    take(): string {
      // Control characters travel as _x000D_.
      const taken = text.replace(/_x([0-9A-Fa-f]{4})_/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
      text = '';
      return taken;
    },
  };
}

/** A tag's name without its prefix: some programs write x:row. */
function local(tag: { name: string }): string {
  return tag.name.slice(tag.name.indexOf(':') + 1);
}

/** An attribute by its local name, whatever its prefix. */
function attribute(tag: SaxesTagPlain, name: string): string {
  for (const [key, value] of Object.entries(tag.attributes)) if (key === name || key.endsWith(`:${name}`)) return String(value);
  return '';
}
