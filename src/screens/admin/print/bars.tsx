// Code 128 as SVG. How wide a module is printed, the stylesheet says.

import { code128 } from './code128.js';

export function Bars({ digits }: { digits: string }) {
  const { path, modules } = code128(digits);
  return <svg class="bars" viewBox={`0 0 ${modules} 1`} preserveAspectRatio="none" shape-rendering="crispEdges" aria-hidden="true"><rect width={modules} height="1" fill="#fff" /><path d={path} fill="#000" /></svg>;
}
