// Moving a device to another place, and revoking one: what will happen stands there in numbers, and a name is typed to confirm.

import { useState } from 'preact/hooks';
import type { CellName } from '../../../domain/requests.js';
import { revokeReasons } from '../../../domain/reasons.js';
import { deviceRoles, roles } from '../../../domain/roles.js';
import { post, type Problem } from '../../door/http.js';
import { Button, Field, Form, Select } from '../../parts/controls.js';
import { Dialog, ProblemNote } from '../../parts/showing.js';
import { Text } from '../../parts/text.js';
import { common } from '../../words/everywhere.js';
import { say } from '../../words/language.js';
import { useWork } from '../arrive.js';
import { deviceWords as words } from './lateWords.js';
import type { Everything, Paired } from './stationList.js';

interface ActProps {
  device: Paired;
  onClose: () => void;
  onDone: () => void;
}

const filled = (phrase: { zh: string; en: string }, name: string) => ({ zh: phrase.zh.replace('{name}', name), en: phrase.en.replace('{name}', name) });

export function Revoking({ device, missing, received, onClose, onDone }: ActProps & { missing: number; received: number }) {
  const wanted = device.station ?? device.device;
  const [typed, setTyped] = useState('');
  const [reason, setReason] = useState<(typeof revokeReasons)[number]>('lost');
  const [wrong, setWrong] = useState(false);
  const [problem, setProblem] = useState<Problem | undefined>(undefined);
  const { run } = useWork();
  const send = (): void => {
    setWrong(typed.trim() !== wanted);
    if (typed.trim() !== wanted) return;
    run(async () => {
      const reply = await post(`/api/devices/${device.device}/revoke`, { reason });
      if (reply.ok) onDone();
      else setProblem(reply.problem);
    });
  };
  return (
    <Dialog title={words.revokeTitle} onClose={onClose} actions={null}>
      <p><b><Text of={words.revokeFor} values={{ missing, received }} /></b></p>
      {problem ? <ProblemNote problem={problem} /> : null}
      <Form onSend={send}>
        <Select label={words.reason} value={reason} onChoose={setReason} id="revoke-reason" choices={revokeReasons.map((one) => ({ value: one, words: one === 'other' ? words.otherReason : words[one] }))} />
        <Field label={filled(words.typeName, wanted)} value={typed} onInput={setTyped} error={wrong ? say(words.nameDiffers) : undefined} id="revoke-name" />
        <div class="row">
          <Button words={words.revoke} values={{ device: wanted }} tone="stop" submit onPress={() => undefined} id="revoke-go" />
          <Button words={common.no} onPress={onClose} />
        </div>
      </Form>
    </Dialog>
  );
}

export function Moving({ device, all, cell, onClose, onDone }: ActProps & { all: Everything; cell: CellName }) {
  const [role, setRole] = useState(device.role ?? 'station');
  const [place, setPlace] = useState(device.station ? `${device.site ?? ''}/${device.station}` : (device.site ?? ''));
  const [problem, setProblem] = useState<Problem | undefined>(undefined);
  const { run } = useWork();
  const send = (): void => run(async () => {
    const [site, station] = place.split('/');
    const reply = await post(`/api/devices/${device.device}/move`, { ...cell, role, ...(site ? { site } : {}), ...(station ? { station } : {}) });
    if (reply.ok) onDone();
    else setProblem(reply.problem);
  });
  return (
    <Dialog title={words.moveTitle} onClose={onClose} actions={null}>
      <p><Text of={words.moveFor} /></p>
      {problem ? <ProblemNote problem={problem} /> : null}
      <Form onSend={send}>
        <Select label={words.role} value={role} onChoose={setRole} choices={deviceRoles.map((one) => ({ value: one, words: roles[one] }))} id="move-role" />
        <Select label={words.place} value={place} onChoose={setPlace} id="move-place" choices={[
          { value: '', words: words.noSite }, ...all.info.sites.map(({ site, name }) => ({ value: site, words: { zh: name, en: name }, name: true })),
          ...all.stations.map(({ station, site }) => ({ value: `${site}/${station}`, words: { zh: station, en: station } })),
        ]} />
        <div class="row">
          <Button words={words.moveTitle} tone="info" submit onPress={() => undefined} id="move-go" />
          <Button words={common.no} onPress={onClose} />
        </div>
      </Form>
    </Dialog>
  );
}
