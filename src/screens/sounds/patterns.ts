// What each answer sounds and feels like. They differ by count and rhythm before pitch: a yard is loud, many ears are old, and who wears
// gloves and looks at the swab must know by ear alone.

export interface Tone {
  /** When it begins, and how long it lasts (ms). */
  at: number;
  ms: number;
  hz: number;
  wave: OscillatorType;
}

export interface Pattern {
  tones: readonly Tone[];
  /** For `navigator.vibrate`: on, off, on ... (ms). */
  vibrate: readonly number[];
  /** Begins again after so many ms until it is silenced. */
  everyMs?: number;
}

/** Tones of one length, one after the other. */
const row = (hz: readonly number[], ms: number, gap: number, wave: OscillatorType = 'sine'): Tone[] => hz.map((hz, i) => ({ at: i * (ms + gap), ms, hz, wave }));

export const patterns = {
  /** Counted. */
  ok: { tones: row([1760], 70, 0), vibrate: [40] },
  /** A new tube is open. */
  opened: { tones: row([880, 1320], 80, 40), vibrate: [40, 60, 40] },
  /** The tube is full: take another. */
  full: { tones: row([880, 1175, 1568], 90, 40), vibrate: [40, 60, 40, 60, 40] },
  /** Stop and look: already sampled, no tube open. */
  caution: { tones: row([440, 440], 160, 90, 'triangle'), vibrate: [200, 100, 200] },
  /** Not this: a box code, a tube alone, a used tube. */
  wrong: { tones: row([330, 330, 330], 110, 60, 'square'), vibrate: [200, 100, 200, 100, 200] },
  /** Scan again. */
  unreadable: { tones: row([220], 400, 0, 'triangle'), vibrate: [400] },
  /** Counted, and something is to be added later: a short one, then a low one. */
  noted: { tones: [...row([1760], 70, 0), { at: 130, ms: 120, hz: 520, wave: 'triangle' }], vibrate: [40, 60, 40] },
  /** One low: look when there is time. */
  notice: { tones: row([440], 160, 0, 'triangle'), vibrate: [40] },
  /** The same code again; nothing has changed. */
  tick: { tones: row([1200], 30, 0), vibrate: [] },
  /** Nothing can be saved. Until somebody says that they have seen it. */
  siren: { tones: row([880, 620, 880, 620], 240, 10, 'square'), vibrate: [400, 100, 400], everyMs: 1100 },
} as const satisfies Record<string, Pattern>;

export type SoundId = keyof typeof patterns;
