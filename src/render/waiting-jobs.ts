/** Tasks that wait for a rendering thread: tiles first, then exports, each in the order of their coming. */
import type { TaskCost } from './messages.ts';

/** What a thread is asked to do, as far as its turn depends on it. */
export interface Costed {
  readonly cost: TaskCost;
}

export class WaitingJobs<J extends Costed> {
  readonly #tiles: J[] = [];
  readonly #exports: J[] = [];

  get length(): number {
    return this.#tiles.length + this.#exports.length;
  }

  push(job: J): void {
    (job.cost.isExport ? this.#exports : this.#tiles).push(job);
  }

  /** The next one that `fits`; of each kind only the first is asked, so that large ones have their turn. */
  take(fits: (job: J) => boolean): J | undefined {
    for (const lane of [this.#tiles, this.#exports])
      if (lane[0] !== undefined && fits(lane[0])) return lane.shift();
    return undefined;
  }

  /** The one that is given up when too many wait: the export that came last, else the tile that did. */
  dropLast(): J | undefined {
    return this.#exports.pop() ?? this.#tiles.pop();
  }

  /** Whether it waited; then it does no longer. */
  remove(job: J): boolean {
    for (const lane of [this.#tiles, this.#exports]) {
      const at = lane.indexOf(job);
      if (at >= 0) return lane.splice(at, 1).length > 0;
    }
    return false;
  }

  /** All of them; none waits any longer. */
  takeAll(): readonly J[] {
    return [...this.#tiles.splice(0), ...this.#exports.splice(0)];
  }
}
