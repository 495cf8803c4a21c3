/** What packet headers have said so far of the code-blocks of one precinct. */
import { ServerError } from '../../../errors.ts';
import type { BandGeometry, ResolutionGeometry } from './geometry.ts';
import { treeShape, type TreeShape } from './tag-tree.ts';

/** Numbers of a code-block in the state: coding passes, Lblock, zero bit-planes, first and last contribution. */
export const BLOCK = { passes: 0, lengthBits: 1, zeroPlanes: 2, head: 3, tail: 4, size: 5 } as const;

/** The part of a band that lies in the precinct. */
export interface PrecinctBand {
  readonly band: BandGeometry;
  /** The grid of its code-blocks, in whole blocks from the origin. */
  readonly firstColumn: number;
  readonly firstRow: number;
  readonly columns: number;
  readonly rows: number;
  /** Of the precinct in the band. */
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
  readonly tree: TreeShape;
  /** Where its numbers begin in the state. */
  inclusion: number;
  zeroPlanes: number;
  blocks: number;
}

export interface Precinct {
  readonly resolution: ResolutionGeometry;
  /** Those without code-blocks left out. */
  readonly bands: readonly PrecinctBand[];
  /** Shared with other precincts of the tile. */
  readonly state: Int32Array;
}

/** Code-blocks of one precinct: those of 32,768 samples squared in blocks of 32. */
const MAX_BLOCKS = 2 ** 20;

/** Numbers of all precincts of a tile together: 128 MB. */
const MAX_STATE = 2 ** 25;

/** Precincts are many and small: their numbers are cut out of arrays of this length. */
const SLAB_LENGTH = 2 ** 12;

/** Lblock begins at 3 (B.10.7.1). */
const FIRST_LENGTH_BITS = 3;

/** Makes the precincts of one tile. */
export class PrecinctMaker {
  #slab = new Int32Array(0);
  #used = 0;
  #length = 0;

  /** Bytes of the numbers of all precincts. */
  get byteLength(): number {
    return this.#length * 4;
  }

  /**
   * @param index of the precinct in its resolution, row by row.
   * @throws {ServerError} `too-large`.
   */
  create(resolution: ResolutionGeometry, index: number): Precinct {
    const bands: PrecinctBand[] = [];
    let size = 0;
    for (const band of resolution.bands) {
      const placed = placeBand(resolution, band, index, size);
      if (placed === undefined) continue;
      size = placed.blocks + placed.columns * placed.rows * BLOCK.size;
      bands.push(placed);
    }
    const base = this.#reserve(size);
    const state = this.#slab;
    for (const placed of bands) {
      placed.inclusion += base;
      placed.zeroPlanes += base;
      placed.blocks += base;
      const { blocks, columns, rows } = placed;
      for (let at = blocks; at < blocks + columns * rows * BLOCK.size; at += BLOCK.size) {
        state[at + BLOCK.lengthBits] = FIRST_LENGTH_BITS;
        state[at + BLOCK.head] = -1;
        state[at + BLOCK.tail] = -1;
      }
    }
    return { resolution, bands, state };
  }

  #reserve(size: number): number {
    if (this.#used + size > this.#slab.length) {
      const length = Math.max(size, Math.min(SLAB_LENGTH, 4 * Math.max(size, 64)));
      this.#length += length;
      if (this.#length > MAX_STATE) throw new ServerError('too-large', 'a tile has too many code-blocks');
      this.#slab = new Int32Array(length);
      this.#used = 0;
    }
    const base = this.#used;
    this.#used += size;
    return base;
  }
}

function placeBand(
  { bandPrecinct, block, columns, firstColumn, firstRow }: ResolutionGeometry,
  band: BandGeometry,
  index: number,
  base: number,
): PrecinctBand | undefined {
  const width = 2 ** bandPrecinct.x;
  const height = 2 ** bandPrecinct.y;
  const left = (firstColumn + (index % columns)) * width;
  const top = (firstRow + Math.floor(index / columns)) * height;
  const x0 = Math.max(left, band.x0);
  const y0 = Math.max(top, band.y0);
  const x1 = Math.min(left + width, band.x1);
  const y1 = Math.min(top + height, band.y1);
  if (x1 <= x0 || y1 <= y0) return undefined;
  const [blockWidth, blockHeight] = [2 ** block.x, 2 ** block.y];
  const firstBlockColumn = Math.floor(x0 / blockWidth);
  const firstBlockRow = Math.floor(y0 / blockHeight);
  const blockColumns = Math.ceil(x1 / blockWidth) - firstBlockColumn;
  const blockRows = Math.ceil(y1 / blockHeight) - firstBlockRow;
  if (blockColumns * blockRows > MAX_BLOCKS) {
    throw new ServerError('too-large', 'a precinct has too many code-blocks');
  }
  const tree = treeShape(blockColumns, blockRows);
  return {
    band,
    firstColumn: firstBlockColumn,
    firstRow: firstBlockRow,
    columns: blockColumns,
    rows: blockRows,
    x0,
    y0,
    x1,
    y1,
    tree,
    inclusion: base,
    zeroPlanes: base + tree.size,
    blocks: base + 2 * tree.size,
  };
}
