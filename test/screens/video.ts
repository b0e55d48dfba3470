// A camera that looks at what the tests want it to see: pictures as an uncompressed film that Chromium plays in place of a camera.

import { closeSync, openSync, writeSync } from 'node:fs';
import type { Page } from 'playwright-core';

export const [width, height] = [1280, 720];
const rate = 10;

/** Flags of a browser whose camera is this film, which goes round. */
export const filmed = (path: string): string[] => ['--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream', `--use-file-for-fake-video-capture=${path}`];

/**
 * Writes a film in which each picture (PNG) stands for `frames` frames, `side` px large, in the middle of a grey room. `page` is any page: its
 * browser takes the pictures apart.
 */
export async function film(page: Page, path: string, pictures: readonly Buffer[], { side = 480, frames = 8 }: { side?: number; frames?: number } = {}): Promise<void> {
  const scenes: Scene[] = [];
  for (const picture of pictures) {
    const light = Buffer.alloc(width * height, 150);
    const grey = Buffer.from(await greyOf(page, picture, side), 'base64');
    const [left, top] = [(width - side) / 2, (height - side) / 2];
    for (let y = 0; y < side; y++) grey.copy(light, (top + y) * width + left, y * side, (y + 1) * side);
    scenes.push({ light, frames });
  }
  writeFilm(path, scenes);
}

/** The brightness of a picture, a byte a pixel, and for how many frames it stands. */
export interface Scene {
  light: Buffer;
  frames: number;
}

/** Writes raw frames (Y4M), since no other program is needed to make those. */
export function writeFilm(path: string, scenes: readonly Scene[]): void {
  const file = openSync(path, 'w');
  writeSync(file, `YUV4MPEG2 W${width} H${height} F${rate}:1 Ip A1:1 C420jpeg\n`);
  const colour = Buffer.alloc((width * height) / 2, 128);
  for (const { light, frames } of scenes) {
    for (let i = 0; i < frames; i++) {
      writeSync(file, 'FRAME\n');
      writeSync(file, light);
      writeSync(file, colour);
    }
  }
  closeSync(file);
}

/** The picture's brightness, a byte a pixel, base64. */
function greyOf(page: Page, picture: Buffer, side: number): Promise<string> {
  return page.evaluate(async ([text, side]) => {
    const bytes = Uint8Array.from(atob(text as string), (letter) => letter.charCodeAt(0));
    const drawn = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
    const canvas = new OffscreenCanvas(side as number, side as number);
    const drawing = canvas.getContext('2d') as OffscreenCanvasRenderingContext2D;
    drawing.drawImage(drawn, 0, 0, side as number, side as number);
    const { data } = drawing.getImageData(0, 0, side as number, side as number);
    let grey = '';
    for (let i = 0; i < data.length; i += 4) grey += String.fromCharCode(Math.round(((data[i] as number) + (data[i + 1] as number) + (data[i + 2] as number)) / 3));
    return btoa(grey);
  }, [picture.toString('base64'), side] as const);
}
