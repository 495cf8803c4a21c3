/** Consistent hashing: which of several servers keeps a key, so that a server more or less moves few keys (ketama). */
import { createHash } from 'node:crypto';

const POINTS_PER_SERVER = 160;

interface Point {
  readonly at: number;
  readonly server: number;
}

export class HashRing {
  readonly #points: readonly Point[];

  /** @param names of servers, the same on every machine. */
  constructor(names: readonly string[]) {
    this.#points = names
      .flatMap((name, server) =>
        Array.from({ length: POINTS_PER_SERVER }, (_, i) => ({ at: hash(`${name}-${i}`), server })),
      )
      .sort((a, b) => a.at - b.at || a.server - b.server);
  }

  /** Index of the server for a key. */
  serverOf(key: string): number {
    const at = hash(key);
    let low = 0;
    let high = this.#points.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#points[middle]!.at < at) low = middle + 1;
      else high = middle;
    }
    return (this.#points[low] ?? this.#points[0])!.server;
  }
}

function hash(text: string): number {
  return createHash('md5').update(text).digest().readUInt32BE(0);
}
