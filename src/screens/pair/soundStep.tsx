// The sound's test: whoever works here must hear a stop through a noisy yard.

import { useEffect, useState } from 'preact/hooks';
import { Button } from '../parts/controls.js';
import { Text } from '../parts/text.js';
import { openVoice } from '../tablet/voice.js';
import { words } from './words.js';

export function SoundStep({ onDone }: { onDone: () => void }) {
  const [played, setPlayed] = useState(false);
  const [silent, setSilent] = useState(false);
  const play = (): void => {
    const sounds = openVoice();
    for (const [i, id] of (['ok', 'caution', 'wrong'] as const).entries()) setTimeout(() => sounds.play(id), i * 900);
    setPlayed(true);
  };
  // The scanner's test was touch enough for the browser.
  useEffect(() => { if (openVoice().ready) play(); }, []);
  return (
    <section class="card stack">
      <h2><Text of={words.sound} /></h2>
      <p class="big"><Text of={silent ? words.louder : words.soundHow} /></p>
      <div class="row">
        <Button words={words.playIt} glove tone={played ? 'plain' : 'info'} symbol="♪" onPress={play} />
        {played ? <Button words={words.heardIt} glove tone="ok" onPress={onDone} id="heard" /> : null}
        {played ? <Button words={words.notHeard} glove onPress={() => setSilent(true)} /> : null}
        {played ? null : <Button words={words.skip} glove onPress={onDone} />}
      </div>
    </section>
  );
}
