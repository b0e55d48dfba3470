// The wizard's last step: stations are opened and closed, what is unfinished is named with the way to it, and the round is closed.

import { useEffect, useState } from 'preact/hooks';
import type { CellName } from '../../../domain/requests.js';
import { cellPath, get, type Problem } from '../../door/http.js';
import { Button, Field, Form } from '../../parts/controls.js';
import { Chip, Dialog, ProblemNote, Table } from '../../parts/showing.js';
import { Text } from '../../parts/text.js';
import { common } from '../../words/everywhere.js';
import { type Phrase, say } from '../../words/language.js';
import { dayAndClock } from '../../words/time.js';
import { Arrive, useWork } from '../arrive.js';
import { dayRooms } from '../day/rooms.js';
import { loadCells, mayStep, opened, placeOf, stepsOf } from '../here.js';
import { askSecond } from '../second.js';
import { useEverything } from './devices.js';
import { dayWords as words, deviceWords } from './lateWords.js';
import type { Station } from './stationList.js';
import { setupWords } from './words.js';

export function Day({ cell }: { cell: CellName }) {
  const { all, problem, again } = useEverything(cell, 5000);
  const [refused, setRefused] = useState<Problem | undefined>(undefined);
  const { run } = useWork();
  const closed = opened.value?.state === 'closed';
  const take = (step: 'openStation' | 'pauseStation' | 'closeStation', of: readonly Station[]): void => run(async () => {
    setRefused(undefined);
    for (const { station, site } of of) {
      const reply = await stepsOf(cell).ask(step, step === 'openStation' ? { station, site } : { station });
      if (!reply.ok) {
        setRefused(reply.problem);
        break;
      }
    }
    await again();
  });
  const toOpen = all?.stations.filter(({ state }) => state !== 'open') ?? [];
  return (
    <>
      <Arrive words={closed ? words.isClosed : setupWords.day} />
      {closed && !opened.value?.laboratory && dayRooms.some(({ name, may }) => name === 'reports' && may()) ? <p><a class="button info link" href={placeOf({ room: 'reports', cell })}><Text of={words.toReport} plain /></a></p> : null}
      {problem ? <ProblemNote problem={problem} /> : null}
      {refused ? <ProblemNote problem={refused} /> : null}
      {all && all.stations.length > 0 ? (
        <>
          {toOpen.length > 0 && !closed ? <div class="row gap"><Button words={words.openAll} values={{ n: toOpen.length }} tone="ok" onPress={() => take('openStation', toOpen)} id="open-all" /></div> : null}
          <Table caption={words.stations} rows={all.stations} rowKey={({ station }) => station} columns={[
            { head: words.station, cell: ({ station }) => <b>{station}</b> },
            { head: words.site, cell: ({ siteName }) => <span class="name">{siteName}</span> },
            { head: words.state, cell: ({ state, stalled }) => <Chip tone={stalled ? 'caution' : state === 'open' ? 'ok' : 'plain'}>{say(stalled ? words.stalled : words[state])}</Chip> },
            { head: words.waiting, number: true, cell: ({ waiting }) => waiting },
            { head: words.acts, cell: (one) => (closed ? null : (
              <div class="row">
                {one.state === 'open' ? <Button words={words.doPause} values={{ station: one.station }} onPress={() => take('pauseStation', [one])} /> : <Button words={words.doOpen} values={{ station: one.station }} onPress={() => take('openStation', [one])} />}
                {one.state === 'open' || one.state === 'paused' || one.state === 'draining' ? <Button words={words.doClose} values={{ station: one.station }} onPress={() => take('closeStation', [one])} /> : null}
              </div>
            )) },
          ]} />
        </>
      ) : null}
      {closed ? null : <Ending cell={cell} residents={all?.info.residents ?? 0} stations={all?.stations.length ?? 0} />}
    </>
  );
}

interface Unfinished { what: string; since: number }

const kinds = ['tube', 'unregistered', 'device', 'box', 'result', 'recall', 'discrepancy', 'record'] as const;
type Kind = (typeof kinds)[number];
const toDo: Record<Kind, Phrase> = {
  tube: words.tubeDo, unregistered: words.tubeDo, device: words.deviceDo, box: words.boxDo, result: words.resultDo, recall: words.recallDo, discrepancy: words.discrepancyDo, record: words.recordDo,
};
/** Where each is dealt with; a room of the day that this service does not have gets no link. */
const roomFor: Partial<Record<Kind, string>> = { tube: 'search', unregistered: 'search', result: 'search', box: 'search', recall: 'recalls', discrepancy: 'discrepancies', record: 'discrepancies' };

function Ending({ cell, residents, stations }: { cell: CellName; residents: number; stations: number }) {
  const [list, setList] = useState<Unfinished[] | undefined>(undefined);
  const [problem, setProblem] = useState<Problem | undefined>(undefined);
  const [closing, setClosing] = useState(false);
  const [writingOff, setWritingOff] = useState<string | undefined>(undefined);
  const load = async (): Promise<void> => {
    const reply = await get<{ unfinished: Unfinished[] }>(`${cellPath(cell)}/unfinished?count=200`);
    if (reply.ok) setList(reply.value.unfinished);
    else setProblem(reply.problem);
  };
  useEffect(() => {
    void load();
    const timer = setInterval(() => void load(), 10_000);
    return () => clearInterval(timer);
  }, [cell.round, cell.area]);
  const split = ({ what }: Unfinished): { kind: Kind; name: string } => {
    const colon = what.indexOf(':');
    const kind = what.slice(0, colon) as Kind;
    return { kind: kinds.includes(kind) ? kind : 'record', name: what.slice(colon + 1) };
  };
  return (
    <section id="ending">
      {problem ? <ProblemNote problem={problem} /> : null}
      {list === undefined ? null : list.length === 0 ? <p><b><Text of={words.nothing} /></b></p> : (
        <>
          <Table caption={words.unfinished} rows={list} rowKey={({ what }) => what} columns={[
            { head: words.what, cell: (one) => <Text of={words[split(one).kind]} plain /> },
            { head: words.which, cell: (one) => <b>{split(one).name}</b> },
            { head: words.since, cell: ({ since }) => dayAndClock(since) },
            { head: words.todo, cell: (one) => {
              const { kind, name } = split(one);
              const room = kind === 'device' ? undefined : roomFor[kind];
              return (
                <div class="row">
                  <Text of={toDo[kind]} plain />
                  {kind === 'device' && mayStep('writeOffDevice') ? <Button words={words.writeOff} values={{ device: name }} onPress={() => setWritingOff(name)} /> : null}
                  {kind === 'device' ? <a class="button plain link" href={placeOf({ room: 'setup', step: 'devices', cell })}><Text of={setupWords.devices} plain /></a> : null}
                  {room && dayRooms.some((one) => one.name === room) ? <a class="button plain link" href={placeOf({ room, cell })}><Text of={words.go} plain /></a> : null}
                </div>
              );
            } },
          ]} />
          {list.length >= 200 ? <p><Text of={words.more} /></p> : null}
        </>
      )}
      {mayStep('closeRound') ? <div class="row gap"><Button words={words.close} tone="stop" onPress={() => setClosing(true)} id="close-round" /></div> : null}
      {closing ? <Closing cell={cell} residents={residents} stations={stations} unfinished={list?.length ?? 0} onClose={() => setClosing(false)} /> : null}
      {writingOff === undefined ? null : <WritingOff cell={cell} name={writingOff} onClose={() => { setWritingOff(undefined); void load(); }} />}
    </section>
  );
}

const filled = (phrase: Phrase, values: Record<string, string>): Phrase => {
  const fill = (text: string): string => text.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? '');
  return { zh: fill(phrase.zh), en: fill(phrase.en) };
};

function Closing({ cell, residents, stations, unfinished, onClose }: { cell: CellName; residents: number; stations: number; unfinished: number; onClose: () => void }) {
  const [typed, setTyped] = useState('');
  const [wrong, setWrong] = useState(false);
  const [problem, setProblem] = useState<Problem | undefined>(undefined);
  const { run } = useWork();
  const send = (): void => {
    setWrong(typed.trim() !== cell.round);
    if (typed.trim() !== cell.round) return;
    run(async () => {
      const reply = await stepsOf(cell).ask('closeRound', {});
      if (!reply.ok) return setProblem(reply.problem);
      await loadCells();
      onClose();
    });
  };
  // The record names what is open: up to twenty of the kind that speaks first.
  const named = Object.values(problem?.detail ?? {}).filter(Array.isArray).flat().map(String);
  return (
    <Dialog title={words.closeTitle} onClose={onClose} actions={null}>
      <p><b><Text of={words.closeFor} values={{ ...cell, residents, stations, unfinished }} /></b></p>
      {problem ? (
        <>
          <ProblemNote problem={problem} />
          {named.length > 0 ? <p id="close-named"><Text of={words.refused} plain /> {named.join(', ')}</p> : null}
        </>
      ) : null}
      <Form onSend={send}>
        <Field label={filled(words.typeRound, { round: cell.round })} value={typed} onInput={setTyped} error={wrong ? say(deviceWords.nameDiffers) : undefined} id="close-name" autofocus />
        <div class="row">
          <Button words={words.close} tone="stop" submit onPress={() => undefined} id="close-go" />
          <Button words={common.no} onPress={onClose} />
        </div>
      </Form>
    </Dialog>
  );
}

/** `name` is `device:epoch`, as the record names what it waits for. */
function WritingOff({ cell, name, onClose }: { cell: CellName; name: string; onClose: () => void }) {
  const colon = name.lastIndexOf(':');
  const [device, epoch] = [name.slice(0, colon), name.slice(colon + 1)];
  const [reason, setReason] = useState('');
  const [problem, setProblem] = useState<Problem | undefined>(undefined);
  const { run } = useWork();
  const send = (): void => {
    if (reason.trim() === '') return document.getElementById('writeoff-reason')?.focus();
    run(async () => {
      const second = await askSecond(words.writeOffAbout, { device });
      if (!second) return;
      const reply = await stepsOf(cell).ask('writeOffDevice', { device, epoch, reason: reason.trim(), secondBy: second.account }, second);
      if (reply.ok) onClose();
      else setProblem(reply.problem);
    });
  };
  return (
    <Dialog title={filled(words.writeOff, { device })} onClose={onClose} actions={null}>
      <p><Text of={words.writeOffAbout} values={{ device }} /></p>
      {problem ? <ProblemNote problem={problem} /> : null}
      <Form onSend={send}>
        <Field label={words.writeOffReason} value={reason} onInput={setReason} maxLength={200} id="writeoff-reason" autofocus />
        <div class="row">
          <Button words={common.next} tone="stop" submit onPress={() => undefined} id="writeoff-go" />
          <Button words={common.no} onPress={onClose} />
        </div>
      </Form>
    </Dialog>
  );
}
