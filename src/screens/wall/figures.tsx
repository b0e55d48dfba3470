// The figures of the whole drive: how many, how fast and until when, and where their tubes are.

import { useMemo } from 'preact/hooks';
import { Text } from '../parts/text.js';
import { say } from '../words/language.js';
import { clock } from '../words/time.js';
import { Lines } from './lines.js';
import { finishOf, type History, neededRate, runningTotal, shareOf, trailingMean, type WallCounts } from './reckoning.js';
import { words } from './words.js';

const whole = (n: number): string => n.toLocaleString('en');
const rate = (n: number): string => (n >= 100 ? whole(Math.round(n)) : String(Math.round(n * 10) / 10));
/** A minute's count jumps; five say how it goes. */
const meanOver = 5;

interface FiguresProps {
  counts: WallCounts;
  history: History | undefined;
  /** The cell's clock. */
  at: number;
  /** When nobody is to be left. */
  target: number | undefined;
}

export function Figures({ counts, history, at, target }: FiguresProps) {
  const needed = neededRate(counts.total.open, at, target);
  return (
    <div class="figures">
      <Total counts={counts} at={at} needed={typeof needed === 'number' ? needed : undefined} />
      <Rate counts={counts} history={history} needed={needed} target={target} />
      <Tubes counts={counts} history={history} />
    </div>
  );
}

function Total({ counts, at, needed }: { counts: WallCounts; at: number; needed: number | undefined }) {
  const { total, devices } = counts;
  const share = shareOf(total);
  const finish = finishOf(counts, at, needed);
  const provisional = devices.silent.length > 0 || devices.missing > 0;
  const figure = whole(total.sampled);
  return (
    <section class="part total">
      <h2><Text of={words.sampled} />{provisional ? <span class="tag amber right" data-figure="provisional">{say(words.provisional, { n: whole(devices.missing) })}</span> : null}</h2>
      <div class={`figure great${figure.length > 6 ? ' long' : ''}`} data-figure="sampled">{figure}</div>
      <div class="of"><span>{say(words.ofExpected, { n: whole(total.residents - total.excused) })}</span> <b>{(Math.floor(share * 1000) / 10).toFixed(1)}%</b></div>
      <div class="bar"><i style={{ width: `${share * 100}%` }} /></div>
      <h2><Text of={words.finish} /></h2>
      <div class="when">
        <div class={`figure${typeof finish === 'string' ? ' worded' : ''}`} data-figure="finish">{typeof finish === 'string' ? say(words[finish]) : clock(finish.at)}</div>
        {typeof finish === 'string' ? null : (
          <div class="range" data-figure="range">
            <div>{say(words.earliest, { time: clock(finish.earliest) })}</div>
            <div>{say(words.latest, { time: finish.latest === undefined ? say(words.unknown) : clock(finish.latest) })}</div>
          </div>
        )}
      </div>
    </section>
  );
}

function Rate({ counts, history, needed, target }: Omit<FiguresProps, 'at'> & { needed: number | 'passed' | undefined }) {
  const { total } = counts;
  const line = useMemo(() => {
    const values = trailingMean(history?.swabs ?? [], meanOver);
    return { values, times: values.map((_, i) => (history?.from ?? 0) / 1000 + i * 60) };
  }, [history]);
  const wanted = typeof needed === 'number' && needed > 0 ? needed : undefined;
  // Drawn with the line, every few seconds; the figure beside it moves with every swab.
  const dashes = useMemo(() => line.times.map(() => wanted ?? null), [line, wanted === undefined]);
  const hour = target === undefined ? '' : clock(target);
  const note = needed === undefined ? say(words.noTarget) : needed === 'passed' ? say(words.targetPassed, { time: hour }) : say(words.needed, { n: rate(needed), time: hour });
  const behind = needed === 'passed' || (wanted !== undefined && total.perMinute15 < wanted * 0.9);
  return (
    <section class="part rate">
      <h2><Text of={words.rate} /></h2>
      <div class="beside">
        <div class="figure" data-figure="rate">{rate(total.perMinute15)}</div>
        <div class="notes">
          <div class={behind ? 'tag amber' : 'tag'} data-figure="needed"><span class="dash" aria-hidden="true">- - </span>{note}</div>
          <div class="quiet">{say(words.waiting, { n: whole(total.waiting + total.called) })}</div>
        </div>
      </div>
      <Lines times={line.times} label={say(words.rateLine, { n: rate(total.perMinute15), needed: wanted === undefined ? '–' : rate(wanted) })}
        lines={[{ colour: '--line-swabs', values: line.values }, { colour: '--line-needed', values: dashes, dashed: true }]} />
    </section>
  );
}

function Tubes({ counts, history }: { counts: WallCounts; history: History | undefined }) {
  const { places, boxes, results } = counts;
  const line = useMemo(() => {
    const sealed = runningTotal(history?.sealed ?? []);
    return { sealed, received: runningTotal(history?.received ?? []), times: sealed.map((_, i) => (history?.from ?? 0) / 1000 + i * 60) };
  }, [history]);
  const [sealed, received] = [line.sealed.at(-1) ?? 0, line.received.at(-1) ?? 0];
  const rows = [
    ['toBox', words.toBox, places.sealed, ''],
    ['onRoad', words.onRoad, places.boxed + places.onRoad, say(words.boxesOnRoad, { n: boxes.onRoad })],
    ['atLab', words.atLab, places.arrived + places.received, ''],
    ['resulted', words.resulted, results.resulted, ''],
  ] as const;
  return (
    <section class="part tubes">
      <h2><Text of={words.tubes} /></h2>
      <div class="four">
        {rows.map(([name, label, n, note]) => (
          <div key={name}><div class="label"><Text of={label} /></div><div class="figure middle" data-figure={name}>{whole(n)}</div>{note ? <div class="quiet">{note}</div> : null}</div>
        ))}
      </div>
      <div class="legend"><span class="sealed">{say(words.sealedLine, { n: whole(sealed) })}</span><span class="received">{say(words.receivedLine, { n: whole(received) })}</span></div>
      <Lines times={line.times} label={say(words.tubesLine, { sealed: whole(sealed), received: whole(received) })}
        lines={[{ colour: '--line-sealed', values: line.sealed }, { colour: '--line-received', values: line.received, dashed: true }]} />
    </section>
  );
}
