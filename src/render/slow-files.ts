/**
 * Files whose small pictures take long, whatever their size says: damaged ones, or odd ones. Their tasks are treated as
 * exports, so that there is always a thread for the tiles of others.
 */
import { LRUCache } from 'lru-cache';
import type { PlanSource } from './plan.ts';

/** For one small picture. */
const SLOW_MS = 1_000;
const MAX_FILES = 10_000;

export class SlowFiles {
  readonly #paths = new LRUCache<string, true>({ max: MAX_FILES });

  /** How long the last small picture of a file took. */
  note({ path }: Pick<PlanSource, 'path'>, ms: number): void {
    if (ms >= SLOW_MS) this.#paths.set(path, true);
    else if (this.#paths.size > 0) this.#paths.delete(path);
  }

  has({ path }: Pick<PlanSource, 'path'>): boolean {
    return this.#paths.has(path);
  }
}
