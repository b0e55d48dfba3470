// One scan box for everything: hand scanner and camera end in the same place, and the code says what it is. Command cards are told apart
// here, so that a page hears commands by name, whether they come from a card, a key or a button.

import { signal } from '@preact/signals';
import type { Scan, ScanRules } from '../../domain/codes.js';
import { type Command, commandOf } from '../../domain/commands.js';
import { type Camera, type CameraFault, CameraRefused, startCamera } from '../scanning/camera.js';
import { listenHiddenField, listenWedge, type Rejected, type Wedge } from '../scanning/wedge.js';
import { switchTheme } from '../parts/theme.js';
import { switchLanguage } from '../words/language.js';
import type { Tablet } from './device.js';

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

export const cameraState = signal<'off' | 'starting' | 'on' | CameraFault>('off');

/** Hears scans until it is stopped. While the tablet is locked, nothing is heard. */
export function listenScans({ locked, staff, status }: Tablet, { onScan, onReject, onCommand, rules = () => ({}) }: ScanHearing): { scanned(scan: Scan, source: Source): void; stop(): void } {
  const deaf = (): boolean => locked.value !== undefined || status.value.state === 'saveFailed';

  function scanned(scan: Scan, source: Source): void {
    if (deaf()) return;
    if (scan.kind !== 'command') return onScan(scan, source);
    const command = commandOf(scan.value);
    if (command === 'theme') switchTheme();
    else if (command === 'language') switchLanguage();
    else if (command === 'lock') locked.value = { by: staff.value };
    onCommand(command);
  }

  const hearing = {
    rules,
    onScan: ({ scan }: { scan: Scan }) => scanned(scan, 'scanner'),
    onReject: (rejected: Rejected) => { if (!deaf()) onReject(rejected); },
  };
  const readers: Wedge[] = [listenWedge(hearing), ...(usesField() ? [listenHiddenField(hearing)] : [])];
  return { scanned, stop: () => { for (const reader of readers) reader.stop(); } };
}

let camera: Camera | undefined;

/** Reads with the camera, shown in `video`, until `stopCamera`. */
export async function openCamera(video: HTMLVideoElement, onScan: (scan: Scan) => void, rules?: () => ScanRules): Promise<void> {
  cameraState.value = 'starting';
  try {
    camera = await startCamera({ video, onScan: ({ scan }) => onScan(scan), onFault: (fault) => { cameraState.value = fault; camera = undefined; }, ...(rules ? { rules } : {}) });
    cameraState.value = 'on';
  } catch (fault) {
    if (!(fault instanceof CameraRefused)) throw fault;
    cameraState.value = fault.fault;
  }
}

export function stopCamera(): void {
  camera?.stop();
  camera = undefined;
  cameraState.value = 'off';
}

export const hasTorch = (): boolean => camera?.hasTorch ?? false;
export const torch = (on: boolean): Promise<boolean> => camera?.torch(on) ?? Promise.resolve(false);
