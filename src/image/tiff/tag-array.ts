/** Offsets and lengths of tiles: arrays of millions of values, of which only the needed slices are ever read. */
import { after, type Awaitable } from '../../awaitable.ts';
import type { ByteSource } from '../source.ts';
import { damaged } from './directory.ts';
import type { TagEntry, TiffFormat } from './directory.ts';
import { decodeNumbers, valueBytes } from './values.ts';

/** Values of a slice: 8 KB of a BigTIFF, some rows of tiles. */
const SLICE_VALUES = 1_024;

/** Slices kept of one array: 256 KB at most. */
const MAX_SLICES = 32;

/** A tag's values, read in slices when they are asked for; the slices used last are kept. */
export class TagArray {
  readonly #source: ByteSource;
  readonly #entry: TagEntry;
  readonly #format: TiffFormat;
  /** In order of use, the most recent last. */
  readonly #slices = new Map<number, Float64Array>();
  /** The one at the end. */
  #latest = -1;

  constructor(source: ByteSource, entry: TagEntry, format: TiffFormat) {
    this.#source = source;
    this.#entry = entry;
    this.#format = format;
  }

  /** @throws {ServerError} `damaged` for an index that the tag does not have. */
  at(index: number): Awaitable<number> {
    const number = Math.floor(index / SLICE_VALUES);
    const kept = this.#slices.get(number);
    if (kept !== undefined && number === this.#latest) return this.#valueIn(kept, index);
    return after(kept ?? this.#read(number), (slice) => {
      this.#keep(number, slice);
      return this.#valueIn(slice, index);
    });
  }

  #valueIn(slice: Float64Array, index: number): number {
    const value = slice[index % SLICE_VALUES];
    if (value === undefined) throw damaged('a tile is missing', { tag: this.#entry.tag, index });
    return value;
  }

  #read(number: number): Awaitable<Float64Array> {
    const { type, count, offset } = this.#entry;
    const first = number * SLICE_VALUES;
    const size = valueBytes(type);
    const length = Math.min(SLICE_VALUES, Math.max(0, count - first));
    return after(this.#source.read(offset + first * size, length * size), (bytes) =>
      decodeNumbers(bytes, type, this.#format),
    );
  }

  #keep(number: number, slice: Float64Array): void {
    this.#latest = number;
    this.#slices.delete(number);
    this.#slices.set(number, slice);
    for (const oldest of this.#slices.keys()) {
      if (this.#slices.size <= MAX_SLICES) return;
      this.#slices.delete(oldest);
    }
  }
}
