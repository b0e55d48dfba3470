// The sampling table's page: the answer to the last scan, the open tube beside it, and six keys for gloves below. No field ever has the
// focus here but in a dialog, so scans arrive whole.

import { useSignalEffect } from '@preact/signals';
import { useEffect, useState } from 'preact/hooks';
import type { Scan } from '../../domain/codes.js';
import type { Command } from '../../domain/commands.js';
import { Button } from '../parts/controls.js';
import { useKeys } from '../parts/keys.js';
import { Progress } from '../parts/showing.js';
import { CameraView } from '../tablet/cameraView.js';
import { TabletFrame } from '../tablet/frame.js';
import { Menu } from '../tablet/menu.js';
import { listenScans } from '../tablet/scans.js';
import { Aside } from './aside.js';
import { closeTube, sealForTime, tubeAge, undo } from './decide.js';
import { CloseTube, TubeList } from './dialogs.js';
import { NoCode } from './noCode.js';
import { AnswerPanel } from './panel.js';
import { PendingNote } from './pendingNote.js';
import { PhotoBackup } from './photoBackup.js';
import type { Shift } from './shift.js';
import { words } from './words.js';

type Open = 'noCode' | 'close' | 'list' | 'menu' | undefined;

export function Station({ shift }: { shift: Shift }) {
  const { tablet, work, people, roster, rules } = shift;
  const [open, setOpen] = useState<Open>(undefined);
  const [camera, setCamera] = useState(false);
  const show = (what: Open): void => {
    setOpen((now) => (now === what ? undefined : what));
    (document.activeElement as HTMLElement | null)?.blur();
  };
  const close = (): void => {
    setOpen(undefined);
    // The dialog gives the focus back to a button; a scanner's Enter must not press it.
    queueMicrotask(() => (document.activeElement as HTMLElement | null)?.blur());
  };

  const did: Partial<Record<Command, () => void>> = {
    undo: () => void work.does((at, now) => undo(at, now, 'not_taken')),
    notThisPerson: () => void work.does((at, now) => undo(at, now, 'wrong_person')),
    noCode: () => show('noCode'),
    closeTube: () => void work.does((at) => closeTube(at)),
    repeatLast: () => work.repeat(),
    cancel: () => { if (open) close(); else if (work.pending.value) work.cancel(); },
    camera: () => setCamera((on) => !on),
    toFix: () => show('menu'),
    theme: () => undefined, language: () => undefined, lock: () => undefined,
  };
  const scanned = (scan: Scan): void => {
    close();
    shift.scanned(scan);
  };

  useEffect(() => {
    const hearing = listenScans(tablet, {
      onScan: scanned,
      onReject: ({ text }) => shift.unreadable(text),
      onCommand: (command) => {
        const act = command && did[command];
        if (act) act();
        else work.tell({ row: 'unknownCommand' });
      },
      rules: () => shift.scanRules(),
    });
    return () => hearing.stop();
  }, []);
  useKeys({ Escape: open ? undefined : did.cancel, F10: () => undefined });
  useTimeLimit(shift);

  const { place } = tablet;
  const shown = work.shown.value;
  const { progress } = roster;
  return (
    <TabletFrame
      tablet={tablet} title={words.title} place={`${roster.siteName(place.value.site)} · ${place.value.station ?? ''}`} rehearsal={rules.value.rehearsal}
      footer={(
        <>
          <Button words={words.undo} symbol="↩" hotkey="F2" glove onPress={() => did.undo?.()} />
          <Button words={words.noCode} hotkey="F3" glove onPress={() => show('noCode')} />
          <Button words={words.closeTube} hotkey="F4" glove onPress={() => show('close')} />
          <Button words={words.list} hotkey="F9" glove onPress={() => show('list')} />
          <Button words={camera ? words.cameraOff : words.camera} hotkey="F6" glove pressed={camera} onPress={() => setCamera(!camera)} />
          <Button words={words.more} hotkey="F8" glove tone={tablet.status.value.toFix > 0 ? 'stop' : 'plain'} onPress={() => show('menu')} />
        </>
      )}
    >
      <div class="station">
        <div class="main">
          <AnswerPanel shown={shown} onNotThem={() => did.notThisPerson?.()} onOpenStation={() => void shift.openStation()} />
          <PendingNote work={work} />
          {progress.value.done ? null : <div class="downloading"><Progress label={words.noRoster} value={progress.value.have} max={progress.value.total} /></div>}
        </div>
        <div class="side">
          {camera && tablet.takeOver.view.value === undefined ? <CameraView onScan={(scan) => shift.scanned(scan)} onText={tablet.takeOver.text} rules={() => shift.scanRules()} /> : null}
          <Aside tablet={tablet} work={work} />
          <PhotoBackup shift={shift} />
        </div>
      </div>
      {open === 'noCode' ? <NoCode work={work} people={people} onClose={close} /> : null}
      {open === 'close' ? <CloseTube work={work} onClose={close} /> : null}
      {open === 'list' ? <TubeList work={work} onClose={close} /> : null}
      {open === 'menu' ? <Menu tablet={tablet} onClose={() => { close(); void work.reload(); }} nameOf={(resident) => work.person(resident)?.name} people={progress.value.have} /> : null}
    </TabletFrame>
  );
}

/** A tube that has been open too long is warned of once, and closed by the tablet that opened it. */
function useTimeLimit({ tablet, work, announceLate }: Shift): void {
  useSignalEffect(() => {
    const now = tablet.clock.value;
    const { pool } = work.table.value;
    if (!pool || tablet.status.value.state === 'secondTab') return;
    const age = tubeAge(work.situation(), now);
    if (age?.due === 'seal') void work.does(({ table }) => (table.pool?.code === pool.code ? sealForTime(pool, age.minutes) : { say: { row: 'nothingToClose' }, wishes: [], tick: true }));
    else if (age?.due === 'warn') announceLate(pool.code);
  });
}
