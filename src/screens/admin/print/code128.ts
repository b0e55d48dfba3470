// Code 128 of digits (set C): two digits a character, so that twelve fit on a label of 50 mm with bars three dots wide.

/** Widths of bars and spaces of the characters 0 to 105, and of the stop: six numbers each, seven for the stop. */
const widths = (
  '212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 122132 122231 113222 123122 123221 223211 221132 ' +
  '221231 213212 223112 312131 311222 321122 321221 312212 322112 322211 212123 212321 232121 111323 131123 131321 112313 132113 132311 211313 ' +
  '231113 231311 112133 112331 132131 113123 113321 133121 313121 211331 231131 213113 213311 213131 311123 311321 331121 312113 312311 332111 ' +
  '314111 221411 431111 111224 111422 121124 121421 141122 141221 112214 112412 122114 122411 142112 142211 241211 221114 413111 241112 134111 ' +
  '111242 121142 121241 114212 124112 124211 411212 421112 421211 212141 214121 412121 111143 111341 131141 114113 114311 411113 411311 113141 ' +
  '114131 311141 411131 211412 211214 211232'
).split(' ');
const stop = '2331112';
const startC = 105;

/** Ten modules of white on either side, or a scanner does not find the beginning. */
export const quietModules = 10;

/** The path of the bars, one module wide per unit and one unit high, and how many modules the whole is wide, its quiet zones among them. */
export function code128(digits: string): { path: string; modules: number } {
  if (!/^(\d\d)+$/.test(digits)) throw new RangeError('Set C of Code 128 takes pairs of digits.');
  const values = [startC, ...Array.from({ length: digits.length / 2 }, (_, i) => Number(digits.slice(i * 2, i * 2 + 2)))];
  const check = values.reduce((sum, value, i) => sum + value * Math.max(1, i), 0) % 103;
  let at = quietModules;
  let path = '';
  for (const pattern of [...[...values, check].map((value) => widths[value] as string), stop]) {
    for (let i = 0; i < pattern.length; i++) {
      const wide = Number(pattern[i]);
      if (i % 2 === 0) path += `M${at} 0h${wide}v1h-${wide}z`;
      at += wide;
    }
  }
  return { path, modules: at + quietModules };
}
