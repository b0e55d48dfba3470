// One shift at a table: the tablet, its list, the work, and what is heard and felt of it, put together.

import { computed, type ReadonlySignal } from '@preact/signals';
import type { Scan, ScanRules } from '../../domain/codes.js';
import { cellPath, get } from '../door/http.js';
import type { Tablet } from '../tablet/device.js';
import { watchIntake } from '../tablet/intake.js';
import { openRoster, type Roster } from '../tablet/roster.js';
import { play, speak } from '../tablet/voice.js';
import { answers, type Row } from './answers.js';
import type { Rules, Said } from './decide.js';
import { identityOf, openPeople, type People } from './people.js';
import { leftOpen } from './leftOpen.js';
import { openWork, type Work } from './work.js';

export interface Shift {
  tablet: Tablet;
  roster: Roster;
  people: People;
  work: Work;
  rules: ReadonlySignal<Rules>;
  scanned(scan: Scan): void;
  /** Something came that is no code. */
  unreadable(text: string): void;
  scanRules(): ScanRules;
  /** A tube has been open for long: said once for each. */
  announceLate(tube: string): void;
  openStation(): Promise<void>;
}

/** Until the round's own rules are on this tablet: those of the guidelines. */
const usual: Rules = { poolSizes: { normal: 10, key: 10, high: 1 }, household: 'together', tubeWarnMinutes: 45, tubeSealMinutes: 60, knownStaff: false, rehearsal: false };

export async function openShift(tablet: Tablet): Promise<Shift> {
  const { outbox } = tablet;
  const roster = await openRoster(outbox);
  const rules = computed<Rules>(() => {
    const cell = roster.cell.value;
    return cell ? { ...usual, ...cell.rules, rehearsal: cell.rehearsal } : usual;
  });
  const people: People = openPeople(outbox, roster, () => work?.table.value);
  let work: Work | undefined;
  work = await openWork({
    outbox, rules, staff: tablet.staff, identityOf, personOf: people.personOf, announce,
    station: () => tablet.place.value.station ?? '',
    // The outbox has told the frame, which is red by now.
    cannotSave: (fault) => { if (!(fault instanceof Error) || fault.name !== 'SaveFailed') throw fault; },
    noteSampled: (resident, is) => { if (!resident.startsWith('#')) roster.noteSampled(Number(resident), is); },
    leftOpen: () => leftOpen(tablet),
    whereSampled,
  });
  const opened = work;

  let before = tablet.status.value.toFix;
  tablet.status.subscribe(({ toFix }) => {
    // Somebody must know, and once is enough: the count stays in sight.
    if (toFix > before) play('caution');
    before = toFix;
  });
  watchIntake(tablet, () => [...opened.table.value.tubes.values()].filter(({ state }) => state === 'sealed').map(({ code }) => code));
  fetchRoster();
  tablet.status.subscribe(({ state }) => { if (state === 'online' && !roster.progress.value.done) fetchRoster(); });

  function fetchRoster(): void {
    void roster.fetch().catch(() => undefined);
  }

  function announce(said: Said, tick: boolean): void {
    if (tick) return play('tick');
    const row: Row = answers[said.row];
    if (row.sound) play(row.sound);
    if (row.spoken) speak(row.spoken);
  }

  /** Where and when somebody was sampled, while the service answers; `no`: it says that they were not. */
  async function whereSampled(resident: string): Promise<{ at: number; station: string } | 'no' | undefined> {
    const place = tablet.place.value;
    if (tablet.status.value.state !== 'online' || resident.startsWith('#')) return undefined;
    const [one, all] = await Promise.all([
      get<{ swabs: number; station: number; sampledAt: number }>(`${cellPath(place)}/residents/${resident}`),
      get<{ stations: { ordinal: number; station: string }[] }>(`${cellPath(place)}/stations`),
    ]);
    if (!one.ok) return undefined;
    if (one.value.swabs === 0) return 'no';
    const station = all.ok ? all.value.stations.find(({ ordinal }) => ordinal === one.value.station)?.station : undefined;
    return { at: one.value.sampledAt, station: station ?? '' };
  }

  const late = new Set<string>();
  return {
    tablet, roster, people, work: opened, rules,
    scanned(scan) {
      void opened.scanned(() => people.seen(scan, rules.value.rehearsal), scan.kind === 'resident' ? String(roster.residentOf(scan.serial) ?? scan.value) : scan.value);
    },
    unreadable(text) {
      const n = text.length;
      void opened.scanned(() => ({ kind: 'unreadable', hint: { zh: `读到 ${n} 位，应 12 位`, en: `${n} characters read, 12 expected` } }), text);
    },
    scanRules: () => (rules.value.foreignTubes ? { foreignTubes: rules.value.foreignTubes } : {}),
    announceLate(tube) {
      if (late.has(tube)) return;
      late.add(tube);
      play('notice');
      speak('qingfengguan');
    },
    async openStation() {
      const { station, site } = tablet.place.value;
      if (!station || !site) return;
      const heard = await outbox.ask('openStation', { station, site }, { by: tablet.staff.value });
      if (heard.outcome === 'applied') opened.tell({ row: 'start' });
      else if (heard.outcome === 'refused') opened.tell({ row: 'refused', values: { zh: heard.zh, en: heard.en, nextZh: heard.nextZh, nextEn: heard.nextEn } });
    },
  };
}
