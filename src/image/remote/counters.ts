/** What remote reading has done so far, in memory that all threads add to: for whoever wants to look. */

const NAMES = ['requests', 'retries', 'failures', 'bytes', 'hits', 'misses'] as const;

/**
 * Requests sent, repeated ones included; retries among them; reads that failed for good because of the storage; bytes of
 * objects received; blocks found in the cache, and not found.
 */
export type SourceCount = (typeof NAMES)[number];

/** Adding to it costs nothing beside a request over a network. */
export class SourceCounters {
  readonly memory: SharedArrayBuffer;
  readonly #numbers: BigInt64Array;

  constructor(memory = new SharedArrayBuffer(NAMES.length * BigInt64Array.BYTES_PER_ELEMENT)) {
    this.memory = memory;
    this.#numbers = new BigInt64Array(memory);
  }

  add(name: SourceCount, count = 1): void {
    Atomics.add(this.#numbers, NAMES.indexOf(name), BigInt(count));
  }

  read(): Readonly<Record<SourceCount, number>> {
    // Every name of the type is in the list.
    return Object.fromEntries(
      NAMES.map((name, i) => [name, Number(Atomics.load(this.#numbers, i))]),
    ) as Record<SourceCount, number>;
  }
}
