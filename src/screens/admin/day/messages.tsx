// Texts for the loudspeaker and the chat groups: who comes when and where, in plain Chinese; copied with one click.

import { useState } from 'preact/hooks';
import { type BroadcastKind, broadcastKinds } from '../../../domain/broadcast.js';
import { cellPath, post, type Problem } from '../../door/http.js';
import { Button, Field, Form, Select } from '../../parts/controls.js';
import { ProblemNote } from '../../parts/showing.js';
import { Text } from '../../parts/text.js';
import { type Phrase, say } from '../../words/language.js';
import { Arrive, Said } from '../arrive.js';
import type { RoomProps } from '../rooms.js';
import { words } from './words.js';

const kinds: Record<BroadcastKind, Phrase> = { turn: words.turn, closing: words.closing, moved: words.movedSite, missing: words.missingThem };

export function Messages({ cell }: RoomProps) {
  const [kind, setKind] = useState<BroadcastKind>('turn');
  const [site, setSite] = useState('');
  const [texts, setTexts] = useState<{ loudspeaker: Phrase; chat: Phrase; warnings: Phrase[] } | undefined>(undefined);
  const [problem, setProblem] = useState<Problem | undefined>(undefined);
  const [copied, setCopied] = useState('');
  const write = async (): Promise<void> => {
    setCopied('');
    const reply = await post<{ loudspeaker: Phrase; chat: Phrase; warnings: Phrase[] }>(`${cellPath(cell)}/broadcast`, { kind, ...(site.trim() ? { site: site.trim() } : {}) });
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
          <Field label={words.site} value={site} onInput={setSite} id="site" maxLength={32} />
        </div>
        <Button words={words.write} tone="info" submit onPress={() => undefined} />
      </Form>
      {texts?.warnings.map((warning) => <p key={warning.en} class="chip caution">{say(warning)}</p>)}
      {copied ? <Said><Text of={words.copied} /></Said> : null}
      {texts ? (['loudspeaker', 'chat'] as const).map((way) => (
        <section key={way} class="card stack">
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
