/** Blocks of remote objects in memory, bounded by bytes (SOURCE_CACHE_SIZE) and shared by all readers of a thread. */
import { LRUCache } from 'lru-cache';
import type { SourceCounters } from './counters.ts';

/** Some tiles, or a directory with its arrays. */
export const BLOCK_BYTES = 32_768;

const ENTRY_OVERHEAD_BYTES = 400;

/** Fetches a run of neighboring blocks in one piece. */
export type FetchBlocks = (firstBlock: number, count: number) => Promise<Uint8Array>;

export class BlockCache {
  readonly #blocks: LRUCache<string, Uint8Array> | undefined;
  /** Blocks on their way: whoever needs one waits for the same answer. */
  readonly #coming = new Map<string, Promise<Uint8Array>>();
  readonly #counters: SourceCounters;
  /** Larger pieces are not worth keeping. */
  readonly maxRunBytes: number;

  constructor(maxBytes: number, counters: SourceCounters) {
    this.#counters = counters;
    this.maxRunBytes = Math.floor(maxBytes / 4);
    this.#blocks =
      maxBytes < BLOCK_BYTES
        ? undefined
        : new LRUCache({
            maxSize: Math.floor(maxBytes),
            sizeCalculation: (bytes, key) => bytes.length + key.length + ENTRY_OVERHEAD_BYTES,
          });
  }

  get bytes(): number {
    return this.#blocks?.calculatedSize ?? 0;
  }

  clear(): void {
    this.#blocks?.clear();
  }

  /** Keeps bytes that came with something else, from the start of an object; a last block may be short. */
  put(object: string, bytes: Uint8Array, objectBytes: number): void {
    for (let start = 0; start < bytes.length; start += BLOCK_BYTES) {
      const end = Math.min(start + BLOCK_BYTES, objectBytes);
      // Memory of its own: a view would keep all of its neighbors alive.
      if (end <= bytes.length) this.#blocks?.set(`${object}#${start / BLOCK_BYTES}`, bytes.slice(start, end));
    }
  }

  /**
   * The blocks from `first` to `last`; those that are missing are fetched, neighbors in one request.
   *
   * @param object names the version, too.
   */
  async get(object: string, first: number, last: number, fetch: FetchBlocks): Promise<readonly Uint8Array[]> {
    const found: Promise<Uint8Array>[] = [];
    for (let block = first; block <= last;) {
      const known = this.#find(object, block);
      if (known !== undefined) {
        found.push(Promise.resolve(known));
        this.#counters.add('hits');
        block++;
        continue;
      }
      let end = block + 1;
      while (end <= last && this.#find(object, end) === undefined) end++;
      found.push(...this.#fetch(object, block, end - block, fetch));
      block = end;
    }
    return Promise.all(found);
  }

  #find(object: string, block: number): Uint8Array | Promise<Uint8Array> | undefined {
    const key = `${object}#${block}`;
    return this.#blocks?.get(key) ?? this.#coming.get(key);
  }

  #fetch(object: string, first: number, count: number, fetch: FetchBlocks): Promise<Uint8Array>[] {
    this.#counters.add('misses', count);
    const run = fetch(first, count);
    return Array.from({ length: count }, (_, i) => {
      const key = `${object}#${first + i}`;
      const coming = run.then((bytes) => {
        const block = bytes.slice(i * BLOCK_BYTES, (i + 1) * BLOCK_BYTES);
        this.#blocks?.set(key, block);
        return block;
      });
      this.#coming.set(key, coming);
      const forget = () => void this.#coming.delete(key);
      coming.then(forget, forget);
      return coming;
    });
  }
}
