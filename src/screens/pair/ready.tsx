// What a tablet needs to go on without a network, and how far it is: a secure address, its pages, storage that stays, the list of people.

import { type Signal, signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { keepPages } from '../offline/register.js';
import { Button } from '../parts/controls.js';
import { Progress } from '../parts/showing.js';
import { Text } from '../parts/text.js';
import type { Roster } from '../tablet/roster.js';
import type { Phrase } from '../words/language.js';
import { words } from './words.js';

interface InstallPrompt extends Event {
  prompt(): Promise<unknown>;
}

const asksToInstall = signal<InstallPrompt | undefined>(undefined);
const installed = signal(matchMedia('(display-mode: standalone)').matches);
const persisted = signal<boolean | undefined>(undefined);
const pagesKept = signal(false);

window.addEventListener('beforeinstallprompt', (event) => {
  event.preventDefault();
  asksToInstall.value = event as InstallPrompt;
});
window.addEventListener('appinstalled', () => { installed.value = true; });

/** The pages are on the device when the worker that holds them is ready. */
export async function prepare(): Promise<void> {
  if (await keepPages(() => true)) await navigator.serviceWorker.ready.then(() => { pagesKept.value = true; });
}

function Line({ good, yes, no }: { good: boolean | undefined; yes: Phrase; no: Phrase }) {
  return <li class={good ? 'good' : 'open'}><span aria-hidden="true">{good ? '✓' : '!'}</span> <span><Text of={good ? yes : no} /></span></li>;
}

export function Ready({ roster, onStart }: { roster: Signal<Roster | undefined> | undefined; onStart: () => void }) {
  useEffect(() => {
    void (async () => { persisted.value = (await navigator.storage?.persist?.()) ?? false; })();
  }, []);
  const progress = roster?.value?.progress.value;
  const listed = roster === undefined || progress?.done === true;
  const secure = window.isSecureContext;
  const works = secure && pagesKept.value && listed;
  return (
    <section class="card stack">
      <h2 role="status"><Text of={works ? words.ready : listed && !secure ? words.almost : words.readyTitle} /></h2>
      <ul class="checks">
        <Line good={secure} yes={words.secure} no={words.notSecure} />
        {secure ? <Line good={pagesKept.value} yes={words.kept} no={words.keeping} /> : null}
        <Line good={installed.value} yes={words.installed} no={words.notInstalled} />
        <Line good={persisted.value} yes={words.persisted} no={words.notPersisted} />
      </ul>
      {roster ? <Progress label={words.roster} value={progress?.have ?? 0} max={progress?.total ?? 0} /> : null}
      {progress?.problem ? <p class="problem" role="alert"><Text of={words.rosterStopped} /></p> : null}
      <div class="row">
        <Button words={words.start} tone={works ? 'ok' : 'plain'} glove disabled={!listed} onPress={onStart} id="start" />
        {asksToInstall.value && !installed.value ? <Button words={words.install} glove onPress={() => void asksToInstall.value?.prompt()} /> : null}
        {progress?.problem ? <Button words={words.again} glove onPress={() => void roster?.value?.fetch()} /> : null}
      </div>
    </section>
  );
}
