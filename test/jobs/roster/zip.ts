// Archives for tests, made by hand so that they can be wrong: lying sizes, entries the directory does not list, bombs.

import { crc32, deflateRawSync } from 'node:zlib';

export interface ZipOptions {
  /** Unpacked sizes to write in place of the true ones. */
  claimedSizes?: Record<string, number>;
  /** Parts that are in the archive and not in its directory. */
  unlisted?: readonly string[];
}

export function makeZip(parts: Record<string, string | Buffer>, { claimedSizes = {}, unlisted = [] }: ZipOptions = {}): Buffer {
  const bodies: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const [name, content] of Object.entries(parts)) {
    const plain = Buffer.from(content);
    const packed = deflateRawSync(plain, { level: 9 });
    const title = Buffer.from(name);
    const facts = Buffer.alloc(26);
    facts.writeUInt16LE(20, 0);
    facts.writeUInt16LE(8, 4);
    facts.writeUInt32LE(crc32(plain), 10);
    facts.writeUInt32LE(packed.length, 14);
    facts.writeUInt32LE(claimedSizes[name] ?? plain.length, 18);
    facts.writeUInt16LE(title.length, 22);
    const local = Buffer.concat([Buffer.from('504b0304', 'hex'), facts, title, packed]);
    const listed = Buffer.alloc(46);
    listed.write('504b0102', 0, 'hex');
    listed.writeUInt16LE(20, 4);
    facts.copy(listed, 6, 0, 24);
    listed.writeUInt32LE(at, 42);
    if (!unlisted.includes(name)) directory.push(Buffer.concat([listed, title]));
    bodies.push(local);
    at += local.length;
  }
  const index = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('504b0506', 0, 'hex');
  end.writeUInt16LE(directory.length, 8);
  end.writeUInt16LE(directory.length, 10);
  end.writeUInt32LE(index.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...bodies, index, end]);
}

const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';

/** The parts of the smallest workbook around a sheet's rows. */
export function workbookParts(sheetData: string, { tail = '', before = '', styles = '' } = {}): Record<string, string> {
  return {
    '[Content_Types].xml': '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
    '_rels/.rels': `<Relationships><Relationship Id="r1" Type="${office}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    'xl/workbook.xml': `<workbook xmlns="${main}" xmlns:r="${office}"><sheets><sheet name="名单" sheetId="1" r:id="r1"/></sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': `<Relationships><Relationship Id="r1" Type="${office}/worksheet" Target="worksheets/sheet1.xml"/>${styles ? `<Relationship Id="r2" Type="${office}/styles" Target="/xl/styles.xml"/>` : ''}</Relationships>`,
    ...(styles ? { 'xl/styles.xml': styles } : {}),
    'xl/worksheets/sheet1.xml': `${before}<worksheet xmlns="${main}"><sheetData>${sheetData}</sheetData>${tail}</worksheet>`,
  };
}

/** A row of texts as a sheet writes it. */
export function sheetRow(row: number, cells: readonly string[]): string {
  return `<row r="${row}">${cells.map((text, column) => `<c r="${String.fromCharCode(65 + column)}${row}" t="inlineStr"><is><t>${text}</t></is></c>`).join('')}</row>`;
}
