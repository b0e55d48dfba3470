// Makes the placeholder clips with espeak-ng: `node src/screens/sounds/clips/make.mjs`. Small on purpose (8 bits, 11 kHz), cut where they
// are silent. Recordings of a person take their place under the same names; see README.md beside this file.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const rate = 11_025;
const words = { qing: '请', hao: '号', dao: '到', haotai: '号台', huanxinguan: '换新管', qingfengguan: '请封管', lixian: '离线' };
const spoken = [
  ...Object.entries(words).map(([name, text]) => [name, 'cmn', text]),
  ...[...'0123456789'].map((digit) => [digit, 'cmn', digit]),
  ...[...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'].map((letter) => [letter, 'en', letter]),
];

/** Samples (-1 to 1) of a 16-bit WAV file as espeak-ng writes it, and their rate. */
function readWav(bytes) {
  const at = bytes.indexOf('data', 12, 'latin1');
  const body = bytes.subarray(at + 8);
  return { rate: bytes.readUInt32LE(24), samples: Float32Array.from({ length: body.length >> 1 }, (_, i) => body.readInt16LE(i * 2) / 32_768) };
}

function resampled({ rate: from, samples }) {
  const step = from / rate;
  return Float32Array.from({ length: Math.floor(samples.length / step) }, (_, i) => {
    // The mean over the step is filter enough for speech.
    let sum = 0;
    const [first, last] = [Math.floor(i * step), Math.max(Math.floor(i * step) + 1, Math.floor((i + 1) * step))];
    for (let k = first; k < last; k++) sum += samples[k] ?? 0;
    return sum / (last - first);
  });
}

function trimmed(samples) {
  const loud = (sample) => Math.abs(sample) > 0.02;
  const first = Math.max(0, samples.findIndex(loud) - 80);
  const last = samples.findLastIndex(loud) + 220;
  const cut = samples.slice(first, last);
  const peak = cut.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0.01);
  return cut.map((sample, i) => (sample / peak) * 0.95 * Math.min(1, i / 20, (cut.length - i) / 60));
}

function wav(samples) {
  const head = Buffer.alloc(44);
  head.write('RIFF', 0, 'latin1');
  head.writeUInt32LE(36 + samples.length, 4);
  head.write('WAVEfmt ', 8, 'latin1');
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(rate, 24);
  head.writeUInt32LE(rate, 28);
  head.writeUInt16LE(1, 32);
  head.writeUInt16LE(8, 34);
  head.write('data', 36, 'latin1');
  head.writeUInt32LE(samples.length, 40);
  return Buffer.concat([head, Buffer.from(Uint8Array.from(samples, (sample) => Math.round(sample * 127) + 128))]);
}

const fileOf = (name) => fileURLToPath(new URL(`${name}.wav`, import.meta.url));
for (const [name, voice, text] of spoken) {
  const said = execFileSync('espeak-ng', ['-v', voice, '-s', '165', '-g', '0', '--stdout', text], { maxBuffer: 1 << 24 });
  writeFileSync(fileOf(name), wav(trimmed(resampled(readWav(said)))));
}
// Two strokes of a bell.
writeFileSync(fileOf('ding'), wav(Float32Array.from({ length: rate * 0.8 }, (_, i) => {
  const bell = (from, hz) => (i < from ? 0 : Math.exp((from - i) / (rate * 0.14)) * (Math.sin((2 * Math.PI * hz * (i - from)) / rate) + 0.3 * Math.sin((2 * Math.PI * hz * 2.4 * (i - from)) / rate)));
  return Math.max(-1, Math.min(1, 0.45 * (bell(0, 988) + bell(rate * 0.28, 784))));
})));
