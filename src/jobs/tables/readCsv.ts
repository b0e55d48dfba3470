// Reads text tables: UTF-8 with and without a byte order mark, GBK (GB 18030, its superset), UTF-16 as Excel's "Unicode text"; with
// comma, semicolon or tab between the cells.
//
// A row's number is that of its record, blank ones counted and a cell with line breaks taken as one row, which is how a spreadsheet
// program numbers them.

import { setImmediate as nextTurn } from 'node:timers/promises';
import { parse } from 'csv-parse';
import { TableRefused, tableLimits, type Cell, type Table, type TableRow } from './table.js';

const separators = [',', ';', '\t'] as const;
/** Some 300 rows: a few milliseconds of work at a time. */
const partLength = 16 * 1024;

/**
 * Opens a text table held in memory. Throws TableRefused. With `keepCut`, a file that breaks off inside a character or a quoted cell is
 * read up to there, and says so.
 */
export function readCsv(file: Buffer, keepCut = false): Table {
  const { text, inCharacter } = decoded(file, keepCut);
  // Excel's own way of saying which separator follows; it counts as a row.
  const said = /^sep=(.)\r?\n/i.exec(text);
  const whole = said ? text.slice(said[0].length) : text;
  const inCell = keepCut && endsInCell(whole);
  const body = inCell ? `${whole}"` : whole;
  const separator = said?.[1] ?? likeliestSeparator(body);
  return {
    sheets: [''],
    end: inCharacter || inCell ? 'cut' : /[\r\n]\s*$/.test(body) ? 'whole' : 'open',
    rows: (_sheet, onRead) => records(body, separator, said ? 2 : 1, onRead),
    merged: async () => [],
  };
}

interface Decoded {
  text: string;
  /** Its last bytes are the beginning of a character. */
  inCharacter: boolean;
}

function decoded(file: Buffer, keepCut: boolean): Decoded {
  const found = asText(file, keepCut);
  if (found === null) throw new TableRefused('file_encoding');
  // Nothing a person types has these; a picture or a program has them in its first bytes.
  if (/[^\P{Cc}\s]/u.test(found.text.slice(0, 4096))) throw new TableRefused('file_unknown');
  if (/^\s*<(!doctype|html|\?xml|table|meta)/i.test(found.text)) throw new TableRefused('file_web_page');
  return found;
}

function asText(file: Buffer, keepCut: boolean): Decoded | null {
  const mark = file.subarray(0, 2).toString('hex');
  const encodings = mark === 'fffe' ? ['utf-16le'] : mark === 'feff' ? ['utf-16be'] : ['utf-8', 'gb18030'];
  for (const encoding of encodings) {
    // Fatal: a byte that does not fit means another encoding, never a replacement character in somebody's name.
    const decoder = new TextDecoder(encoding, { fatal: true });
    let text: string;
    try {
      text = decoder.decode(file, { stream: true });
    } catch {
      continue;
    }
    try {
      return { text: text + decoder.decode(), inCharacter: false };
    } catch {
      if (keepCut) return { text, inCharacter: true };
    }
  }
  return null;
}

/** Does the last line open a quoted cell that is never closed, while those before it close theirs? */
function endsInCell(text: string): boolean {
  const quotes = (part: string): number => part.split('"').length - 1;
  const line = Math.max(text.lastIndexOf('\n'), text.lastIndexOf('\r')) + 1;
  return quotes(text.slice(line)) % 2 === 1 && quotes(text.slice(0, line)) % 2 === 0;
}

/** The separator that cuts the first lines into the most cells, the same number in each. */
function likeliestSeparator(text: string): string {
  const lines = text
    .slice(0, 20_000)
    .split(/\r\n|\r|\n/)
    .filter((line) => line.trim() !== '')
    .slice(0, 20);
  const cells = (line: string, separator: string): number => line.replace(/"[^"]*"/g, '').split(separator).length;
  const score = (separator: string): number => {
    const counts = lines.map((line) => cells(line, separator)).sort((a, b) => a - b);
    return counts[Math.floor(counts.length / 2)] ?? 0;
  };
  return separators.reduce((best, separator) => (score(separator) > score(best) ? separator : best));
}

async function* records(text: string, separator: string, first: number, onRead?: (share: number) => void): AsyncGenerator<TableRow> {
  const parser = parse({
    delimiter: separator,
    relax_column_count: true,
    // A quotation mark inside a name is a character, as spreadsheet programs take it.
    relax_quotes: true,
    skip_empty_lines: false,
    record_delimiter: ['\r\n', '\n', '\r'],
    max_record_size: 100_000,
  });
  const feed = (async () => {
    for (let at = 0; at < text.length; at += partLength) {
      if (!parser.write(text.slice(at, at + partLength))) await new Promise((resume) => parser.once('drain', resume));
      // Streams in memory never wait for anything, and nobody else would get a turn until the last row.
      await nextTurn();
      onRead?.(Math.min(1, (at + partLength) / text.length));
    }
    parser.end();
  })();
  // A parser that fails or is left early never drains; the feed is let go with it.
  feed.catch(() => {});
  let row = first - 1;
  try {
    for await (const record of parser as AsyncIterable<string[]>) {
      row++;
      if (record.length > tableLimits.columns) throw new TableRefused('file_too_wide', { row });
      const cells = new Map<number, Cell>();
      record.forEach((value, column) => {
        const cell = toCell(value);
        if (cell) cells.set(column, cell);
      });
      if (cells.size > 0) yield { row, cells };
    }
  } catch (cause) {
    const code = (cause as { code?: string }).code ?? '';
    if (/^CSV_(QUOTE_NOT_CLOSED|MAX_RECORD_SIZE)$/.test(code)) throw new TableRefused('file_quote_open', { row: row + 1 });
    if (code.startsWith('CSV_')) throw new TableRefused('file_damaged', { row: row + 1 });
    throw cause;
  } finally {
    parser.destroy();
  }
}

function toCell(value: string): Cell | null {
  if (value.length > tableLimits.cellCharacters) throw new TableRefused('file_too_wide');
  // ="0123" is how people keep a spreadsheet from taking a number for a number, '+86 is how a file of ours keeps one from working it out.
  const text = /^="([^"]*)"$/.exec(value.trim())?.[1] ?? value.replace(/^'(?=[=+\-@])/, '');
  return text.trim() === '' ? null : { kind: 'text', text };
}
