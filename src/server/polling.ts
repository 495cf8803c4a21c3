/** Looks for the next request for a moment before sleeping: to be woken costs more than a small answer. */

/** A client that goes on asks again within this time; nothing is to be seen of it when none does. */
const POLL_MS = 0.5;

export class Polling {
  readonly #now: () => number;
  #lastAnswer = 0;
  #isPolling = false;

  /** @param now milliseconds; only differences count. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** After an answer. */
  goOn(): void {
    this.#lastAnswer = this.#now();
    if (this.#isPolling) return;
    this.#isPolling = true;
    setImmediate(this.#look);
  }

  /** While an immediate waits, the event loop asks the system for news without sleeping. */
  readonly #look = (): void => {
    if (this.#now() - this.#lastAnswer < POLL_MS) setImmediate(this.#look);
    else this.#isPolling = false;
  };
}
