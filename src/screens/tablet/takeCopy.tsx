// This tablet takes over what another one could not send: from its screen, picture by picture, or from its file. What was taken in is a record
// of this tablet and goes with its own.

import { useEffect, useState } from 'preact/hooks';
import type { Carried, TakenIn } from '../outbox/copy.js';
import { Button, FileDrop } from '../parts/controls.js';
import { Dialog } from '../parts/showing.js';
import { Text } from '../parts/text.js';
import { inBoth, say } from '../words/language.js';
import { clock } from '../words/time.js';
import { CameraView } from './cameraView.js';
import { words } from './copyWords.js';
import type { Tablet } from './device.js';
import type { Reading } from './takeOver.js';

/** Numbers of missing pictures that are named; more than that nobody reads. */
const namedMax = 12;
/** More pictures than this are not drawn one by one. */
const slotsMax = 120;

export function TakeCopy({ tablet: { takeOver, status }, onClose }: { tablet: Tablet; onClose: () => void }) {
  const [camera, setCamera] = useState(false);
  const reading = takeOver.reading.value;
  const { waiting } = status.value;
  useEffect(() => { void takeOver.look(); }, [waiting]);
  const done = reading.state === 'done' && reading.taken.records > 0;
  // Read on while a row of pictures is not complete; a lens that looks at a finished row would only begin it again.
  useEffect(() => { if (done) setCamera(false); }, [done]);
  const close = (): void => {
    if (takeOver.reading.value.state === 'done') takeOver.clear();
    onClose();
  };
  return (
    <Dialog title={words.takeTitle} onClose={close} wide>
      <div class="gloved copy" data-reading={reading.state}>
        {reading.state === 'done' ? <Taken taken={reading.taken} onAnother={() => takeOver.clear()} /> : (
          <>
            {reading.state === 'none' ? <p><Text of={words.takeHow} /></p> : null}
            <div class="ways">
              <div class="way">
                {camera ? <CameraView onScan={() => undefined} onText={takeOver.text} /> : null}
                <Button words={camera ? words.cameraOff : words.camera} glove tone={camera ? 'plain' : 'info'} onPress={() => setCamera(!camera)} />
              </div>
              <div class="way">
                <Frames reading={reading} />
                <FileDrop label={words.file} accept=".swc" onFile={(file) => void file.arrayBuffer().then((bytes) => takeOver.file(new Uint8Array(bytes)))} />
              </div>
            </div>
          </>
        )}
        <CarriedList carried={takeOver.carried.value} />
      </div>
    </Dialog>
  );
}

function Frames({ reading }: { reading: Reading }) {
  if (reading.state === 'taking') return <p role="status"><Text of={words.taking} /></p>;
  if (reading.state !== 'frames') return null;
  const { have, total, missing, damaged } = reading;
  const list = missing.slice(0, namedMax).join('、');
  const listEn = missing.slice(0, namedMax).join(', ');
  const more = missing.length > namedMax;
  return (
    <div role="status" data-have={have} data-total={total}>
      {total > 0 ? <p class="count"><Text of={words.read} values={{ have, total }} /></p> : null}
      {total > 0 && total <= slotsMax ? <div class="frames" role="img" aria-label={say(words.slots)}>{Array.from({ length: total }, (_, i) => <i key={i} class={missing.includes(i + 1) ? '' : 'filled'} />)}</div> : null}
      {total > 0 ? <p><Text of={missingOf(list, listEn, more)} plain /></p> : null}
      {damaged ? <p class="problem"><Text of={words.damaged} plain /></p> : null}
    </div>
  );
}

function missingOf(zh: string, en: string, more: boolean): { zh: string; en: string } {
  const [inZh, inEn] = [inBoth(words.andMore, { list: zh }).zh, inBoth(words.andMore, { list: en }).en];
  return { zh: inBoth(words.missing, { list: more ? inZh : zh }).zh, en: inBoth(words.missing, { list: more ? inEn : en }).en };
}

/** A table is what people know; the tablet's own name tells two at one table apart. */
const nameOf = ({ device, at }: { device: string; at: string }): string => (at === '' ? device : `${at} (${device})`);

function Taken({ taken: { records, known, devices, refused }, onAnother }: { taken: TakenIn; onAnother: () => void }) {
  const why = (one: TakenIn['refused'][number]) => (one.why === 'otherCell' ? words.otherCell : words[one.why]);
  const reasons = [...new Map(refused.map((one) => [`${one.device} ${one.why}`, one])).values()];
  return (
    <div role="status">
      {records > 0 ? (
        <div class="done ok" data-records={records} data-known={known}>
          <p class="count">✓ <Text of={words.taken} values={{ n: records }} /></p>
          {known > 0 ? <p><Text of={words.takenKnown} values={{ m: known }} /></p> : null}
          <p><Text of={words.takenFrom} values={{ devices: devices.map(nameOf).join(', ') }} plain /></p>
        </div>
      ) : null}
      {reasons.length > 0 ? (
        <div class="done stop" data-refused={reasons.map((one) => one.why).join(' ')}>
          <p class="count">✕ <Text of={words.notTaken} /></p>
          {reasons.map((one) => <p key={`${one.device} ${one.why}`}><Text of={why(one)} values={{ device: one.device }} /></p>)}
        </div>
      ) : null}
      {records > 0 ? <p><Text of={words.takenNext} /></p> : null}
      <Button words={words.another} glove onPress={onAnother} />
    </div>
  );
}

function CarriedList({ carried }: { carried: readonly Carried[] }) {
  if (carried.length === 0) return null;
  return (
    <section class="carried">
      <h3><Text of={words.carriedTitle} plain /></h3>
      <ul class="list">
        {[...carried].reverse().slice(0, 8).map(({ device, at, records, takenAt, state }) => (
          <li key={`${device} ${takenAt}`} data-state={state}><b>{nameOf({ device, at })}</b> <span>{say(words.records, { n: records })}</span> <span class="quiet">{clock(takenAt)}</span> <span>{state === 'received' ? '✓ ' : ''}{say(words[state])}</span></li>
        ))}
      </ul>
    </section>
  );
}
