// Times of many requests, kept compactly, told as a distribution.

/** Milliseconds; `n` is how many. */
export interface Distribution {
  n: number;
  p50: number;
  p90: number;
  p99: number;
  p999: number;
  max: number;
}

export class Latencies {
  #times = new Float32Array(1024);
  #n = 0;

  /** Keeps one time, ms. */
  add(ms: number): void {
    if (this.#n === this.#times.length) {
      const longer = new Float32Array(this.#n * 2);
      longer.set(this.#times);
      this.#times = longer;
    }
    this.#times[this.#n++] = ms;
  }

  get count(): number {
    return this.#n;
  }

  told(): Distribution {
    const sorted = this.#times.slice(0, this.#n).sort();
    const at = (q: number) => Number((sorted[Math.min(this.#n - 1, Math.floor(q * this.#n))] ?? Number.NaN).toFixed(3));
    return { n: this.#n, p50: at(0.5), p90: at(0.9), p99: at(0.99), p999: at(0.999), max: at(1) };
  }
}
