/** What there is room for in the rendering threads: memory, exports, and processes that decode. */
import type { Job } from './render-thread.ts';
import type { Room } from './waiting-jobs.ts';

export interface RoomLimits {
  /** So many exports at a time. */
  readonly threads: number;
  /** Bytes that the tasks which run may take together. */
  readonly maxMemory: number;
  /** Decoding processes at a time, whose own memory counts then; absent: each thread may have one. */
  readonly maxProcesses?: number;
}

/** A thread, as far as its room depends on it. */
interface Occupied {
  readonly job: Job | undefined;
  readonly hasProcess: boolean;
}

/** What a process for libvips takes besides its picture: measured are 18 MB of its own at its start; then its heap. */
const PROCESS_BYTES = 48 * 2 ** 20;

export class PoolRoom implements Room<Job> {
  readonly #limits: RoomLimits;
  readonly #threads: Iterable<Occupied>;
  #memory = 0;

  /** @param threads those that run, now and later. */
  constructor(limits: RoomLimits, threads: Iterable<Occupied>) {
    this.#limits = limits;
    this.#threads = threads;
  }

  /** Bytes that the tasks which run are thought to take. */
  get memory(): number {
    return this.#memory;
  }

  fits({ cost }: Job): boolean {
    if (this.#memory + cost.bytes > this.#limits.maxMemory) return false;
    if (cost.usesProcess === true && !this.#mayUseProcess()) return false;
    return !cost.isExport || this.#exports().length < this.#limits.threads;
  }

  /** Where exports that run take what `favored` needs, nothing else holds it up: they end in their time. */
  holdsUp({ cost }: Job, favored: Job): boolean {
    const { maxMemory } = this.#limits;
    const ofExports = this.#exports().reduce((sum, each) => sum + each.cost.bytes, 0);
    const isNext = ofExports + favored.cost.bytes <= maxMemory;
    return isNext && this.#memory + cost.bytes + favored.cost.bytes > maxMemory;
  }

  /** What a task counts for: a process must not make a picture impossible that fits without it. */
  costOf({ cost }: Job['task'], isSlow: boolean): Job['cost'] {
    const { maxMemory, maxProcesses } = this.#limits;
    const process = maxProcesses !== undefined && cost.usesProcess === true ? PROCESS_BYTES : 0;
    return { ...cost, bytes: Math.min(cost.bytes + process, maxMemory), isExport: cost.isExport || isSlow };
  }

  /** It runs from now on. */
  take({ cost }: Job): void {
    this.#memory += cost.bytes;
  }

  /** It runs no longer. */
  release({ cost }: Job): void {
    this.#memory -= cost.bytes;
  }

  /** Of those threads that have a process one is idle, or there may be one more of them. */
  #mayUseProcess(): boolean {
    const having = [...this.#threads].filter(({ hasProcess }) => hasProcess);
    return (
      having.length < (this.#limits.maxProcesses ?? Infinity) || having.some(({ job }) => job === undefined)
    );
  }

  /** Those that run. */
  #exports(): readonly Job[] {
    return [...this.#threads].flatMap(({ job }) => (job?.cost.isExport === true ? [job] : []));
  }
}
