// The bench: the answer at the left, what is here, missing and unexpected at the right.

import { useEffect, useState } from 'preact/hooks';
import { rejectionCodes, rejectionReasons } from '../../domain/reasons.js';
import { Button } from '../parts/controls.js';
import { useKeys } from '../parts/keys.js';
import { Dialog, Panel } from '../parts/showing.js';
import { Text } from '../parts/text.js';
import { say } from '../words/language.js';
import { compare } from './bench.js';
import { armReject, finishByKey, type Said } from './decide.js';
import { tailOf } from '../tablet/said.js';
import { answers, words } from './words.js';
import { things } from '../pack/words.js';
import type { Work } from './work.js';

export function Answer({ said }: { said: Said & { turn: number } }) {
  const row = answers[said.row];
  const what = said.row === 'wrongKind' ? things[String(said.values?.['what']) as keyof typeof things] : undefined;
  const values = what ? { what: what.zh, whatEn: what.en } : said.values;
  const hint = 'hint' in row ? say(row.hint, values) : undefined;
  return <Panel key={said.turn} tone={row.tone} symbol={row.symbol} title={row.title} {...(values ? { values } : {})} about={said.about} detail={hint} />;
}

const shownMax = 12;

/** Codes as people look for them: the last four digits, large; a long list says how many more. */
function Codes({ codes, note }: { codes: readonly string[]; note?: (code: string) => string | undefined }) {
  return (
    <ul class="codes">
      {codes.slice(0, shownMax).map((code) => <li key={code}><b>...{tailOf(code)}</b>{note?.(code) ? <small> {note(code)}</small> : null}</li>)}
      {codes.length > shownMax ? <li>+{codes.length - shownMax}</li> : null}
    </ul>
  );
}

export function Intake({ work }: { work: Work }) {
  const { box } = work.bench.value;
  const manifest = work.manifest.value;
  const compared = box ? compare(box, manifest?.box === box.box ? manifest : undefined) : undefined;
  const crowded = (compared?.missing.length ?? 0) + (compared?.extra.length ?? 0) > 0;
  const lastDone = work.bench.value.done[0];
  const missed = lastDone && manifest?.box === lastDone.box ? compare(lastDone, manifest).missing : [];
  useEffect(() => {
    const timer = setInterval(() => void work.look(), 15_000);
    return () => clearInterval(timer);
  }, [work]);
  return (
    <div class="lab">
      <Answer said={work.shown.value} />
      <aside>
        <h2><Text of={box ? words.box : words.noBox} plain /></h2>
        {box && compared ? (
          <>
            <div class="code">...{tailOf(box.box)}</div>
            <div class="total">{compared.here}{compared.all === undefined ? null : `/${compared.all}`}</div>
            {compared.all === undefined ? <p class="quiet"><Text of={words.unknownManifest} plain /></p> : null}
            {compared.missing.length > 0 ? <><h2>{say(words.missing, { n: compared.missing.length })}</h2><Codes codes={compared.missing} /></> : null}
            {compared.extra.length > 0 ? <><h2 class="warn">{say(words.extra, { n: compared.extra.length })}</h2><Codes codes={compared.extra} /></> : null}
          </>
        ) : null}
        {missed.length > 0 ? <><h2>{say(words.missing, { n: missed.length })}</h2><Codes codes={missed} /></> : null}
        <h2><Text of={words.last} plain /></h2>
        <ol>{work.bench.value.last.slice(0, crowded ? 3 : 5).map(({ tube, rejected }) => <li key={tube}><b>...{tailOf(tube)}</b>{rejected ? <span>{say(words.rejected)}</span> : null}</li>)}</ol>
      </aside>
      {missed.length > 0 && lastDone ? <MissingSheet box={lastDone.box} tubes={missed} /> : null}
    </div>
  );
}

/** What is printed for whoever looks for the tubes. */
function MissingSheet({ box, tubes }: { box: string; tubes: readonly string[] }) {
  return (
    <section class="sheet">
      <h1>{say(words.missing, { n: tubes.length })} · {box}</h1>
      <ul>{tubes.map((tube) => <li key={tube}>{tube.replace(/(\d{3})(?=\d)/g, '$1 ')}</li>)}</ul>
    </section>
  );
}

export function IntakeButtons({ work, onMore }: { work: Work; onMore: () => void }) {
  const [choosing, setChoosing] = useState(false);
  useKeys({ Escape: () => work.cancel(), F5: () => work.repeat() });
  return (
    <>
      <Button words={words.damaged} glove hotkey="F2" onPress={() => setChoosing(true)} />
      <Button words={words.seal} glove hotkey="F4" onPress={() => void work.does(finishByKey)} />
      <Button words={words.printMissing} glove hotkey="F7" onPress={() => window.print()} />
      <Button words={words.more} glove hotkey="F8" onPress={onMore} />
      {choosing ? (
        <Dialog title={words.chooseReason} onClose={() => setChoosing(false)}>
          <div class="reasons">
            {rejectionCodes.map((code, i) => (
              <Button key={code} words={{ zh: `${rejectionReasons[code].zh} ${code}`, en: `${rejectionReasons[code].en} ${code}` }} glove
                {...(i < 9 ? { hotkey: String(i + 1) } : {})} onPress={() => { setChoosing(false); void work.does(armReject(code)); }} />
            ))}
          </div>
        </Dialog>
      ) : null}
    </>
  );
}
