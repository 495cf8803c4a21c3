/** Looks for the next request for a moment before sleeping: to be woken costs more than a small answer. */

/** Requests that follow each other faster than this are waited for as long, awake. */
const POLL_MS = 0.5;

/** While answers follow each other quickly, the event loop stays awake between them; else it sleeps as ever. */
export class Polling {
  readonly #now: () => number;
  readonly #spareMs: Float64Array;
  #lastAnswer = -Infinity;
  #lastLook = 0;
  #isPolling = false;

  /**
   * @param now milliseconds; only differences count.
   * @param spareMs its only cell grows by the time that went by awake without an answer.
   */
  constructor(now: () => number, spareMs: Float64Array = new Float64Array(1)) {
    this.#now = now;
    this.#spareMs = spareMs;
  }

  /** After an answer. */
  goOn(): void {
    const now = this.#now();
    const isQuick = now - this.#lastAnswer < POLL_MS;
    this.#lastAnswer = now;
    if (!isQuick || this.#isPolling) return;
    this.#isPolling = true;
    this.#lastLook = now;
    setImmediate(this.#look);
  }

  /** Whether the event loop is kept awake now. */
  get isPolling(): boolean {
    return this.#isPolling;
  }

  /** While an immediate waits, the event loop asks the system for news without sleeping. */
  readonly #look = (): void => {
    const now = this.#now();
    if (this.#lastAnswer <= this.#lastLook) this.#spareMs[0]! += now - this.#lastLook;
    this.#lastLook = now;
    if (now - this.#lastAnswer < POLL_MS) setImmediate(this.#look);
    else this.#isPolling = false;
  };
}
