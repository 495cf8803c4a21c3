/** Work that is wanted again and again is done soon, but not more often than is good. */
export class Pace {
  readonly #work: () => void;
  readonly #leastMs: number;
  #timer: NodeJS.Timeout | undefined;
  #last = -Infinity;

  /** @param leastMs milliseconds from one time to the next. */
  constructor(work: () => void, leastMs: number) {
    this.#work = work;
    this.#leastMs = leastMs;
  }

  /** Does the work now when the last time is long enough ago, else as soon as it is. */
  soon(): void {
    if (this.#timer !== undefined) return;
    const waitMs = this.#last + this.#leastMs - performance.now();
    if (waitMs <= 0) this.#run();
    else this.#timer = setTimeout(() => this.#run(), waitMs).unref();
  }

  /** What was to be done later is not. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #run(): void {
    this.#timer = undefined;
    this.#last = performance.now();
    this.#work();
  }
}
