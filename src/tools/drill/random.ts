// Chance with a memory: the same seed gives the same township and the same day's troubles, on any machine.
//
// Everybody in the drill draws from a source of their own, forked by name. So what happens at one table does not depend on the order in
// which the answers of another came in.

export interface Random {
  /** 0 up to, not including, 1. */
  next(): number;
  /** A whole number from 0 up to, not including, `below`. */
  int(below: number): number;
  between(low: number, high: number): number;
  chance(probability: number): boolean;
  pick<Item>(list: readonly Item[]): Item;
  /** A copy in another order. */
  shuffled<Item>(list: readonly Item[]): Item[];
  /** Log-normal with this mean; `spread` is the deviation of its logarithm. */
  logNormal(mean: number, spread: number): number;
  exponential(mean: number): number;
  /** A source of its own for the bearer of this name. */
  fork(name: string): Random;
}

export function randomOf(seed: string): Random {
  const [a, b, c, d] = hashOf(seed);
  let [s0, s1, s2, counter] = [a, b, c, d];
  // sfc32 of PractRand: 128 bits of state, three additions and two shifts.
  const bits = (): number => {
    const sum = (s0 + s1 + counter) | 0;
    counter = (counter + 1) | 0;
    s0 = s1 ^ (s1 >>> 9);
    s1 = (s2 + (s2 << 3)) | 0;
    s2 = (((s2 << 21) | (s2 >>> 11)) + sum) | 0;
    return sum >>> 0;
  };
  for (let i = 0; i < 12; i++) bits();
  const next = () => bits() / 4_294_967_296;
  const normal = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  return {
    next,
    int: (below) => Math.floor(next() * below),
    between: (low, high) => low + next() * (high - low),
    chance: (probability) => next() < probability,
    pick: <Item>(list: readonly Item[]) => list[Math.floor(next() * list.length)] as Item,
    shuffled: <Item>(list: readonly Item[]) => {
      const copy = [...list];
      for (let i = copy.length - 1; i > 0; i--) {
        const j = Math.floor(next() * (i + 1));
        [copy[i], copy[j]] = [copy[j] as Item, copy[i] as Item];
      }
      return copy;
    },
    logNormal: (mean, spread) => mean * Math.exp(spread * normal() - (spread * spread) / 2),
    exponential: (mean) => -mean * Math.log(1 - next()),
    fork: (name) => randomOf(`${seed}/${name}`),
  };
}

/** Four 32-bit numbers from any text (the mixing of xmur3). */
function hashOf(text: string): [number, number, number, number] {
  let h = 1_779_033_703 ^ text.length;
  for (let i = 0; i < text.length; i++) {
    h = Math.imul(h ^ text.charCodeAt(i), 3_432_918_353);
    h = (h << 13) | (h >>> 19);
  }
  const mixed = (): number => {
    h = Math.imul(h ^ (h >>> 16), 2_246_822_507);
    h = Math.imul(h ^ (h >>> 13), 3_266_489_909);
    h ^= h >>> 16;
    return h >>> 0;
  };
  return [mixed(), mixed(), mixed(), mixed()];
}
