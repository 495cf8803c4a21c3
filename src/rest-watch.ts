/** When a server that is looked at from time to time should give back memory: at rest, under load now and then. */

/** Looks at rest that give back: threads that rest end after the first. */
const LOOKS_AT_REST = 2;

/** Looks between two times while requests come: giving back costs those that come next some page faults. */
const MOST_LOOKS = 20;

export class RestWatch {
  #lastSeen = 0;
  #looksAtRest = 0;
  #looks = 0;

  /** @param requests asked so far. @returns whether memory is to be given back now. */
  look(requests: number): boolean {
    const isAtRest = requests === this.#lastSeen;
    this.#lastSeen = requests;
    this.#looksAtRest = isAtRest ? this.#looksAtRest + 1 : 0;
    this.#looks += 1;
    // Before the first request there is nothing to give back.
    const isDue = isAtRest ? requests > 0 && this.#looksAtRest <= LOOKS_AT_REST : this.#looks >= MOST_LOOKS;
    if (isDue) this.#looks = 0;
    return isDue;
  }
}
