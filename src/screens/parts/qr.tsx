// A QR code as SVG: each run of dark squares in a row is one piece of a path. Drawn here and not as a picture, so that it prints sharp at any size.

import { encode } from 'uqr';

/** What a path of dark squares looks like, and how many squares a side has, its quiet border among them. */
export function qrPath(text: string, border = 2): { path: string; size: number } {
  const { data, size } = encode(text, { ecc: 'M', border });
  let path = '';
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      if (!data[y]?.[x]) continue;
      let wide = 1;
      while (data[y]?.[x + wide]) wide++;
      path += `M${x} ${y}h${wide}v1h-${wide}z`;
      x += wide;
    }
  }
  return { path, size };
}

/** `name`: what the code is, for somebody who does not see it; left out where its text stands beside it. */
export function QrCode({ text, name, border }: { text: string; name?: string; border?: number }) {
  const { path, size } = qrPath(text, border);
  return (
    <svg class="qr" viewBox={`0 0 ${size} ${size}`} shape-rendering="crispEdges" {...(name ? { role: 'img', 'aria-label': name } : { 'aria-hidden': true })}>
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}
