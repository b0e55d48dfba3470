// Scans by the camera, for tablets without a hand scanner. The picture's middle is read several times a second, quickly and thoroughly by
// turns: a code held well is found at once, one held badly a moment later.
//
//   const camera = await startCamera({ video, rules, onScan: ({ scan }) => ..., onFault: (why) => ... });
//   await camera.torch(true); camera.stop();
//
// Needs a page with TLS (or localhost); browsers give a camera to no other.

import { readScan, type ScanRules } from '../../domain/codes.js';
import { makeSeen } from './seen.js';
import type { Scanned } from './wedge.js';
import { deliver } from './wedge.js';

/** Why there is no picture: nobody allowed it, there is no camera (or no TLS), another program has it, the reader did not start. */
export type CameraFault = 'denied' | 'none' | 'busy' | 'reader';

export interface CameraOptions {
  /** Where the person sees what the camera sees. */
  video: HTMLVideoElement;
  onScan(scanned: Scanned & { format: string }): void;
  /** Hears every text first: true takes it, as no code (a picture of a second copy). */
  onText?(text: string): boolean;
  /** The reader has failed under way. */
  onFault?(fault: CameraFault): void;
  /** A picture has been read; ms it took. */
  onFrame?(took: number): void;
  rules?(): ScanRules;
}

export interface Camera {
  stop(): void;
  /** Has it a lamp? */
  readonly hasTorch: boolean;
  /** False where it does not obey. */
  torch(on: boolean): Promise<boolean>;
}

/** The part of the picture that is read; the screen draws its aiming frame by it. */
export const aim = { width: 0.8, height: 0.7 } as const;

/** Throws CameraRefused. */
export async function startCamera({ video, onScan, onText, onFault, onFrame, rules = () => ({}) }: CameraOptions): Promise<Camera> {
  const stream = await picturesOf();
  const [track] = stream.getVideoTracks();
  const worker = new Worker(new URL('./decode.worker.ts', import.meta.url), { type: 'module' });
  const canvas = document.createElement('canvas');
  const drawing = canvas.getContext('2d', { willReadFrequently: true });
  const seen = makeSeen();
  let stopped = false;
  let reading = false;
  let harder = false;

  const stop = (): void => {
    stopped = true;
    worker.terminate();
    for (const track of stream.getTracks()) track.stop();
    video.srcObject = null;
  };
  worker.onerror = () => { stop(); onFault?.('reader'); };
  worker.onmessage = ({ data }: MessageEvent<{ codes: { text: string; format: string }[]; took: number; fault?: string }>) => {
    reading = false;
    if (stopped) return;
    onFrame?.(data.took);
    if (data.fault !== undefined) {
      stop();
      onFault?.('reader');
      return;
    }
    for (const { text, format } of data.codes) {
      if (!seen.isNew(text, performance.now()) || onText?.(text)) continue;
      deliver({ text, scan: readScan(text, rules()), ending: 'camera', gap: 0 }, rules(), (scanned) => onScan({ ...scanned, format }));
    }
  };

  function frame(): void {
    if (stopped) return;
    if (!reading && drawing && video.videoWidth > 0) {
      const [width, height] = [Math.round(video.videoWidth * aim.width), Math.round(video.videoHeight * aim.height)];
      if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
      drawing.drawImage(video, (video.videoWidth - width) / 2, (video.videoHeight - height) / 2, width, height, 0, 0, width, height);
      const picture = drawing.getImageData(0, 0, width, height);
      reading = true;
      worker.postMessage({ picture, harder }, [picture.data.buffer]);
      harder = !harder;
    }
    next();
  }
  const next = (): void => {
    // Older WebViews do not tell of each picture.
    if (typeof video.requestVideoFrameCallback === 'function') video.requestVideoFrameCallback(frame);
    else setTimeout(frame, 100);
  };

  video.srcObject = stream;
  video.muted = true;
  video.playsInline = true;
  track?.addEventListener('ended', () => { if (!stopped) { stop(); onFault?.('none'); } });
  try {
    await video.play();
  } catch {
    stop();
    throw new CameraRefused('busy');
  }
  next();
  return {
    stop,
    get hasTorch() { return track !== undefined && 'torch' in (track.getCapabilities?.() ?? {}); },
    async torch(on) {
      try {
        await track?.applyConstraints({ advanced: [{ torch: on } as MediaTrackConstraintSet] });
        return track !== undefined;
      } catch {
        return false;
      }
    },
  };
}

export class CameraRefused extends Error {
  override readonly name = 'CameraRefused';
  readonly fault: CameraFault;

  constructor(fault: CameraFault) {
    super(`no camera: ${fault}`);
    this.fault = fault;
  }
}

async function picturesOf(): Promise<MediaStream> {
  const devices = globalThis.navigator?.mediaDevices;
  if (!devices?.getUserMedia) throw new CameraRefused('none');
  try {
    return await devices.getUserMedia({ audio: false, video: { facingMode: { ideal: 'environment' }, width: { ideal: 1280 }, height: { ideal: 720 } } });
  } catch (fault) {
    const { name } = fault as Error;
    throw new CameraRefused(name === 'NotAllowedError' || name === 'SecurityError' ? 'denied' : name === 'NotReadableError' || name === 'AbortError' ? 'busy' : 'none');
  }
}
