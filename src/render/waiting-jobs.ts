/**
 * Tasks that wait for a rendering thread: tiles first, then exports, each in the order of their coming. An export that
 * has waited long goes before tiles, one at a time, so that steady traffic does not keep it waiting for ever.
 */
import type { TaskCost } from './messages.ts';

/** What a thread is asked to do, as far as its turn depends on it. */
export interface Costed {
  readonly cost: TaskCost;
}

/** So long tiles go before an export: viewers at work do not notice it, who waits for a file does not give up. */
const PATIENCE_MS = 5_000;

/** What there is for those that wait. */
export interface Room<J> {
  /** Whether it may start now. */
  fits(job: J): boolean;
  /** Whether `favored` could start, now or soon, if `job` did not. */
  holdsUp(job: J, favored: J): boolean;
}

interface Waiting<J> {
  readonly job: J;
  readonly since: number;
}

export class WaitingJobs<J extends Costed> {
  readonly #tiles: Waiting<J>[] = [];
  readonly #exports: Waiting<J>[] = [];
  readonly #now: () => number;
  /** The export that was let before tiles last. */
  #favored: J | undefined;

  /** @param now milliseconds of a clock that nobody sets. */
  constructor(now = () => performance.now()) {
    this.#now = now;
  }

  get length(): number {
    return this.#tiles.length + this.#exports.length;
  }

  push(job: J): void {
    (job.cost.isExport ? this.#exports : this.#tiles).push({ job, since: this.#now() });
  }

  /** The next one that there is room for; of each kind only the first is asked, so that large ones have their turn. */
  take(room: Room<J>): J | undefined {
    const old = this.#oldExport();
    if (old !== undefined && room.fits(old)) {
      this.#exports.shift();
      this.#favored = old;
      return old;
    }
    for (const lane of [this.#tiles, this.#exports]) {
      const first = lane[0]?.job;
      if (first === undefined || !room.fits(first)) continue;
      if (old !== undefined && room.holdsUp(first, old)) continue;
      return lane.shift()?.job;
    }
    return undefined;
  }

  /** It runs no longer: the next old export may go before tiles. */
  ended(job: J): void {
    if (this.#favored === job) this.#favored = undefined;
  }

  #oldExport(): J | undefined {
    const first = this.#exports[0];
    if (first === undefined || this.#favored !== undefined) return undefined;
    return this.#now() - first.since >= PATIENCE_MS ? first.job : undefined;
  }

  /** The one that is given up when too many wait: the export that came last, else the tile that did. */
  dropLast(): J | undefined {
    return (this.#exports.pop() ?? this.#tiles.pop())?.job;
  }

  /** Whether it waited; then it does no longer. */
  remove(job: J): boolean {
    for (const lane of [this.#tiles, this.#exports]) {
      const at = lane.findIndex((each) => each.job === job);
      if (at >= 0) return lane.splice(at, 1).length > 0;
    }
    return false;
  }

  /** All of them; none waits any longer. */
  takeAll(): readonly J[] {
    return [...this.#tiles.splice(0), ...this.#exports.splice(0)].map(({ job }) => job);
  }
}
