// Unsent records leave this tablet: as an encrypted file, or as a row of QR codes that goes round until the other tablet has them all. It is
// packed once, when the screen opens; what is done after that stays for the next time.

import { useEffect, useState } from 'preact/hooks';
import type { Packed } from '../outbox/copy.js';
import { framesOf } from '../outbox/frames.js';
import { Button } from '../parts/controls.js';
import { QrCode } from '../parts/qr.js';
import { Dialog } from '../parts/showing.js';
import { Text } from '../parts/text.js';
import { say } from '../words/language.js';
import { words } from './copyWords.js';
import type { Tablet } from './device.js';

/** Seconds a picture stands: a new tablet reads several in a second, an old one with a dull lens needs long. */
const paces = [0.3, 0.6, 1, 2, 4] as const;
const usualPace = 1;

export function GiveCopy({ tablet, onClose }: { tablet: Tablet; onClose: () => void }) {
  const [packed, setPacked] = useState<{ is: Packed; frames: string[] } | undefined>(undefined);
  useEffect(() => {
    let gone = false;
    void tablet.copy.pack().then((is) => { if (!gone) setPacked({ is, frames: is.ok ? framesOf(is.bytes) : [] }); });
    return () => { gone = true; };
  }, []);
  const { state, waiting } = tablet.status.value;
  return (
    <Dialog title={words.giveTitle} onClose={onClose} wide>
      <div class="gloved copy" data-packed={packed ? (packed.is.ok ? packed.is.records : packed.is.why) : undefined}>
        {packed === undefined ? <p role="status"><Text of={words.packing} /></p> : null}
        {packed?.is.ok ? <Pictures frames={packed.frames} bytes={packed.is.bytes} records={packed.is.records} name={tablet.copy.fileName} /> : null}
        {packed && !packed.is.ok ? (
          <p class="answerline" role="status">
            <b><Text of={packed.is.why === 'nothing' ? words.nothing : words.noKey} values={{ n: packed.is.why === 'noKey' ? packed.is.records : 0 }} /></b>
            <span><Text of={packed.is.why === 'nothing' ? words.nothingNext : words.noKeyNext} plain /></span>
          </p>
        ) : null}
        {packed?.is.ok && state === 'online' && waiting === 0 ? <p class="done ok" role="status">✓ <Text of={words.sentMeanwhile} /></p> : null}
      </div>
    </Dialog>
  );
}

function Pictures({ frames, bytes, records, name }: { frames: readonly string[]; bytes: Uint8Array<ArrayBuffer>; records: number; name: () => string }) {
  const [at, setAt] = useState(0);
  const [pace, setPace] = useState<number>(usualPace);
  const [held, hold] = useState(frames.length === 1);
  const [saved, setSaved] = useState<string | undefined>(undefined);
  const total = frames.length;
  const seconds = paces[pace] ?? 1;
  useEffect(() => {
    if (held) return undefined;
    const timer = setInterval(() => setAt((now) => (now + 1) % total), seconds * 1000);
    return () => clearInterval(timer);
  }, [held, seconds, total]);

  const step = (by: number): void => {
    hold(true);
    setAt((now) => (now + by + total) % total);
  };
  const save = (): void => {
    const file = name();
    const address = URL.createObjectURL(new Blob([bytes], { type: 'application/octet-stream' }));
    const link = Object.assign(document.createElement('a'), { href: address, download: file });
    link.click();
    // The browser reads it after the click.
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
    setSaved(file);
  };
  const place = { k: at + 1, n: total };
  return (
    <div class="pictures">
      <div class="shownqr" data-frame={at + 1} data-of={total}><QrCode text={frames[at] ?? ''} name={say(words.pictureName, place)} border={4} /></div>
      <div class="beside">
        <p class="count"><Text of={words.giving} values={{ n: records }} /></p>
        <p class="place">{total === 1 ? say(words.onePicture) : <>{say(words.picture, place)} <small class="quiet">· {say(words.seconds, { s: seconds })}</small></>}</p>
        <p><Text of={words.how} plain /></p>
        <div class="pair">
          {total === 1 ? null : (
            <>
              <Button words={words.back} glove symbol="◀" hotkey="ArrowLeft" onPress={() => step(-1)} />
              <Button words={words.next} glove symbol="▶" hotkey="ArrowRight" onPress={() => step(1)} />
              <Button words={words.slower} glove symbol="−" hotkey="-" disabled={pace === paces.length - 1} onPress={() => setPace(pace + 1)} />
              <Button words={words.faster} glove symbol="+" hotkey="+" disabled={pace === 0} onPress={() => setPace(pace - 1)} />
              <Button words={held ? words.goOn : words.hold} glove pressed={held} onPress={() => hold(!held)} />
            </>
          )}
          <Button words={words.toFile} glove tone="info" symbol="↓" id="copy-file" onPress={save} />
        </div>
        {saved === undefined ? <p class="quiet"><Text of={words.sealed} plain /></p> : <p role="status"><Text of={words.fileSaved} values={{ name: saved }} plain /></p>}
      </div>
    </div>
  );
}
