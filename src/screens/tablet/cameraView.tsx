// The camera's picture with the frame that is read, for tablets without a hand scanner.

import { useEffect, useRef, useState } from 'preact/hooks';
import type { Scan, ScanRules } from '../../domain/codes.js';
import { aim } from '../scanning/camera.js';
import { Button } from '../parts/controls.js';
import { Text } from '../parts/text.js';
import { cameraState, hasTorch, openCamera, stopCamera, torch } from './scans.js';
import { words } from './words.js';

const faults = { denied: words.cameraDenied, none: words.cameraNone, busy: words.cameraBusy, reader: words.cameraReader } as const;

export function CameraView({ onScan, rules }: { onScan: (scan: Scan) => void; rules?: () => ScanRules }) {
  const video = useRef<HTMLVideoElement>(null);
  const [lit, light] = useState(false);
  useEffect(() => {
    if (video.current) void openCamera(video.current, onScan, rules);
    return stopCamera;
  }, []);
  const state = cameraState.value;
  const fault = state === 'off' || state === 'starting' || state === 'on' ? undefined : faults[state];
  return (
    <div class="camera">
      {/* biome-ignore lint/a11y/useMediaCaption: the camera's own picture has no words */}
      <video ref={video} muted playsInline />
      <div class="aim" style={{ width: `${aim.width * 100}%`, height: `${aim.height * 100}%` }} aria-hidden="true"><i /></div>
      {fault ? <p class="problem" role="alert"><Text of={fault} /></p> : null}
      {state === 'on' && hasTorch() ? <Button words={words.torch} glove pressed={lit} onPress={() => void torch(!lit).then((did) => { if (did) light(!lit); })} /> : null}
    </div>
  );
}
