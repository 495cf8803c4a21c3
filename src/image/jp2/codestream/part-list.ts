/** SOT, and the list of tile-parts that it leads to. */
import { damagedJp2 } from '../damage.ts';
import type { MainHeader } from './main-header.ts';
import { MARKER, SOT_BYTES } from './markers.ts';

/** Tile-parts in the order of the file. */
export interface TileParts {
  /** Of SOT, in the file. */
  readonly starts: Float64Array;
  readonly ends: Float64Array;
  readonly tiles: Uint16Array;
  /** Numbers of the parts of tile t are `order[first[t]]` up to `order[first[t + 1]]`. */
  readonly order: Uint32Array;
  readonly first: Uint32Array;
  /** The file ends before its tile-parts do, or something else stands between them. */
  readonly isDamaged: boolean;
}

/** 255 for each of 65,535 tiles would be possible; no encoder makes a fiftieth of it. */
const MAX_PARTS = 2 ** 22;

export const MIN_PART_BYTES = SOT_BYTES + 2;

export interface StartOfTilePart {
  readonly tile: number;
  /** From SOT to the end of the data; 0: up to the end of the codestream. */
  readonly length: number;
}

/**
 * A.4.2; undefined when it is none:
 *
 *     u16 0xFF90, u16 10, u16 tile, u32 length, u8 number of the part, u8 number of parts
 */
export function parseSot(bytes: Uint8Array): StartOfTilePart | undefined {
  if (bytes.length < SOT_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, SOT_BYTES);
  if (view.getUint16(0) !== MARKER.SOT || view.getUint16(2) !== SOT_BYTES - 2) return undefined;
  return { tile: view.getUint16(4), length: view.getUint32(6) };
}

export class PartList {
  count = 0;
  isDamaged = false;
  #starts = new Float64Array(64);
  #ends = new Float64Array(64);
  #tiles = new Uint16Array(64);

  add(start: number, end: number, tile: number): void {
    if (this.count >= MAX_PARTS) throw damagedJp2('it has too many tile-parts');
    if (this.count === this.#starts.length) {
      this.#starts = grown(this.#starts, new Float64Array(this.count * 2));
      this.#ends = grown(this.#ends, new Float64Array(this.count * 2));
      this.#tiles = grown(this.#tiles, new Uint16Array(this.count * 2));
    }
    this.#starts[this.count] = start;
    this.#ends[this.count] = end;
    this.#tiles[this.count++] = tile;
  }

  /** Where the last part begins. */
  get lastStart(): number {
    return this.#starts[this.count - 1] ?? -1;
  }

  /** Moves the end of the last part. */
  endLast(end: number): void {
    this.#ends[this.count - 1] = end;
  }

  finish(tileCount: number): TileParts {
    const tiles = this.#tiles.slice(0, this.count);
    const first = new Uint32Array(tileCount + 1);
    for (const tile of tiles) first[tile + 1]!++;
    for (let tile = 0; tile < tileCount; tile++) first[tile + 1]! += first[tile]!;
    const next = first.slice();
    const order = new Uint32Array(this.count);
    tiles.forEach((tile, part) => (order[next[tile]!++] = part));
    return {
      starts: this.#starts.slice(0, this.count),
      ends: this.#ends.slice(0, this.count),
      tiles,
      order,
      first,
      isDamaged: this.isDamaged,
    };
  }
}

function grown<T extends Float64Array | Uint16Array>(from: T, to: T): T {
  to.set(from);
  return to;
}

export function tileCountOf({ canvas }: MainHeader): number {
  return canvas.columns * canvas.rows;
}
