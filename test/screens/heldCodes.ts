// Codes held into the view of a camera: grey on grey and a little crooked, as hands hold them.

import { encode } from 'uqr';
import { code128 } from '../../src/screens/admin/print/code128.js';
import { height, width, writeFilm } from './video.js';

export interface HeldCode {
  text: string;
  as: 'qr' | 'bars';
  /** Degrees by which it is held crooked. */
  turned?: number;
  frames: number;
}

/** Is there ink at a place of the code, measured in its modules? Its size in modules comes with it. */
function inkOf({ text, as }: HeldCode): { wide: number; high: number; ink: (x: number, y: number) => boolean } {
  if (as === 'qr') {
    const { size, data } = encode(text, { ecc: 'M', border: 3 });
    return { wide: size, high: size, ink: (x, y) => data[y]?.[x] === true };
  }
  const { path, modules } = code128(text);
  const bars = new Set<number>();
  for (const [, from, wide] of path.matchAll(/M(\d+) 0h(\d+)v1/g)) for (let i = 0; i < Number(wide); i++) bars.add(Number(from) + i);
  return { wide: modules, high: 40, ink: (x, y) => y > 1 && y < 38 && bars.has(x) };
}

/** Writes a film in which one code after the other is held up; it is shown again and again. */
export function filmCodes(file: string, codes: readonly HeldCode[]): void {
  writeFilm(file, codes.map((code) => {
    const { wide, high, ink } = inkOf(code);
    const scale = code.as === 'qr' ? 10 : 5;
    const angle = ((code.turned ?? 0) * Math.PI) / 180;
    const [sin, cos] = [Math.sin(angle), Math.cos(angle)];
    const light = Buffer.alloc(width * height);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const [dx, dy] = [x - width / 2, y - height / 2];
        const [u, v] = [Math.floor((dx * cos + dy * sin) / scale + wide / 2), Math.floor((dy * cos - dx * sin) / scale + high / 2)];
        const paper = u >= 0 && u < wide && v >= 0 && v < high;
        light[y * width + x] = paper ? (ink(u, v) ? 40 : 215) : 120;
      }
    }
    return { light, frames: code.frames };
  }));
}
