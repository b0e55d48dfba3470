// Beside the answer: the open tube with its places, how long it has been open, who is in it, and how safe the tubes before it are.

import { useEffect, useState } from 'preact/hooks';
import type { Level, TubeReceipt } from '../outbox/outbox.js';
import { Slots } from '../parts/showing.js';
import { Text } from '../parts/text.js';
import type { Tablet } from '../tablet/device.js';
import { type Phrase, say } from '../words/language.js';
import { clock } from '../words/time.js';
import { tailOf, tubeAge } from './decide.js';
import { Who } from './panel.js';
import { countOf, type Tube } from './table.js';
import type { Work } from './work.js';
import { words } from './words.js';

const levels: readonly Phrase[] = [words.saved, words.received, words.safe, words.reconciled];

/** R0 to R3: four dots and a word, for the least safe record of the tube. */
export function Receipt({ level }: { level: Level }) {
  return <span class={`receipt r${level}`} data-level={level}><i aria-hidden="true">{'●'.repeat(level + 1)}{'○'.repeat(3 - level)}</i> <Text of={levels[level] ?? words.saved} plain /></span>;
}

function useReceipts({ outbox, status }: Tablet, tubes: readonly string[]): ReadonlyMap<string, TubeReceipt> {
  const [receipts, set] = useState<ReadonlyMap<string, TubeReceipt>>(new Map());
  const now = status.value;
  useEffect(() => {
    let gone = false;
    void Promise.all(tubes.map((tube) => outbox.receipt(tube))).then((found) => {
      if (!gone) set(new Map(found.flatMap((one) => (one ? [[one.tube, one]] : []))));
    }, () => undefined);
    return () => { gone = true; };
  }, [tubes.join(' '), now]);
  return receipts;
}

export function Aside({ tablet, work }: { tablet: Tablet; work: Work }) {
  const table = work.table.value;
  const { pool } = table;
  const before = [...table.tubes.values()].filter((tube) => tube !== pool && tube.state !== 'void' && tube.members.length > 0).slice(-4).reverse();
  const receipts = useReceipts(tablet, [...(pool ? [pool.code] : []), ...before.map(({ code }) => code)]);
  return (
    <aside class="beside">
      {pool ? <OpenTube tube={pool} tablet={tablet} work={work} level={receipts.get(pool.code)?.level} /> : <p class="quiet none"><Text of={words.noTube} /></p>}
      {before.length > 0 && (!pool || countOf(pool) < 4) ? (
        <>
          <h2 class="quiet small"><Text of={words.tubesBefore} plain /></h2>
          <ul class="tubes">
            {before.map((tube) => <li key={tube.code}><b>...{tailOf(tube.code)}</b> <span>{say(words.persons, { n: countOf(tube) })}</span><Level receipt={receipts.get(tube.code)} /></li>)}
          </ul>
        </>
      ) : null}
    </aside>
  );
}

const Level = ({ receipt }: { receipt: TubeReceipt | undefined }) => (receipt ? <Receipt level={receipt.level} /> : null);

function OpenTube({ tube, tablet, work, level }: { tube: Tube; tablet: Tablet; work: Work; level: Level | undefined }) {
  const n = countOf(tube);
  const age = tubeAge(work.situation(), tablet.clock.value);
  const last = tube.members.map((member, i) => ({ ...member, place: i + 1 })).filter(({ gone }) => !gone).slice(-5).reverse();
  return (
    <div class={`tubebox${age && age.due !== 'no' ? ' late' : ''}`}>
      <div class="quiet"><Text of={words.currentTube} plain /></div>
      <div class="tube">...{tailOf(tube.code)}</div>
      <Slots size={tube.size} filled={n} />
      <div class="count"><b>{n} / {tube.size}</b> <span class="quiet">{age ? say(words.firstAgo, { n: age.minutes }) : say(words.sinceOpen)}</span>{level === undefined ? null : <Receipt level={level} />}</div>
      {age && age.due !== 'no' ? <div class="toolong caution" role="status"><Text of={words.tooLong} values={{ minutes: age.minutes }} /></div> : null}
      <ol class="members">
        {last.map(({ resident, number, at, place }) => {
          const person = work.person(resident);
          return <li key={number}><span>{place} {person ? <Who person={{ ...person, village: '' }} /> : null}</span><span class="quiet">{clock(at)}</span></li>;
        })}
      </ol>
    </div>
  );
}
