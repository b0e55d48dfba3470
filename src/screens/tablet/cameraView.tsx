// The camera's picture with the frame that is read, for tablets without a hand scanner.

import { useSignal } from '@preact/signals';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Scan, ScanRules } from '../../domain/codes.js';
import { aim, type Camera, type CameraFault, CameraRefused, startCamera } from '../scanning/camera.js';
import { Button } from '../parts/controls.js';
import { Text } from '../parts/text.js';
import { words } from './words.js';

const faults = { denied: words.cameraDenied, none: words.cameraNone, busy: words.cameraBusy, reader: words.cameraReader } as const;

interface CameraViewProps {
  onScan: (scan: Scan) => void;
  /** Hears every text first; see scanning/camera.ts. */
  onText?: (text: string) => boolean;
  rules?: () => ScanRules;
}

export function CameraView({ onScan, onText, rules }: CameraViewProps) {
  const video = useRef<HTMLVideoElement>(null);
  const camera = useRef<Camera | undefined>(undefined);
  const state = useSignal<'starting' | 'on' | CameraFault>('starting');
  const [lit, light] = useState(false);
  useEffect(() => {
    let gone = false;
    if (!video.current) return undefined;
    const failed = (fault: CameraFault): void => {
      camera.current = undefined;
      state.value = fault;
    };
    startCamera({ video: video.current, onScan: ({ scan }) => onScan(scan), onFault: failed, ...(onText ? { onText } : {}), ...(rules ? { rules } : {}) }).then((opened) => {
      // Whoever has closed it meanwhile wants no lamp left on.
      if (gone) return opened.stop();
      camera.current = opened;
      state.value = 'on';
    }, (fault: unknown) => {
      if (!(fault instanceof CameraRefused)) throw fault;
      failed(fault.fault);
    });
    return () => {
      gone = true;
      camera.current?.stop();
    };
  }, []);
  const now = state.value;
  return (
    <div class="camera" data-camera={now}>
      {/* biome-ignore lint/a11y/useMediaCaption: the camera's own picture has no words */}
      <video ref={video} muted playsInline />
      <div class="aim" style={{ width: `${aim.width * 100}%`, height: `${aim.height * 100}%` }} aria-hidden="true"><i /></div>
      {now === 'starting' || now === 'on' ? null : <p class="problem" role="alert"><Text of={faults[now]} /></p>}
      {now === 'on' && camera.current?.hasTorch ? <Button words={words.torch} glove pressed={lit} onPress={() => void camera.current?.torch(!lit).then((did) => { if (did) light(!lit); })} /> : null}
    </div>
  );
}
