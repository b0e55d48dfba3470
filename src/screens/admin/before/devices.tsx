// The wizard's fourth step: sheets by which tablets are paired, and the live list of those that are.

import { useEffect, useRef, useState } from 'preact/hooks';
import type { CellName } from '../../../domain/requests.js';
import { deviceRoles, roles } from '../../../domain/roles.js';
import { post, type Problem } from '../../door/http.js';
import { version } from '../../door/version.js';
import { Button, Form, Select } from '../../parts/controls.js';
import { Chip, ProblemNote, Progress, Table } from '../../parts/showing.js';
import { Text } from '../../parts/text.js';
import { say } from '../../words/language.js';
import { minutesBetween } from '../../words/time.js';
import { Arrive, useWork } from '../arrive.js';
import { mayStep, opened } from '../here.js';
import { type Sheet, Sheets } from '../print/sheets.js';
import { Moving, Revoking } from './deviceActs.js';
import { deviceWords as words } from './lateWords.js';
import { type Condition, everything, type Everything, type Heard, type Paired, type Station } from './stationList.js';
import { setupWords } from './words.js';

type DeviceRole = (typeof deviceRoles)[number];

/** Asks again every so often while it is shown. */
export function useEverything(cell: CellName, everyMs: number): { all: Everything | undefined; problem: Problem | undefined; again: () => Promise<void> } {
  const [all, setAll] = useState<Everything | undefined>(undefined);
  const [problem, setProblem] = useState<Problem | undefined>(undefined);
  const shown = useRef(true);
  const again = async (): Promise<void> => {
    const found = await everything(cell);
    if (!shown.current) return;
    setProblem(found.problem);
    if ('stations' in found) setAll(found);
  };
  useEffect(() => {
    shown.current = true;
    void again();
    const timer = setInterval(() => void again(), everyMs);
    return () => {
      shown.current = false;
      clearInterval(timer);
    };
  }, [cell.round, cell.area]);
  return { all, problem, again };
}

/** A device's numbers over all ages of its storage. */
const sumOf = (heard: readonly Heard[], device: string) => heard.filter((one) => one.device === device).reduce((sum, one) => ({
  seenAt: Math.max(sum.seenAt, one.seenAt), missing: sum.missing + one.missing, received: sum.received + one.applied + one.refused + one.quarantined,
}), { seenAt: 0, missing: 0, received: 0 });

export function Devices({ cell }: { cell: CellName }) {
  const { all, problem, again } = useEverything(cell, 5000);
  const [sheets, setSheets] = useState<Sheet[]>([]);
  const [made, setMade] = useState<{ done: number; of: number } | undefined>(undefined);
  const [refused, setRefused] = useState<Problem | undefined>(undefined);
  const [role, setRole] = useState<DeviceRole>('desk');
  const [site, setSite] = useState('');
  const [moved, setMoved] = useState<Paired | undefined>(undefined);
  const [revoked, setRevoked] = useState<Paired | undefined>(undefined);
  const { run } = useWork();
  const rehearsal = opened.value?.rehearsal ?? false;

  const offer = async (place: { role: DeviceRole; site?: string; station?: string }, siteName: string): Promise<Sheet | undefined> => {
    const reply = await post<{ device: string; code: string; qr: string; expiresAt: number }>('/api/pairing', { ...cell, ...place });
    if (!reply.ok) {
      setRefused(reply.problem);
      return undefined;
    }
    return { ...place, siteName, round: cell.round, area: cell.area, rehearsal, ...reply.value };
  };
  const makeSheets = (of: readonly Station[]): void => run(async () => {
    setRefused(undefined);
    const list: Sheet[] = [];
    for (const [i, { station, site: at, siteName }] of of.entries()) {
      setMade({ done: i, of: of.length });
      const sheet = await offer({ role: 'station', site: at, station }, siteName);
      if (!sheet) break;
      list.push(sheet);
    }
    setMade(undefined);
    setSheets(list);
  });
  const makeOther = (): void => run(async () => {
    setRefused(undefined);
    const sheet = await offer({ role, ...(site ? { site } : {}) }, all?.info.sites.find((one) => one.site === site)?.name ?? '');
    if (sheet) setSheets([sheet]);
  });

  const active = all?.paired.filter(({ state }) => state === 'paired') ?? [];
  const without = all?.stations.filter(({ station }) => !active.some((one) => one.station === station)) ?? [];
  const clock = all?.info.clock ?? Date.now();
  const conditionOf = (device: string): Condition | undefined => all?.conditions.find((one) => one.device === device);
  return (
    <>
      <Arrive words={setupWords.devices} />
      <p><Text of={words.intro} /></p>
      {problem ? <ProblemNote problem={problem} /> : null}
      {refused ? <ProblemNote problem={refused} /> : null}
      {made ? <Progress label={words.making} value={made.done} max={made.of} /> : null}
      {all && mayStep('pairDevice') ? (
        <>
          <div class="row gap">{without.length > 0 ? <Button words={words.sheets} values={{ n: without.length }} tone="info" onPress={() => makeSheets(without)} id="all-sheets" /> : null}</div>
          <Table caption={words.stations} rows={all.stations} rowKey={({ station }) => station} empty={words.noStations} columns={[
            { head: words.station, cell: ({ station }) => <b>{station}</b> },
            { head: words.site, cell: ({ siteName }) => <span class="name">{siteName}</span> },
            { head: words.device, cell: ({ station }) => { const there = active.filter((one) => one.station === station); return there.length > 0 ? there.map(({ device }) => device).join(', ') : say(words.noDevice); } },
            { head: words.edit, cell: (one) => <Button words={words.sheet} values={{ station: one.station }} onPress={() => makeSheets([one])} /> },
          ]} />
          <section class="card gap">
            <h3><Text of={words.other} /></h3>
            <Form onSend={makeOther}>
              <div class="columns tight">
                <Select label={words.role} value={role} onChoose={setRole} choices={deviceRoles.filter((one) => one !== 'station').map((one) => ({ value: one, words: roles[one] }))} id="other-role" />
                <Select label={words.site} value={site} onChoose={setSite} choices={[{ value: '', words: words.noSite }, ...all.info.sites.map((one) => ({ value: one.site, words: { zh: one.name, en: one.name }, name: true }))]} id="other-site" />
              </div>
              <Button words={words.make} submit onPress={() => undefined} id="other-make" />
            </Form>
          </section>
        </>
      ) : null}
      {sheets.length > 0 ? <Sheets sheets={sheets} onClose={() => setSheets([])} /> : null}
      {all ? (
        <Table caption={words.list} rows={all.paired} rowKey={({ device }) => device} columns={[
          { head: words.device, cell: ({ device }) => <b>{device}</b> },
          { head: words.place, cell: (one) => <span class="nowrap">{one.role ? say(roles[one.role]) : ''} {one.station ?? one.site ?? ''}</span> },
          { head: words.seen, cell: ({ device, state }) => <Seen at={Math.max(sumOf(all.heard, device).seenAt, conditionOf(device)?.at ?? 0)} clock={clock} silentMinutes={all.info.rules.silentMinutes} quiet={state === 'revoked'} /> },
          { head: words.unsent, number: true, cell: ({ device }) => { const { missing } = sumOf(all.heard, device); return missing > 0 ? <Chip tone="caution">{missing}</Chip> : 0; } },
          { head: words.received, number: true, cell: ({ device }) => sumOf(all.heard, device).received },
          { head: words.version, cell: ({ device }) => <Version of={conditionOf(device)} /> },
          { head: words.clock, cell: ({ device }) => <ClockAhead of={conditionOf(device)} /> },
          { head: words.state, cell: ({ state }) => <Chip tone={state === 'paired' ? 'plain' : 'stop'}>{say(words[state])}</Chip> },
          { head: words.edit, cell: (one) => (one.state === 'revoked' ? null : (
            <div class="row">
              <Button words={words.move} values={{ device: one.station ?? `...${one.device.slice(-4)}` }} onPress={() => setMoved(one)} />
              <Button words={words.revoke} values={{ device: one.station ?? `...${one.device.slice(-4)}` }} tone="stop" onPress={() => setRevoked(one)} />
            </div>
          )) },
        ]} />
      ) : null}
      {moved && all ? <Moving device={moved} all={all} cell={cell} onClose={() => setMoved(undefined)} onDone={() => { setMoved(undefined); void again(); }} /> : null}
      {revoked && all ? <Revoking device={revoked} {...sumOf(all.heard, revoked.device)} onClose={() => setRevoked(undefined)} onDone={() => { setRevoked(undefined); void again(); }} /> : null}
    </>
  );
}

function Seen({ at, clock, silentMinutes, quiet }: { at: number; clock: number; silentMinutes: number; quiet: boolean }) {
  if (at === 0) return <>{say(words.never)}</>;
  const minutes = minutesBetween(at, clock);
  const text = minutes === 0 ? say(words.now) : say(words.ago, { n: minutes });
  return minutes >= silentMinutes && !quiet ? <Chip tone="offline">{say(words.silent)} · {text}</Chip> : <>{text}</>;
}

/** The pages a device runs: the same as this one's, or others. */
function Version({ of }: { of: Condition | undefined }) {
  if (!of) return <>–</>;
  return of.version === version ? <>{say(words.current)}</> : <Chip tone="caution">{say(words.otherVersion)} <small>{of.version}</small></Chip>;
}

/** Records are corrected by it; a clock that is wrong by hours still says that somebody should look at the tablet. */
const clockMuch = 60_000;

function ClockAhead({ of }: { of: Condition | undefined }) {
  const battery = of?.battery === undefined ? '' : say(words.battery, { n: of.battery });
  const ahead = of?.clockAhead;
  if (ahead === undefined) return <>{battery || '–'}</>;
  const [much, size] = [Math.abs(ahead) >= clockMuch, Math.abs(ahead)];
  const text = size < 2000 ? say(words.clockRight) : say(ahead > 0 ? words.clockFast : words.clockSlow, { n: span(size) });
  return <>{much ? <Chip tone="caution">{text}</Chip> : text}{battery ? <> · {of?.battery !== undefined && of.battery < 20 ? <b>{battery}</b> : battery}</> : null}</>;
}

const span = (ms: number): string => (ms < 120_000 ? say(words.seconds, { n: Math.round(ms / 1000) }) : ms < 7_200_000 ? say(words.minutes, { n: Math.round(ms / 60_000) }) : ms < 172_800_000 ? say(words.hours, { n: Math.round(ms / 3_600_000) }) : say(words.days, { n: Math.round(ms / 86_400_000) }));
