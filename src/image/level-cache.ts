/** Decoded levels of pictures of one thread, so that the twentieth tile does not decode the picture again. */
import { LRUCache } from 'lru-cache';
import type { Raster } from './raster.ts';

/** Rasters by key, bounded by their bytes; what is wanted twice at a time is decoded once. */
export class LevelCache {
  readonly #rasters: LRUCache<string, Raster>;
  readonly #decoding = new Map<string, Promise<Raster>>();

  constructor(maxBytes: number) {
    this.#rasters = new LRUCache({
      maxSize: maxBytes,
      sizeCalculation: ({ data }) => Math.max(1, data.byteLength),
    });
  }

  get bytes(): number {
    return this.#rasters.calculatedSize;
  }

  /** The raster of a key, shared: nobody may write to it. A failure is forgotten. */
  async get(key: string, decode: () => Promise<Raster>): Promise<Raster> {
    const known = this.#rasters.get(key);
    if (known !== undefined) return known;
    const underWay = this.#decoding.get(key);
    if (underWay !== undefined) return underWay;
    const decoding = decode();
    this.#decoding.set(key, decoding);
    try {
      const raster = await decoding;
      this.#rasters.set(key, raster);
      return raster;
    } finally {
      this.#decoding.delete(key);
    }
  }
}
