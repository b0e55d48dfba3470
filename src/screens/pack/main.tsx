// Packing and the courier: scan the box, scan its tubes, scan the box again. Whoever carries scans their card and the box, once.

import { signal } from '@preact/signals';
import { render } from 'preact';
import { useState } from 'preact/hooks';
import { anyForeignTube, type ForeignTubeRule } from '../../domain/codes.js';
import type { Command } from '../../domain/commands.js';
import { cellPath, get } from '../door/http.js';
import { Button } from '../parts/controls.js';
import { useKeys } from '../parts/keys.js';
import { Panel } from '../parts/showing.js';
import { Text } from '../parts/text.js';
import { startTablet, type Tablet } from '../tablet/device.js';
import { TabletFrame, Tablets } from '../tablet/frame.js';
import { Menu } from '../tablet/menu.js';
import { listenScans } from '../tablet/scans.js';
import { openVoice, play } from '../tablet/voice.js';
import { say } from '../words/language.js';
import { clock } from '../words/time.js';
import type { PackedBox } from './bench.js';
import { armLeak, type BoxTold, sealByKey, type Said, undo } from './decide.js';
import { tailOf } from '../tablet/said.js';
import { Manifest } from './manifestView.js';
import './pack.css';
import { seenOf } from './seen.js';
import { answers, things, words } from './words.js';
import { openWork, type Work } from './work.js';

const work = signal<Work | undefined>(undefined);
const toPack = signal<number | undefined>(undefined);
const rehearsal = signal(false);
/** Labels of other makers that the round names as tubes. */
let labels: readonly ForeignTubeRule[] = [];
/** How often the count of what waits for a box is asked for. */
const toPackMs = 10_000;

/** What `what` is called in both languages, for the row that names it. */
function valuesOf({ row, values }: Said): Record<string, string | number> | undefined {
  const what = row === 'wrongKind' ? things[String(values?.['what']) as keyof typeof things] : undefined;
  return what ? { what: what.zh, whatEn: what.en } : values;
}

function Answer({ said }: { said: Said & { turn: number } }) {
  const row = answers[said.row];
  const values = valuesOf(said);
  const hint = 'hint' in row ? say(row.hint, values) : undefined;
  return <Panel key={said.turn} tone={row.tone} symbol={row.symbol} title={row.title} {...(values ? { values } : {})} about={said.about} detail={hint} />;
}

function Packing({ tablet }: { tablet: Tablet }) {
  const [menu, setMenu] = useState(false);
  const [shownBox, setShownBox] = useState<PackedBox | undefined>(undefined);
  const at = work.value;
  const { place } = tablet;
  const courier = place.value.role === 'courier';
  const act = (what: (work: Work) => void) => () => { if (work.value) what(work.value); };
  useKeys({ Escape: act((one) => one.cancel()), F5: act((one) => one.repeat()) });
  if (!at) return null;
  const bench = at.bench.value;
  const { box } = bench;
  const waiting = toPack.value;
  const listed = bench.sealed.find(({ tubes }) => tubes.length > 0);
  // What a courier has handed on is no longer theirs.
  const below = courier ? bench.sealed.filter(({ holder }) => holder === tablet.staff.value) : bench.sealed;
  return (
    <TabletFrame tablet={tablet} title={courier ? words.courier : words.packing} place={place.value.site ?? place.value.area} rehearsal={rehearsal.value}
      footer={
        <>
          {courier ? null : <Button words={words.undo} glove hotkey="F2" symbol="↩" onPress={act((one) => void one.does(undo))} />}
          {courier ? null : <Button words={words.seal} glove hotkey="F4" onPress={act((one) => void one.does(sealByKey))} />}
          <Button words={words.leaked} glove hotkey="F3" tone="plain" onPress={act((one) => void one.does(armLeak))} />
          {listed ? <Button words={words.manifest} glove hotkey="F7" onPress={() => setShownBox(listed)} /> : null}
          <Button words={words.more} glove hotkey="F8" onPress={() => setMenu(true)} />
        </>
      }>
      <div class="pack">
        <Answer said={at.shown.value} />
        <aside>
          {courier ? null : (
            <>
              <h2><Text of={box ? words.box : words.noBox} plain /></h2>
              {box ? <div class="code">...{tailOf(box.code)}</div> : null}
              <div class="total">
                {box ? say(words.inBox, { n: box.tubes.length }) : null}
                <small>{waiting === undefined ? say(words.unknownTotal) : box ? say(words.ofSystem, { n: box.tubes.length + waiting }) : say(words.toPack, { n: waiting })}</small>
              </div>
              {box ? <ol>{[...box.tubes].reverse().slice(0, 6).map((tube, i) => <li key={tube}><span>{box.tubes.length - i}</span><b>...{tailOf(tube)}</b></li>)}</ol> : null}
            </>
          )}
          {below.length > 0 ? (
            <>
              <h2><Text of={courier ? words.boxesOnRoad : words.doneBoxes} plain /></h2>
              <ol>{below.slice(0, 4).map((one) => <li key={one.code}><b>...{tailOf(one.code)}</b>{one.tubes.length > 0 ? <span>{say(words.tubes, { n: one.tubes.length })}</span> : null}<span>{one.holder ? say(words.with, { tail: tailOf(one.holder) }) : say(words.notHandedOver)}</span><span class="quiet">{clock(one.sealedAt)}</span></li>)}</ol>
            </>
          ) : null}
        </aside>
      </div>
      {menu ? <Menu tablet={tablet} onClose={() => setMenu(false)} /> : null}
      {shownBox ? <Manifest box={shownBox} onClose={() => setShownBox(undefined)} /> : null}
    </TabletFrame>
  );
}

/** What a command card means here; those that mean the same everywhere were carried out already. */
function commanded(at: Work, command: Command | undefined): void {
  switch (command) {
    case 'undo': return void at.does(undo);
    case 'closeTube': case 'confirm': return void at.does(sealByKey);
    case 'repeatLast': return at.repeat();
    case 'cancel': return at.cancel();
    case 'theme': case 'language': case 'lock': return undefined;
    default: return at.tell({ row: 'unknownCommand' });
  }
}

async function begin(): Promise<void> {
  const tablet = await startTablet({ quiet: () => work.value?.bench.value.box === undefined });
  if (!tablet) return;
  openVoice();
  const { outbox, place, staff } = tablet;
  const cell = (): string => cellPath(place.value);
  const { role, site } = place.value;
  const opened = await openWork({
    outbox, courier: role === 'courier', site, rehearsal, staff, toPack,
    async boxOf(code) {
      const reply = await get<BoxTold & { tubes: string[]; openedAt: number }>(`${cell()}/boxes/${encodeURIComponent(code)}`);
      return reply.ok ? reply.value : undefined;
    },
    announce({ row }, tick) {
      const { sound } = answers[row];
      if (tick) play('tick');
      else if (sound) play(sound);
    },
    // The frame is red already; what is thrown here besides is a fault of ours.
    cannotSave: (fault) => { if (tablet.status.value.state !== 'saveFailed') console.error(fault); },
  });
  work.value = opened;
  listenScans(tablet, {
    onScan: (scan) => void opened.scanned(seenOf(scan)),
    onReject: ({ scan, why }) => { if (why === 'incomplete') void opened.scanned(seenOf(scan)); },
    onCommand: (command) => commanded(opened, command),
    // A tube that has been taken is packed, whatever its label; those the round names are known for tubes.
    rules: () => (labels.length > 0 ? { foreignTubes: [...labels, anyForeignTube] } : {}),
  });

  async function look(): Promise<void> {
    const [state, waiting] = await Promise.all([
      get<{ rehearsal: boolean; rules: { foreignTubes?: readonly ForeignTubeRule[] } }>(cell()),
      role === 'courier' ? undefined : get<{ total: number }>(`${cell()}/boxes/toPack?count=1${site === undefined ? '' : `&site=${encodeURIComponent(site)}`}`),
    ]);
    if (state.ok) {
      rehearsal.value = state.value.rehearsal;
      labels = state.value.rules.foreignTubes ?? [];
    }
    if (waiting) toPack.value = waiting.ok ? waiting.value.total : undefined;
  }
  void look();
  setInterval(() => void look(), toPackMs);
  // What was packed or sealed changes what is left to pack.
  outbox.onAnswer(() => void look());
}

void begin();
render(<Tablets title={words.packing} may={['packer', 'courier', 'supervisor']}>{(tablet) => <Packing tablet={tablet} />}</Tablets>, document.getElementById('screen') as HTMLElement);
