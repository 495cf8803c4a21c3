/**
 * Small virtual levels, made together: one way through the stored level gives all of them. They lie one below the
 * other in one raster, the largest on top, which is kept as one (`flat/level-store.ts`).
 */
import type { LevelInfo } from '../info.ts';
import { allocateSamples, type Raster, type Rectangle, type Size } from '../raster.ts';
import { Averager, divideRow, flipSigns, type AverageSpec, type SumRow } from './average.ts';
import { PIECE_SAMPLES, piecesOf, rowsTogether, sourceWindow } from './pieces.ts';

/** All levels of a pack together: small enough to be made for one tile of them. */
export const PACK_BYTES = 2 ** 23;

/** A level in a pack. */
export interface PackedLevel extends Size {
  /** Row of the pack's raster at which it begins. */
  readonly top: number;
}

/** Halved again and again, the largest first; never empty. */
export interface Pack {
  readonly levels: readonly PackedLevel[];
  /** From the stored level to the largest of the pack. */
  readonly factor: number;
  /** Of the raster that holds all. */
  readonly size: Size;
}

/**
 * The smallest virtual levels of one stored level, as many of them as fit.
 *
 * @param members virtual levels of the same stored one, the largest first.
 * @param pixelBytes bytes of a pixel of a raster.
 */
export function planPack(
  members: readonly LevelInfo[],
  pixelBytes: number,
  maxBytes: number,
): Pack | undefined {
  let first = members.length;
  let height = 0;
  for (const { width, height: rows } of [...members].reverse()) {
    if (width * (height + rows) * pixelBytes > maxBytes) break;
    height += rows;
    first--;
  }
  const [largest] = members.slice(first);
  if (largest?.virtual === undefined) return undefined;
  let top = 0;
  const levels = members.slice(first).map(({ width, height: rows }) => {
    const level = { width, height: rows, top };
    top += rows;
    return level;
  });
  return { levels, factor: largest.virtual.factor, size: { width: largest.width, height } };
}

/** What a pack is made of. */
export interface PackSource extends Pick<AverageSpec, 'bands' | 'colorSpace'> {
  readonly level: LevelInfo;
  /** Decodes a part of it; the raster is written over. */
  readonly read: (window: Rectangle) => Promise<Raster>;
}

/** The raster of a pack: every pixel the mean of what is stored under it, so that no rounding adds up. */
export async function makePack(pack: Pack, source: PackSource): Promise<Raster> {
  const { level, bands, colorSpace, read } = source;
  const [largest] = pack.levels;
  if (largest === undefined) throw new RangeError('a pack without levels');
  let packing: Packing | undefined;
  for (const window of bandsOf(largest, pack.factor, source)) {
    const averager = new Averager({ factor: pack.factor, full: level, window, bands, colorSpace });
    for (const piece of piecesOf(sourceWindow(window, pack.factor, level), level, bands)) {
      const raster = await read(piece);
      packing ??= new Packing(pack, raster);
      averager.add(raster, piece);
    }
    for (const row of averager.rows()) packing?.add(row);
  }
  if (packing === undefined) throw new RangeError('a level without pixels');
  flipSigns(packing.raster, colorSpace);
  return packing.raster;
}

/** The largest level from the top to the bottom, in rows under which no tile or strip is cut. */
function* bandsOf(
  { width, height }: Size,
  factor: number,
  { level, bands }: PackSource,
): Generator<Rectangle> {
  const together = rowsTogether(level);
  const least = together / commonDivisor(together, factor);
  const rows = least * Math.max(1, Math.floor(PIECE_SAMPLES / (least * factor * level.width * bands)));
  for (let y = 0; y < height; y += rows) yield { x: 0, y, width, height: Math.min(rows, height - y) };
}

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}

/** Takes the rows of the largest level as sums, and hands them on to the next smaller one in twos. */
class Packing {
  readonly raster: Raster;
  readonly #levels: readonly PackedLevel[];
  readonly #rows: number[];
  readonly #pending: (SumRow | undefined)[];

  constructor({ levels, size }: Pack, { bands, bitsPerSample, sampleFormat }: Raster) {
    const data = allocateSamples(size.width * size.height * bands, bitsPerSample, sampleFormat);
    this.raster = { ...size, bands, bitsPerSample, sampleFormat, data };
    this.#levels = levels;
    this.#rows = levels.map(() => 0);
    this.#pending = levels.map(() => undefined);
  }

  add(row: SumRow, index = 0): void {
    const level = this.#levels[index];
    const y = this.#rows[index]!;
    if (level === undefined || y >= level.height) return;
    this.#rows[index] = y + 1;
    const { data, bands, width } = this.raster;
    divideRow(row, data, (level.top + y) * width * bands);
    const smaller = this.#levels[index + 1];
    if (smaller === undefined) return;
    const pending = (this.#pending[index] ??= emptyRow(smaller.width * bands));
    addHalved(row, pending, bands);
    if (y % 2 === 0 && y + 1 < level.height) return;
    this.#pending[index] = undefined;
    this.add(pending, index + 1);
  }
}

function emptyRow(length: number): SumRow {
  return { sums: new Float64Array(length), counts: new Float64Array(length) };
}

function addHalved(row: SumRow, into: SumRow, bands: number): void {
  const length = Math.min(row.sums.length, 2 * into.sums.length);
  for (let from = 0; from < length; from++) {
    const to = (Math.floor(from / bands) >> 1) * bands + (from % bands);
    into.sums[to]! += row.sums[from]!;
    into.counts[to]! += row.counts[from]!;
  }
}
