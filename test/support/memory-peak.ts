/** The most memory that this process and all that it has started take together, children that come and go included. */
import process from 'node:process';
import { memoryMegabytes, processTree, resetPeak } from './process-tree.ts';

/** A child may be ended between two looks: what it took until the last one counts. */
const LOOK_MS = 20;

/** Looks until it is stopped. */
export class MemoryPeak {
  readonly #timer = setInterval(() => this.#look(), LOOK_MS);
  #megabytes = 0;

  /** Forgets what was before. */
  reset(): void {
    resetPeak(processTree(process.pid));
    this.#megabytes = 0;
  }

  /** The sum of what each process took at its highest since the reset, so never less than what all took at once. */
  get megabytes(): number {
    this.#look();
    return this.#megabytes;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    this.#megabytes = Math.max(this.#megabytes, memoryMegabytes(processTree(process.pid), 'peak'));
  }
}
