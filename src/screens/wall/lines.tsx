// The two time lines, drawn by uPlot. A line is for the eye: its figure stands beside it in letters, and on the canvas as its label.

import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { theme } from '../parts/theme.js';
import { clock } from '../words/time.js';

interface LineOf {
  /** Name of the colour's variable in wall.css. */
  colour: string;
  values: readonly (number | null)[];
  dashed?: boolean;
}

interface LinesProps {
  /** Seconds since 1970, one for each value. */
  times: readonly number[];
  lines: readonly LineOf[];
  /** What the lines say, for whoever does not see them. */
  label: string;
}

/** A line of a few minutes is not drawn as wide as a day. */
const leastSpan = 1800;
/** The size of the letters of the page, by which everything on the wall is measured. */
const unit = (): number => parseFloat(getComputedStyle(document.documentElement).fontSize);
const colourOf = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

export function Lines({ times, lines, label }: LinesProps) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const data = useRef<uPlot.AlignedData>([[]]);
  data.current = [times as number[], ...lines.map(({ values }) => values as (number | null)[])];

  const begun = times.length > 0;
  const shape = lines.map(({ colour, dashed }) => `${colour}${dashed ? '-' : ''}`).join();
  useEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    const draw = (): void => {
      plot.current?.destroy();
      plot.current = undefined;
      // A plot that begins without a minute keeps a scale without sense; it is made when there is one.
      if (!begun) return;
      const size = unit();
      const axis = (more: uPlot.Axis): uPlot.Axis => ({ stroke: colourOf('--quiet'), font: `${size}px system-ui, sans-serif`, grid: { stroke: colourOf('--grid'), width: 1 }, ticks: { show: false }, ...more });
      plot.current = new uPlot({
        width: element.clientWidth, height: element.clientHeight,
        legend: { show: false }, cursor: { show: false }, select: { show: false, left: 0, top: 0, width: 0, height: 0 },
        padding: [size / 2, size, 0, 0],
        scales: { x: { time: true, range: (_plot, first, last) => [first, Math.max(last, first + leastSpan)] }, y: { range: (_plot, _least, most) => [0, Math.max(1, most * 1.1)] } },
        axes: [
          axis({ space: size * 5, size: size * 1.5, values: (_plot, splits) => splits.map((second) => clock(second * 1000)) }),
          axis({ space: size * 2, size: size * 3.2, values: (_plot, splits) => splits.map((value) => (Number.isInteger(value) ? value.toLocaleString('en') : '')) }),
        ],
        series: [{}, ...lines.map(({ colour, dashed }): uPlot.Series => ({ stroke: colourOf(colour), width: size / 6, points: { show: false }, ...(dashed ? { dash: [size / 2, size / 2] } : {}) }))],
      }, data.current, element);
      named();
    };
    const watch = new ResizeObserver(draw);
    watch.observe(element);
    return () => {
      watch.disconnect();
      plot.current?.destroy();
      plot.current = undefined;
    };
  }, [shape, theme.value, begun]);

  const labelled = useRef(label);
  labelled.current = label;
  const named = (): void => {
    const canvas = plot.current?.ctx.canvas;
    canvas?.setAttribute('role', 'img');
    canvas?.setAttribute('aria-label', labelled.current);
  };
  // A line is drawn when it has moved; its label changes with every swab.
  useEffect(() => { plot.current?.setData(data.current); }, [times, ...lines.map(({ values }) => values)]);
  useEffect(named, [label]);

  return <div class="lines" ref={box} />;
}
