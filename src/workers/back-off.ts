/** What dies again and again is started more and more rarely. */

const FIRST_WAIT_MS = 100;
const MAX_WAIT_MS = 30_000;

/** What has lived for so long is healthy. */
const HEALTHY_MS = 10_000;

export class BackOff {
  #nextMs = FIRST_WAIT_MS;

  /** How long to wait after a death. @param livedMs milliseconds. */
  wait(livedMs: number): number {
    const waitMs = livedMs > HEALTHY_MS ? FIRST_WAIT_MS : this.#nextMs;
    this.#nextMs = Math.min(2 * waitMs, MAX_WAIT_MS);
    return waitMs;
  }
}
