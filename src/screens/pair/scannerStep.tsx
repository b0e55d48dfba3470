// The scanner's test: three codes, and the name of what is wrong with what to do about it.

import { useEffect, useState } from 'preact/hooks';
import { Button } from '../parts/controls.js';
import { Text } from '../parts/text.js';
import { type Diagnosis, runScannerTest, scannerFaults, testCodes } from '../scanning/scannerTest.js';
import { CameraView } from '../tablet/cameraView.js';
import { chooseField, usesField } from '../tablet/scans.js';
import { openVoice } from '../tablet/voice.js';
import { words } from './words.js';

export function ScannerStep({ onDone }: { onDone: () => void }) {
  const [step, setStep] = useState(0);
  const [last, setLast] = useState<Diagnosis | undefined>(undefined);
  const [camera, setCamera] = useState(false);
  const [field, setField] = useState(usesField());
  const [drawings, setDrawings] = useState<readonly string[]>([]);
  useEffect(() => {
    void import('uqr').then(({ renderSVG }) => setDrawings(testCodes.map((code) => renderSVG(code, { ecc: 'M', border: 3 }))));
    const sounds = openVoice();
    const test = runScannerTest({
      onScan(diagnosis, at) {
        setLast(diagnosis);
        setStep(diagnosis.ok ? at + 1 : at);
        sounds.play(diagnosis.ok ? 'ok' : 'wrong');
      },
      onDone: () => setTimeout(onDone, 600),
    });
    return () => test.stop();
  }, []);
  const n = Math.min(step, testCodes.length - 1);
  const drawing = drawings[n];
  return (
    <section class="card stack">
      <h2><Text of={words.scanner} /></h2>
      <div class="columns">
        <div>
          <p class="big"><Text of={words.scanThis} values={{ n: n + 1, of: testCodes.length }} /></p>
          {drawing ? <img class="testcode" alt={testCodes[n]} src={`data:image/svg+xml;utf8,${encodeURIComponent(drawing)}`} /> : null}
          <p class="quiet"><Text of={words.paperToo} /></p>
        </div>
        <div role="status" aria-live="assertive" class="stack">
          {last ? <Said diagnosis={last} /> : null}
          {camera ? <CameraView onScan={onDone} /> : null}
        </div>
      </div>
      <div class="row">
        <Button words={words.noScanner} glove pressed={camera} onPress={() => setCamera(!camera)} />
        <Button words={words.fieldScanner} glove pressed={field} onPress={() => { chooseField(!field); setField(!field); }} />
        <Button words={words.skip} glove onPress={onDone} />
      </div>
    </section>
  );
}

function Said({ diagnosis: { ok, faults, text, expected } }: { diagnosis: Diagnosis }) {
  if (ok) return <p class="verdict ok">✓ <Text of={words.good} /></p>;
  return (
    <div class="verdict stop" data-faults={faults.join(' ')}>
      {faults.map((fault) => (
        <div key={fault}>
          <b>✕ <Text of={scannerFaults[fault]} /></b>
          <div><Text of={{ zh: scannerFaults[fault].nextZh, en: scannerFaults[fault].nextEn }} /></div>
        </div>
      ))}
      <div><Text of={words.came} plain />: <code class="name">{text}</code></div>
      <div><Text of={words.expected} plain />: <code>{expected}</code></div>
    </div>
  );
}
