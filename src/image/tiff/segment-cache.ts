/** Decoded strips and large tiles, so that the next window of a picture does not decode them again. */
import { LRUCache } from 'lru-cache';
import type { Segment } from '../compose.ts';

/** Of one thread. */
const MAX_BYTES = 2 ** 26;

/** Tiles up to this size are smaller than what a client asks for, or not much larger. */
const LARGE_TILE_PIXELS = 2 ** 20;

/** Segments by key, bounded by their bytes; one that is larger than all that is kept together until the next one. */
export class SegmentCache {
  readonly #segments: LRUCache<string, Segment>;
  #oversized: { readonly key: string; readonly segment: Segment } | undefined;

  constructor(maxBytes = MAX_BYTES) {
    this.#segments = new LRUCache({
      maxSize: maxBytes,
      sizeCalculation: ({ raster }) => Math.max(1, raster.data.byteLength),
    });
  }

  get bytes(): number {
    return this.#segments.calculatedSize + (this.#oversized?.segment.raster.data.byteLength ?? 0);
  }

  /** The segment of a key, shared: nobody may write to it. */
  async get(key: string, decode: () => Promise<Segment>): Promise<Segment> {
    const known = this.#oversized?.key === key ? this.#oversized.segment : this.#segments.get(key);
    if (known !== undefined) return known;
    const segment = { ...(await decode()), isShared: true };
    if (segment.raster.data.byteLength > this.#segments.maxSize) {
      this.#segments.clear();
      this.#oversized = { key, segment };
    } else {
      this.#oversized = undefined;
      this.#segments.set(key, segment);
    }
    return segment;
  }
}

export interface SegmentShape {
  readonly kind: 'tiles' | 'strips';
  readonly width: number;
  readonly height: number;
}

/** Whether parts of a compressed segment are asked for again and again: it has to be decoded whole for each. */
export function isWorthKeeping({ kind, width, height }: SegmentShape): boolean {
  return kind === 'strips' || width * height > LARGE_TILE_PIXELS;
}
