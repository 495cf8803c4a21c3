/** Finished pictures in memory, bounded by bytes (MAX_IMAGE_CACHE_SIZE); wraps a `Render` from outside. */
import { LRUCache } from 'lru-cache';
import type { Picture, Render } from '../render/picture.ts';
import { planKey } from '../render/plan.ts';
import { SingleFlight } from './single-flight.ts';

/** What an entry costs besides its bytes: key, links, object headers. */
const ENTRY_OVERHEAD_BYTES = 512;

/** No single picture may take more than this share of the cache. */
const LARGEST_SHARE = 1 / 4;

export class TileCache {
  readonly #entries: LRUCache<string, Uint8Array> | undefined;

  /** @param maxBytes 0 turns the cache off. */
  constructor(maxBytes: number) {
    this.#entries =
      maxBytes < 1
        ? undefined
        : new LRUCache({
            maxSize: Math.floor(maxBytes),
            maxEntrySize: Math.max(1, Math.floor(maxBytes * LARGEST_SHARE)),
            sizeCalculation: (bytes, key) => bytes.length + key.length + ENTRY_OVERHEAD_BYTES,
          });
  }

  get(key: string): Uint8Array | undefined {
    return this.#entries?.get(key);
  }

  /** Keeps `bytes`; what is larger than a quarter of the cache is not kept. */
  set(key: string, bytes: Uint8Array): void {
    this.#entries?.set(key, bytes);
  }

  /** Forgets the pictures of one file, of every version. */
  forget(path: string): void {
    const end = `|${path}`;
    for (const key of this.#entries?.keys() ?? []) if (key.endsWith(end)) this.#entries?.delete(key);
  }

  clear(): void {
    this.#entries?.clear();
  }

  /** Bytes held, overhead included. */
  get bytes(): number {
    return this.#entries?.calculatedSize ?? 0;
  }
}

/** A `Render` that looks into the cache first and does equal work in flight once. */
export function withTileCache(render: Render, cache: TileCache): Render {
  const flights = new SingleFlight<Picture>();
  return async (plan, signal) => {
    const key = planKey(plan);
    const kept = cache.get(key);
    if (kept !== undefined) return { bytes: kept, origin: 'hit' };
    const { value, isShared } = await flights.run(key, signal, async (shared) => {
      const picture = await render(plan, shared);
      cache.set(key, picture.bytes);
      return picture;
    });
    return isShared ? { bytes: value.bytes, origin: 'shared' } : value;
  };
}
