// One scan box for everything: hand scanner and camera end in the same place, and the code says what it is. Command cards are told apart
// here, so that a page hears commands by name, whether they come from a card, a key or a button.

import type { Scan, ScanRules } from '../../domain/codes.js';
import { type Command, commandOf } from '../../domain/commands.js';
import { listenHiddenField, listenWedge, type Rejected, type Wedge } from '../scanning/wedge.js';
import { switchTheme } from '../parts/theme.js';
import { switchLanguage } from '../words/language.js';
import { isRevoked, type Tablet } from './device.js';

export type Source = 'scanner' | 'camera';

export interface ScanHearing {
  onScan(scan: Scan, source: Source): void;
  /** What was no code: typed by hand, or a burst that broke off. */
  onReject(rejected: Rejected): void;
  /** Command cards that mean the same on every page (theme, language, lock) are carried out before this is told. */
  onCommand(command: Command | undefined): void;
  rules?(): ScanRules;
}

const fieldKept = 'swabline.scannerField';
/** Scanners of some makers type through an input method of their own and need a field; chosen at pairing. */
export const usesField = (): boolean => localStorage.getItem(fieldKept) === '1';
export const chooseField = (on: boolean): void => { if (on) localStorage.setItem(fieldKept, '1'); else localStorage.removeItem(fieldKept); };

/** Hears scans until it is stopped. While the tablet is locked or was revoked, nothing is heard. */
export function listenScans(tablet: Tablet, { onScan, onReject, onCommand, rules = () => ({}) }: ScanHearing): { scanned(scan: Scan, source: Source): void; stop(): void } {
  const { locked, staff, status, takeOver } = tablet;
  const deaf = (): boolean => locked.value !== undefined || status.value.state === 'saveFailed' || isRevoked(tablet);

  function scanned(scan: Scan, source: Source): void {
    if (deaf()) return;
    // Work goes on: a code that means something puts the screens of the second copy away.
    if (scan.kind !== 'unknown') takeOver.view.value = undefined;
    if (scan.kind !== 'command') return onScan(scan, source);
    const command = commandOf(scan.value);
    if (command === 'theme') switchTheme();
    else if (command === 'language') switchLanguage();
    else if (command === 'lock') locked.value = { by: staff.value };
    onCommand(command);
  }

  const hearing = {
    rules,
    onText: (text: string) => !deaf() && takeOver.text(text),
    onScan: ({ scan }: { scan: Scan }) => scanned(scan, 'scanner'),
    onReject: (rejected: Rejected) => { if (!deaf()) onReject(rejected); },
  };
  const readers: Wedge[] = [listenWedge(hearing), ...(usesField() ? [listenHiddenField(hearing)] : [])];
  return { scanned, stop: () => { for (const reader of readers) reader.stop(); } };
}
