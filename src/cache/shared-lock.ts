/** A lock between threads that is held for microseconds, and that nobody waits for longer than for a few milliseconds. */

/** Tries before a thread sleeps: whoever holds the lock on another core is done by then. */
const SPINS = 500;

/** Sleeps of a millisecond, in which a holder that was taken off its core gets on. */
const SLEEPS = 3;

const FREE = 0;

/** One cell of shared memory. Its value is the number of the thread that holds it, 1 or more. */
export class SharedLock {
  readonly #cells: Int32Array;
  readonly #index: number;

  constructor(cells: Int32Array, index: number) {
    this.#cells = cells;
    this.#index = index;
  }

  /** Whether the lock could be had. One that cannot be had in time means: do without. */
  acquire(owner: number): boolean {
    for (let sleeps = 0; ; sleeps++) {
      for (let spins = 0; spins < SPINS; spins++) {
        if (Atomics.compareExchange(this.#cells, this.#index, FREE, owner) === FREE) return true;
      }
      if (sleeps === SLEEPS) return false;
      Atomics.wait(this.#cells, this.#index, Atomics.load(this.#cells, this.#index), 1);
    }
  }

  release(): void {
    Atomics.store(this.#cells, this.#index, FREE);
  }

  /** Who holds it now; 0 for nobody. */
  get holder(): number {
    return Atomics.load(this.#cells, this.#index);
  }
}
