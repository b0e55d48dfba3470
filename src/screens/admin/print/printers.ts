// Labels in the languages of label printers, for those that no driver stands behind: ZPL (Zebra and many others) and TSPL (TSC, Gprinter).
// 50 x 20 mm at 203 dpi: 400 x 160 dots. Digits and Latin letters only: Chinese would need fonts that not every printer has.

import { parseCode, spacedCode } from '../../../domain/codes.js';

export interface Label {
  code: string;
  /** What stands beside the number: `x10`, `BOX`. */
  mark: string;
}

/** Bars three dots wide from dot 48 on: 303 dots, with more than the ten modules of white on either side. */
const place = { left: 48, top: 12, tall: 84, text: 106, mark: 316, drill: 138 } as const;

const isDrill = (code: string): boolean => parseCode(code)?.rehearsal ?? false;

/** One format for each label, `copies` of it. */
export function zpl(labels: readonly Label[], copies = 1): string {
  return labels.map(({ code, mark }) => [
    '^XA', '^CI28', '^PW400', '^LL160', '^LH0,0',
    `^FO${place.left},${place.top}^BY3,2,${place.tall}^BCN,${place.tall},N,N,N,A^FD${code}^FS`,
    `^FO${place.left},${place.text}^A0N,34,34^FD${spacedCode(code)}^FS`,
    `^FO${place.mark},${place.text}^A0N,34,34^FD${mark}^FS`,
    ...(isDrill(code) ? [`^FO${place.left},${place.drill}^A0N,20,20^FDDRILL - NOT FOR USE^FS`] : []),
    ...(copies > 1 ? [`^PQ${copies}`] : []),
    '^XZ',
  ].join('\n')).join('\n').concat('\n');
}

/** Lines end with CR LF, or some printers wait for ever. */
export function tspl(labels: readonly Label[], copies = 1): string {
  const lines = ['SIZE 50 mm,20 mm', 'GAP 2 mm,0 mm', 'DIRECTION 1', 'REFERENCE 0,0'];
  for (const { code, mark } of labels) {
    lines.push(
      'CLS',
      `BARCODE ${place.left},${place.top},"128",${place.tall},0,0,3,3,"${code}"`,
      `TEXT ${place.left},${place.text},"3",0,1,1,"${spacedCode(code)}"`,
      `TEXT ${place.mark},${place.text},"3",0,1,1,"${mark}"`,
      ...(isDrill(code) ? [`TEXT ${place.left},${place.drill},"1",0,1,1,"DRILL - NOT FOR USE"`] : []),
      `PRINT 1,${copies}`,
    );
  }
  return lines.join('\r\n').concat('\r\n');
}
