// Paper in tests: what the browser would print, drawn by poppler as a printer would draw it, and its codes read back.

import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader';

const wasm = readFileSync(createRequire(import.meta.url).resolve('zxing-wasm/reader/zxing_reader.wasm'));
prepareZXingModule({ overrides: { wasmBinary: wasm.buffer.slice(wasm.byteOffset, wasm.byteOffset + wasm.byteLength) as ArrayBuffer } });

/** Without poppler there is nothing to draw pages with. */
export const hasPoppler = ['/usr/bin/pdftoppm', '/usr/local/bin/pdftoppm', '/opt/homebrew/bin/pdftoppm'].some(existsSync);

export interface Drawn {
  /** Millimetres of each page. */
  sizes: { width: number; height: number }[];
  /** Codes on each page, as they were read; QR codes and bars alike. */
  codes: string[][];
}

/** Prints the page and reads every code on it; `dpi` is that of the printer. The first page is kept in test-output/screens for looking at. */
export async function printed(page: Page, folder: string, name: string, { dpi = 203, pages = 1000 }: { dpi?: number; pages?: number } = {}): Promise<Drawn> {
  const file = join(folder, `${name}.pdf`);
  writeFileSync(file, await page.pdf({ preferCSSPageSize: true, printBackground: true }));
  const sizes = [...execFileSync('pdfinfo', ['-f', '1', '-l', '1000', file], { encoding: 'utf8' }).matchAll(/size:\s+([\d.]+) x ([\d.]+) pts/g)]
    .map(([, width, height]) => ({ width: (Number(width) / 72) * 25.4, height: (Number(height) / 72) * 25.4 }));
  execFileSync('pdftoppm', ['-png', '-r', String(dpi), '-l', String(pages), file, join(folder, name)]);
  const codes: string[][] = [];
  const drawn = readdirSync(folder).filter((one) => one.startsWith(`${name}-`) && one.endsWith('.png')).sort();
  mkdirSync('test-output/screens', { recursive: true });
  if (drawn[0]) copyFileSync(join(folder, drawn[0]), join('test-output/screens', `paper-${name}.png`));
  for (const picture of drawn) {
    const found = await readBarcodes(new Blob([readFileSync(join(folder, picture))]), { formats: ['Code128', 'QRCode'], tryHarder: true, maxNumberOfSymbols: 200 });
    codes.push(found.filter(({ isValid }) => isValid).map(({ text }) => text));
  }
  return { sizes, codes };
}
