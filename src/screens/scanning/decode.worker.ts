// Reads codes in pictures, off the page's own thread: a hard picture takes a fifth of a second, and a scan must not wait for it.

import { prepareZXingModule, type ReaderOptions, readBarcodes } from 'zxing-wasm/reader';
// From this service and no other: the library's default is a public address that a village hall cannot reach.
import wasmUrl from 'zxing-wasm/reader/zxing_reader.wasm?url';

prepareZXingModule({ overrides: { locateFile: (file: string, prefix: string) => (file.endsWith('.wasm') ? wasmUrl : prefix + file) }, fireImmediately: true });

const easy: ReaderOptions = { formats: ['QRCode', 'Code128', 'DataMatrix'], tryHarder: false, tryRotate: false, tryInvert: false, tryDownscale: false, maxNumberOfSymbols: 2 };
const hard: ReaderOptions = { ...easy, tryHarder: true, tryRotate: true, tryDownscale: true };

self.onmessage = async ({ data: { picture, harder } }: MessageEvent<{ picture: ImageData; harder: boolean }>) => {
  const began = performance.now();
  try {
    const found = await readBarcodes(picture, harder ? hard : easy);
    self.postMessage({ codes: found.filter(({ isValid }) => isValid).map(({ text, format }) => ({ text, format })), took: performance.now() - began });
  } catch (fault) {
    self.postMessage({ codes: [], took: performance.now() - began, fault: String(fault) });
  }
};
