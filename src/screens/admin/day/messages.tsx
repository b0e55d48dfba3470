// Texts for the loudspeaker and the chat groups: who comes when and where, in plain Chinese; copied with one click.

import { useState } from 'preact/hooks';
import { type BroadcastKind, broadcastKinds } from '../../../domain/broadcast.js';
import { cellPath, post, type Problem } from '../../door/http.js';
import { Button, Form, Select } from '../../parts/controls.js';
import { ProblemNote } from '../../parts/showing.js';
import { Text } from '../../parts/text.js';
import { type Phrase, say } from '../../words/language.js';
import { Arrive, Said } from '../arrive.js';
import type { RoomProps } from '../rooms.js';
import { useReading } from './reading.js';
import { words } from './words.js';

const kinds: Record<BroadcastKind, Phrase> = { turn: words.turn, closing: words.closing, moved: words.movedSite, missing: words.missingThem };

export function Messages({ cell }: RoomProps) {
  const [kind, setKind] = useState<BroadcastKind>('turn');
  const [site, setSite] = useState('');
  const [texts, setTexts] = useState<{ loudspeaker: Phrase; chat: Phrase; warnings: Phrase[] } | undefined>(undefined);
  const [problem, setProblem] = useState<Problem | undefined>(undefined);
  const [copied, setCopied] = useState('');
  const about = useReading<{ sites: { site: string; name: string }[] }>(cellPath(cell), 60_000);
  const write = async (): Promise<void> => {
    setCopied('');
    const reply = await post<{ loudspeaker: Phrase; chat: Phrase; warnings: Phrase[] }>(`${cellPath(cell)}/broadcast`, { kind, ...(site ? { site } : {}) });
    setProblem(reply.ok ? undefined : reply.problem);
    if (reply.ok) setTexts(reply.value);
  };
  return (
    <>
      <Arrive words={words.messages} quietly />
      {problem ? <ProblemNote problem={problem} /> : null}
      <Form onSend={() => void write()}>
        <div class="columns">
          <Select label={words.kind} value={kind} choices={broadcastKinds.map((value) => ({ value, words: kinds[value] }))} onChoose={setKind} />
          <Select label={words.site} value={site} onChoose={setSite} id="site" choices={[{ value: '', words: words.anySite }, ...(about.value?.sites ?? []).map((one) => ({ value: one.site, words: { zh: one.name, en: one.name }, name: true }))]} />
        </div>
        <Button words={words.write} tone="info" submit onPress={() => undefined} />
      </Form>
      {texts?.warnings.map((warning) => <p key={warning.en}><span class="chip caution">{say(warning)}</span></p>)}
      {copied ? <Said><Text of={words.copied} /></Said> : null}
      {texts ? (['loudspeaker', 'chat'] as const).map((way) => (
        <section key={way} class="card stack gap">
          <h3><Text of={words[way]} plain /></h3>
          {(['zh', 'en'] as const).map((language) => (
            <div key={language}>
              <p lang={language === 'zh' ? 'zh-CN' : 'en'} class="copied">{texts[way][language]}</p>
              <Button words={words.copy} onPress={() => void navigator.clipboard.writeText(texts[way][language]).then(() => setCopied(`${way} ${language}`))} />
            </div>
          ))}
        </section>
      )) : null}
    </>
  );
}
