// The day on one page: the figures first, then where the tubes stand, then the villages that are furthest behind. The same on the screen and on
// one sheet of A4, which has room for a line to sign on.

import type { Phrase } from '../../words/language.js';
import { say } from '../../words/language.js';
import { clock, dayAndClock } from '../../words/time.js';
import { Chip, Table, Tile } from '../../parts/showing.js';
import { Paper } from '../print/paper.js';
import { dayWords as words, stageWords, words as shared } from './words.js';

export type Stage = keyof typeof stageWords;
type Result = 'negative' | 'positive' | 'inconclusive' | 'invalid' | 'none';
interface People { expected: number; sampled: number; excused: number; missing: number; recalled: number }
interface Stretch { reached: Record<Stage, number>; ended: Record<'void' | 'lost' | 'leaked' | 'rejected', number>; gaps: Partial<Record<Stage, number>>; open: number }

/** What `/reports/day` says, as far as it is shown here. */
export interface Day {
  round: string;
  area: string;
  name: string;
  state: 'open' | 'closed';
  rehearsal: boolean;
  at: number;
  firstSwabAt: number;
  lastSwabAt: number;
  people: People;
  gaps: number;
  progress: { tubes: Stretch; swabs: Stretch };
  tubes: { total: number; void: number; lost: number; leaked: number; rejected: number; missing: number; held: number };
  boxes: { total: number; late: number };
  results: Record<Result, number>;
  recalls: { open: number; closed: number; people: number; found: number; settled: number };
  discrepancies: { open: number; resolved: number };
  quarantined: number;
  villages: { name: string; people: People }[];
  provisional: { devices: number; records: number; silent: number } | null;
}

const whole = (n: number): string => n.toLocaleString('en');
const share = ({ expected, sampled }: Pick<People, 'expected' | 'sampled'>): string => (expected > 0 ? `${(Math.floor(Math.min(1, sampled / expected) * 1000) / 10).toFixed(1)}%` : '–');
/** Furthest behind first; of two alike the one with more people missing. */
const worstFirst = (villages: Day['villages']): Day['villages'] =>
  [...villages].sort((a, b) => a.people.sampled / Math.max(1, a.people.expected) - b.people.sampled / Math.max(1, b.people.expected) || b.people.missing - a.people.missing || a.name.localeCompare(b.name));
const stagesOf = ({ progress }: Day): { stage: Stage; tubes: number; swabs: number; gap: number }[] =>
  (Object.keys(stageWords) as Stage[]).map((stage) => ({ stage, tubes: progress.tubes.reached[stage], swabs: progress.swabs.reached[stage], gap: progress.tubes.gaps[stage] ?? 0 }));

type Figure = [name: Phrase, value: string];
const endsOf = ({ tubes: { void: voided, lost, leaked, rejected, missing, held }, boxes, recalls, discrepancies, quarantined }: Day): Figure[] => [
  [words.voided, whole(voided)], [words.lost, whole(lost)], [words.leaked, whole(leaked)], [words.rejected, whole(rejected)], [words.missingTubes, whole(missing)], [words.held, whole(held)], [words.lateBoxes, whole(boxes.late)],
  [words.recalled, `${whole(recalls.found)} / ${whole(recalls.people)}`], [words.settled, `${whole(recalls.settled)} / ${whole(recalls.people)}`],
  [words.openRecalls, whole(recalls.open)], [words.openDiscrepancies, whole(discrepancies.open)], [words.resolved, whole(discrepancies.resolved)], [words.unreadable, whole(quarantined)],
];
const resultsOf = ({ results }: Day): Figure[] => (['negative', 'positive', 'inconclusive', 'invalid', 'none'] as const).map((one): Figure => [words[one], whole(results[one])]);

export function DayOnScreen({ day }: { day: Day }) {
  const { people, provisional } = day;
  return (
    <div class="stack">
      {provisional ? <p><Chip tone="caution">{say(shared.provisional, { silent: provisional.silent + provisional.devices, records: provisional.records })}</Chip></p> : null}
      <div class="tilerow">
        <Tile name={shared.expected} figure={whole(people.expected)} />
        <Tile name={shared.sampled} figure={whole(people.sampled)} note={share(people)} />
        <Tile name={shared.stillMissing} figure={whole(people.missing)} tone={people.missing > 0 ? 'caution' : 'plain'} />
        <Tile name={shared.excused} figure={whole(people.excused)} />
        <Tile name={shared.tubes} figure={whole(day.tubes.total)} />
        <Tile name={shared.boxes} figure={whole(day.boxes.total)} />
        <Tile name={shared.gaps} figure={whole(day.gaps)} note={say(shared.gapsNote)} tone={day.gaps > 0 ? 'caution' : 'ok'} />
      </div>
      <div class="columns">
        <Table caption={words.stages} rows={stagesOf(day)} rowKey={({ stage }) => stage} columns={[
          { head: shared.stage, cell: ({ stage }) => say(stageWords[stage]) },
          { head: shared.tubes, number: true, cell: ({ tubes }) => whole(tubes) },
          { head: words.swabs, number: true, cell: ({ swabs }) => whole(swabs) },
          { head: words.standing, number: true, cell: ({ gap }) => (gap > 0 ? <b>{whole(gap)}</b> : '–') },
        ]} />
        <section>
          <FactList title={words.results} figures={resultsOf(day)} />
          <FactList title={words.otherwise} figures={endsOf(day)} />
        </section>
      </div>
      <Table caption={words.villages} rows={worstFirst(day.villages)} rowKey={({ name }) => name} columns={[
        { head: shared.village, cell: ({ name }) => <span class="name" lang="zh-CN">{name}</span> },
        { head: shared.expected, number: true, cell: (one) => whole(one.people.expected) },
        { head: shared.sampled, number: true, cell: (one) => whole(one.people.sampled) },
        { head: shared.stillMissing, number: true, cell: (one) => whole(one.people.missing) },
        { head: words.share, number: true, cell: (one) => share(one.people) },
      ]} />
    </div>
  );
}

const FactList = ({ title, figures }: { title: Phrase; figures: readonly Figure[] }) => (
  <>
    <h3>{say(title)}</h3>
    <dl class="sums">{figures.map(([name, value]) => <div key={name.en}><dt>{say(name)}</dt><dd>{value}</dd></div>)}</dl>
  </>
);

/** Paper says everything in both languages. */
const Both = ({ of }: { of: Phrase }) => <>{of.zh} <small lang="en">{of.en}</small></>;
/** So many villages stand beside each other in three columns below the figures; a longer list is in the file. */
const villagesOnPaper = 66;

export function DayOnPaper({ day }: { day: Day }) {
  const { people, provisional } = day;
  const villages = worstFirst(day.villages);
  const shown = villages.slice(0, villagesOnPaper);
  const rows = Math.ceil(shown.length / 3);
  const head: Figure[] = [
    [shared.expected, whole(people.expected)], [shared.sampled, whole(people.sampled)], [words.share, share(people)], [shared.stillMissing, whole(people.missing)], [shared.excused, whole(people.excused)],
    [shared.tubes, whole(day.tubes.total)], [shared.boxes, whole(day.boxes.total)], [words.positive, whole(day.results.positive)], [words.recalled, `${whole(day.recalls.found)} / ${whole(day.recalls.people)}`], [shared.gaps, whole(day.gaps)],
  ];
  return (
    <Paper kind="a4">
      <div class="sheet daysheet">
        {day.rehearsal ? <div class="watermark">演练</div> : null}
        <h1>{day.name} <small><Both of={shared.dayTitle} /></small></h1>
        <p>{day.round} / {day.area} · <Both of={day.state === 'closed' ? words.roundClosed : words.roundOpen} /> · {dayAndClock(day.at)}{day.firstSwabAt > 0 ? ` · ${words.swabbing.zh} ${clock(day.firstSwabAt)} – ${clock(day.lastSwabAt)}` : ''}</p>
        {provisional ? <p class="warn">{shared.provisional.zh.replace('{silent}', String(provisional.silent + provisional.devices)).replace('{records}', whole(provisional.records))}</p> : null}
        <dl class="great">{head.map(([name, value]) => <div key={name.en}><dd>{value}</dd><dt><Both of={name} /></dt></div>)}</dl>
        <div class="two">
          <table>
            <thead><tr>{[words.stages, shared.tubes, words.swabs, words.standing].map((name) => <th key={name.en}><Both of={name} /></th>)}</tr></thead>
            <tbody>{stagesOf(day).map(({ stage, tubes, swabs, gap }) => <tr key={stage}><td><Both of={stageWords[stage]} /></td><td>{whole(tubes)}</td><td>{whole(swabs)}</td><td>{gap > 0 ? whole(gap) : '–'}</td></tr>)}</tbody>
          </table>
          <dl class="sums">{[...resultsOf(day), ...endsOf(day)].map(([name, value]) => <div key={name.en}><dt><Both of={name} /></dt><dd>{value}</dd></div>)}</dl>
        </div>
        <h2><Both of={words.villages} /></h2>
        <div class="three">
          {[0, 1, 2].filter((column) => shown.length > column * rows).map((column) => (
            <table key={column}>
              <thead><tr><th>村</th><th>应采</th><th>已采</th><th>未采</th></tr></thead>
              <tbody>{shown.slice(column * rows, (column + 1) * rows).map((one) => <tr key={one.name}><td>{one.name}</td><td>{whole(one.people.expected)}</td><td>{whole(one.people.sampled)}</td><td>{whole(one.people.missing)}</td></tr>)}</tbody>
            </table>
          ))}
        </div>
        {villages.length > shown.length ? <p>{words.moreVillages.zh.replace('{n}', String(villages.length - shown.length))} {words.moreVillages.en.replace('{n}', String(villages.length - shown.length))}</p> : null}
        <div class="signs">{[words.reportedBy, words.checkedBy, words.date].map((name) => <div key={name.en}><Both of={name} /></div>)}</div>
      </div>
    </Paper>
  );
}
