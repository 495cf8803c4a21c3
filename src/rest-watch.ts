/** When a server that is looked at from time to time should give back memory: at rest once, under load now and then. */

/** Looks between two times while requests come: giving back costs those that come next some page faults. */
const MOST_LOOKS = 20;

export class RestWatch {
  #lastSeen = 0;
  /** Requests that there had been when memory was last given back: none before, nothing to give back. */
  #doneAt = 0;
  #looks = 0;

  /** @param requests asked so far. @returns whether memory is to be given back now. */
  look(requests: number): boolean {
    const isAtRest = requests === this.#lastSeen;
    this.#lastSeen = requests;
    this.#looks += 1;
    if (requests === this.#doneAt || (!isAtRest && this.#looks < MOST_LOOKS)) return false;
    this.#doneAt = requests;
    this.#looks = 0;
    return true;
  }
}
