/** Offsets and lengths of tiles: arrays of millions of values, of which only the needed slices are ever read. */
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

  constructor(source: ByteSource, entry: TagEntry, format: TiffFormat) {
    this.#source = source;
    this.#entry = entry;
    this.#format = format;
  }

  /** @throws {ServerError} `damaged` for an index that the tag does not have. */
  async at(index: number): Promise<number> {
    const number = Math.floor(index / SLICE_VALUES);
    const slice = this.#slices.get(number) ?? (await this.#read(number));
    this.#keep(number, slice);
    const value = slice[index - number * SLICE_VALUES];
    if (value === undefined) throw damaged('a tile is missing', { tag: this.#entry.tag, index });
    return value;
  }

  async #read(number: number): Promise<Float64Array> {
    const { type, count, offset } = this.#entry;
    const first = number * SLICE_VALUES;
    const size = valueBytes(type);
    const length = Math.min(SLICE_VALUES, Math.max(0, count - first));
    return decodeNumbers(await this.#source.read(offset + first * size, length * size), type, this.#format);
  }

  #keep(number: number, slice: Float64Array): void {
    this.#slices.delete(number);
    this.#slices.set(number, slice);
    for (const oldest of this.#slices.keys()) {
      if (this.#slices.size <= MAX_SLICES) return;
      this.#slices.delete(oldest);
    }
  }
}
