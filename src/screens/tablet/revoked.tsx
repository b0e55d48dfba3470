// The screen of a tablet that the command post has revoked. It takes no scan and shows nobody any more; what it did before and could not send is
// kept on it, and may still go to another tablet, or with this one when it is paired anew.

import { useEffect } from 'preact/hooks';
import { Button } from '../parts/controls.js';
import { Text } from '../parts/text.js';
import { say } from '../words/language.js';
import type { Tablet } from './device.js';
import { play } from './voice.js';
import { words } from './words.js';

export function Revoked({ tablet: { status, takeOver } }: { tablet: Tablet }) {
  const { waiting } = status.value;
  useEffect(() => {
    play('notice');
    takeOver.view.value = undefined;
  }, []);
  return (
    <div class="lock revoked" role="dialog" aria-modal="true" aria-label={say(words.revokedTitle)} data-waiting={waiting}>
      <h2><Text of={words.revokedTitle} /></h2>
      <p class="kept"><Text of={waiting > 0 ? words.revokedKept : words.revokedNothing} values={{ n: waiting }} /></p>
      <p><Text of={words.revokedTube} /></p>
      <div class="row">
        {waiting > 0 ? <Button words={words.revokedGive} glove tone="info" symbol="↑" id="revoked-give" onPress={() => { takeOver.view.value = 'give'; }} /> : null}
        <a class="button glove" href="/pair"><Text of={words.toPair} plain /></a>
      </div>
    </div>
  );
}
