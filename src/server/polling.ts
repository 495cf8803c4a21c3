/** Looks for the next request for a moment before sleeping: to be woken costs more than a small answer. */

/** Requests that follow each other faster than this are waited for as long, awake. */
const POLL_MS = 0.5;

/** While answers follow each other quickly, the event loop stays awake between them; else it sleeps as ever. */
export class Polling {
  readonly #now: () => number;
  #lastAnswer = -Infinity;
  #isPolling = false;

  /** @param now milliseconds; only differences count. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** After an answer. */
  goOn(): void {
    const now = this.#now();
    const isQuick = now - this.#lastAnswer < POLL_MS;
    this.#lastAnswer = now;
    if (!isQuick || this.#isPolling) return;
    this.#isPolling = true;
    setImmediate(this.#look);
  }

  /** Whether the event loop is kept awake now. */
  get isPolling(): boolean {
    return this.#isPolling;
  }

  /** While an immediate waits, the event loop asks the system for news without sleeping. */
  readonly #look = (): void => {
    if (this.#now() - this.#lastAnswer < POLL_MS) setImmediate(this.#look);
    else this.#isPolling = false;
  };
}
