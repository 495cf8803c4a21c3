/** Tells from how long reads have blocked whether the system has a file's bytes at hand, or gets them from afar. */

/** A read that blocks for longer came from a disk or the network, or the thread was interrupted meanwhile. */
const LONG_MS = 2;

/** Interruptions are rare among reads from memory; reads from afar are long one after the other. */
const LONG_WEIGHT = 8;
const MOST = 12;

/** For so long no read blocks; the first one after it tells whether that goes on. */
const CAUTION_MS = 1_000;

/** Of one file. Times are milliseconds of any clock. */
export class ReadCaution {
  #suspicion = 0;
  #until = -Infinity;

  /** Whether a read should not block the thread now. */
  isCautious(now: number): boolean {
    return now < this.#until;
  }

  /** A read has blocked from `start` to `end`. */
  note(start: number, end: number): void {
    if (end - start <= LONG_MS) {
      if (this.#suspicion > 0) this.#suspicion--;
      return;
    }
    this.#suspicion += LONG_WEIGHT;
    if (this.#suspicion < MOST) return;
    this.#suspicion = LONG_WEIGHT;
    this.#until = end + CAUTION_MS;
  }
}
