/**
 * How often threads that rest may be ended. Node.js and koffi leave some 70 KB for each thread that ends, which must not
 * add up where memory is short.
 */
const EVERY_MS = 30 * 60_000;

export class IdleEnds {
  readonly #most: number;
  #times: readonly number[] = [];

  /** @param threads that there may be: so many may end at once, and for each no more than one in half an hour. */
  constructor(threads: number) {
    this.#most = threads;
  }

  /** Whether one may end now; then it counts. */
  take(now = performance.now()): boolean {
    this.#times = this.#times.filter((at) => now - at < this.#most * EVERY_MS);
    if (this.#times.length >= this.#most) return false;
    this.#times = [...this.#times, now];
    return true;
  }
}
