// A box's manifest: on the screen as a QR code for whoever takes the box without a network, on paper with room for three signatures.

import { encode } from 'uqr';
import { useMemo } from 'preact/hooks';
import { manifestHash, writeManifest } from '../../domain/manifest.js';
import { Button } from '../parts/controls.js';
import { Dialog } from '../parts/showing.js';
import { Text } from '../parts/text.js';
import { common } from '../words/everywhere.js';
import { inBoth, say } from '../words/language.js';
import { dayAndClock } from '../words/time.js';
import type { PackedBox } from './bench.js';
import { tailOf } from '../tablet/said.js';
import { words } from './words.js';

/** A QR code as one path; letters and digits alone, so that its denser mode serves. */
export function Qr({ text, label }: { text: string; label: string }) {
  const { size, path } = useMemo(() => {
    const { size: side, data } = encode(text, { ecc: 'L', border: 4 });
    let d = '';
    data.forEach((row, y) => row.forEach((dark, x) => { if (dark) d += `M${x} ${y}h1v1h-1z`; }));
    return { size: side, path: d };
  }, [text]);
  return <svg viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label} shape-rendering="crispEdges"><path d={path} fill="#000" /></svg>;
}

export function Manifest({ box, onClose }: { box: PackedBox; onClose: () => void }) {
  return (
    <>
      <Dialog title={inBoth(words.manifestOf, { tail: tailOf(box.code) })} onClose={onClose}
        actions={<><Button words={common.print} glove tone="info" hotkey="p" onPress={() => window.print()} /><Button words={common.close} glove onPress={onClose} /></>}>
        <div class="manifest">
          <Qr text={writeManifest(box.code, box.tubes)} label={say(words.manifest)} />
          <b>{say(words.tubes, { n: box.tubes.length })} · {manifestHash(box.tubes)}</b>
          <span><Text of={words.manifestFor} plain /></span>
        </div>
      </Dialog>
      <ManifestSheet box={box} />
    </>
  );
}

/** What is printed: the tubes with a column to tick, counts, and who signs. */
export function ManifestSheet({ box }: { box: PackedBox }) {
  const tubes = [...box.tubes].sort();
  return (
    <section class="sheet">
      <h1><Text of={words.printTitle} plain /> {box.code}</h1>
      <p>{say(words.tubes, { n: tubes.length })} · {box.sealedAt > 0 ? dayAndClock(box.sealedAt) : ''} · {manifestHash(tubes)}</p>
      <Qr text={writeManifest(box.code, tubes)} label={say(words.manifest)} />
      <table>
        <thead><tr><th>#</th><th><Text of={words.tube} plain /></th><th><Text of={words.tick} plain /></th></tr></thead>
        <tbody>{tubes.map((tube, i) => <tr key={tube}><td>{i + 1}</td><td>{tube.replace(/(\d{3})(?=\d)/g, '$1 ')}</td><td /></tr>)}</tbody>
      </table>
      <div class="sign">{[words.sender, words.carrier, words.receiver].map((who) => <div key={who.en}><Text of={who} /><div class="quiet"><Text of={words.signature} plain /></div></div>)}</div>
    </section>
  );
}
