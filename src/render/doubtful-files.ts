/** Files of which nothing could be made: what is asked of them takes turns, so that others do not wait for it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import { after, rescued, type Awaitable } from '../awaitable.ts';
import { ServerError, type ErrorKind } from '../errors.ts';
import { identityKey } from '../image/source.ts';
import { overBudget } from './budgets.ts';
import type { PlanSource } from './plan.ts';

/**
 * From one turn to the next in a thread. What is wrong with a picture takes some milliseconds to find out, and more where a
 * decoder has to: with shorter turns others wait for twice as long as undisturbed and more (docs/security.md).
 */
const TURN_MS = 75;

/** Files that are remembered; the one that was asked for longest ago is forgotten. */
const MAX_FILES = 10_000;

/** What says that it is the file that is at fault, whatever was asked of it. */
const FAULTS: ReadonlySet<ErrorKind> = new Set(['damaged', 'quarantined']);

type Source = Pick<PlanSource, 'path' | 'identity'>;

export interface DoubtfulOptions {
  /** Milliseconds; only differences count. */
  readonly now: () => number;
  /** Requests that may wait for their turn, so that those who ask for such files do not take the place of all others. */
  readonly maxWaiting: number;
}

/** Of one thread. A file is doubtful from a failure until something could be made of it, or it has changed. */
export class DoubtfulFiles {
  readonly #options: DoubtfulOptions;
  /** Their versions, by path. */
  readonly #files = new LRUCache<string, string>({ max: MAX_FILES });
  /** When the next turn begins. */
  #next = -Infinity;

  constructor(options: DoubtfulOptions) {
    this.#options = options;
  }

  /**
   * Does `work` for a file: at once, or in its turn when the last work for it has failed.
   *
   * @throws {ServerError} `overloaded` when too many wait already; whatever `work` throws; `AbortError` when `signal` fires first.
   */
  attempt<T>(source: Source, signal: AbortSignal, work: () => Awaitable<T>): Awaitable<T> {
    const isDoubtful = this.#files.size > 0 && this.#files.get(source.path) === identityKey(source.identity);
    const noting = (): Awaitable<T> =>
      rescued(work, (thrown) => {
        if (thrown instanceof ServerError && FAULTS.has(thrown.kind))
          this.#files.set(source.path, identityKey(source.identity));
        throw thrown;
      });
    if (!isDoubtful) return noting();
    return after(after(this.turn(signal), noting), (result) => {
      this.#files.delete(source.path);
      return result;
    });
  }

  /** Waits for the next turn. @throws {ServerError} `overloaded` when too many wait already; `AbortError` when `signal` fires first. */
  async turn(signal?: AbortSignal): Promise<void> {
    const { now, maxWaiting } = this.#options;
    const start = now();
    const waitMs = Math.max(0, this.#next - start);
    if (waitMs > maxWaiting * TURN_MS) throw overBudget('doubtful');
    this.#next = start + waitMs + TURN_MS;
    if (waitMs > 0) await sleep(waitMs, undefined, signal === undefined ? {} : { signal });
  }
}
