/** Makes pictures smaller by whole factors: every pixel is the mean of a square of pixels, which may come in any pieces. */
import type { ColorSpace } from '../info.ts';
import { allocateSamples } from '../raster.ts';
import type { Raster, Rectangle, Samples, Size } from '../raster.ts';

/** What is averaged, and into what. */
export interface AverageSpec {
  /** Side of the squares. */
  readonly factor: number;
  /** Of the larger picture: squares at its edges may be cut. */
  readonly full: Size;
  /** The wanted part, in pixels of the smaller picture. */
  readonly window: Rectangle;
  readonly bands: number;
  readonly colorSpace: ColorSpace;
}

/**
 * Collects the pixels under a window and gives their means, rounded to the nearest for integers.
 *
 * Floats that are no numbers do not count; where no other is, the mean is none either. The a* and b* of CIELAB in
 * integers are averaged with their sign.
 */
export class Averager {
  readonly #spec: AverageSpec;
  readonly #sums: Float64Array;
  /** Samples that counted; for floats only, where some do not. */
  #counts: Float64Array | undefined;
  #first: Raster | undefined;

  constructor(spec: AverageSpec) {
    this.#spec = spec;
    this.#sums = new Float64Array(spec.window.width * spec.window.height * spec.bands);
  }

  /**
   * Takes a piece, which is written over.
   *
   * @param place where the piece is in the larger picture; wholly inside what the window needs.
   */
  add(piece: Raster, place: { readonly x: number; readonly y: number }): void {
    this.#first ??= { ...piece, data: piece.data.subarray(0, 0) };
    const { factor, window } = this.#spec;
    const at = { x: place.x - window.x * factor, y: place.y - window.y * factor };
    if (piece.sampleFormat === 'float') this.#addFloats(piece, at);
    else {
      flipSigns(piece, this.#spec.colorSpace);
      this.#addIntegers(piece, at);
    }
  }

  /** The means of everything that was added. */
  finish(): Raster {
    const { window, bands, colorSpace } = this.#spec;
    const { width, height } = window;
    if (this.#first === undefined) throw new RangeError('nothing was averaged');
    const { bitsPerSample, sampleFormat } = this.#first;
    const data = allocateSamples(this.#sums.length, bitsPerSample, sampleFormat);
    let at = 0;
    for (const row of this.rows()) {
      divideRow(row, data, at);
      at += width * bands;
    }
    const raster = { width, height, bands, bitsPerSample, sampleFormat, data };
    flipSigns(raster, colorSpace);
    return raster;
  }

  /** Sums and counts of each row of the window, from the top; a* and b* of CIELAB are moved by half of their range. */
  *rows(): Generator<SumRow> {
    const { factor, full, window, bands } = this.#spec;
    const length = window.width * bands;
    for (let y = 0; y < window.height; y++) {
      const sums = this.#sums.subarray(y * length, (y + 1) * length);
      const rows = Math.min(factor, full.height - (window.y + y) * factor);
      const counts =
        this.#counts?.subarray(y * length, (y + 1) * length) ??
        Float64Array.from({ length }, (_, i) => {
          const x = window.x + Math.floor(i / bands);
          return rows * Math.min(factor, full.width - x * factor);
        });
      yield { sums, counts };
    }
  }

  /** Rows of one square are added up as they lie, then columns: one addition for a sample. */
  #addIntegers({ width, height, data }: Raster, at: { readonly x: number; readonly y: number }): void {
    const { factor, bands } = this.#spec;
    const length = width * bands;
    const column = new Float64Array(length);
    for (let y = 0; y < height;) {
      const end = Math.min(height, y + factor - ((at.y + y) % factor));
      sumRows(data, { start: y * length, length, rows: end - y }, column);
      this.#addColumns(column, width, { x: at.x, y: Math.floor((at.y + y) / factor) });
      y = end;
    }
  }

  /** @param at `x` of the larger picture, `y` of the smaller. */
  #addColumns(column: Float64Array, width: number, at: { readonly x: number; readonly y: number }): void {
    const { factor, bands, window } = this.#spec;
    const row = at.y * window.width * bands;
    for (let x = 0; x < width;) {
      const end = Math.min(width, x + factor - ((at.x + x) % factor));
      const to = row + Math.floor((at.x + x) / factor) * bands;
      for (let band = 0; band < bands; band++) {
        let sum = 0;
        for (let i = x * bands + band; i < end * bands; i += bands) sum += column[i]!;
        this.#sums[to + band] = this.#sums[to + band]! + sum;
      }
      x = end;
    }
  }

  #addFloats({ width, height, data }: Raster, at: { readonly x: number; readonly y: number }): void {
    const { factor, bands, window } = this.#spec;
    const sums = this.#sums;
    const counts = (this.#counts ??= new Float64Array(sums.length));
    for (let y = 0, from = 0; y < height; y++) {
      const row = Math.floor((at.y + y) / factor) * window.width;
      for (let x = 0; x < width; x++) {
        const to = (row + Math.floor((at.x + x) / factor)) * bands;
        for (let band = 0; band < bands; band++, from++) {
          const value = data[from]!;
          if (Number.isNaN(value)) continue;
          sums[to + band] = sums[to + band]! + value;
          counts[to + band] = counts[to + band]! + 1;
        }
      }
    }
  }
}

/** Sums of the samples under each sample of one row, and how many there are of them. */
export interface SumRow {
  readonly sums: Float64Array;
  readonly counts: Float64Array;
}

/** The means of a row, rounded to the nearest for integers, from `at` on. */
export function divideRow({ sums, counts }: SumRow, into: Samples, at: number): void {
  const rounding = into instanceof Float32Array ? 0 : 0.5;
  for (let i = 0; i < sums.length; i++) into[at + i] = sums[i]! / counts[i]! + rounding;
}

/** Two's complement of the a* and b* of CIELAB ⇄ the same plus half of the range, in integers. */
export function flipSigns(
  { data, bands, bitsPerSample, sampleFormat }: Raster,
  colorSpace: ColorSpace,
): void {
  if (colorSpace !== 'cielab' || sampleFormat === 'float') return;
  const sign = 2 ** (bitsPerSample - 1);
  for (let i = 0; i < data.length; i += bands) {
    data[i + 1] = (data[i + 1]! + sign) % (2 * sign);
    data[i + 2] = (data[i + 2]! + sign) % (2 * sign);
  }
}

interface RowSpan {
  readonly start: number;
  readonly length: number;
  readonly rows: number;
}

/** The sums of `rows` rows, sample by sample. */
function sumRows(data: Samples, { start, length, rows }: RowSpan, into: Float64Array): void {
  for (let i = 0; i < length; i++) into[i] = data[start + i]!;
  for (let row = 1; row < rows; row++) {
    const from = start + row * length;
    for (let i = 0; i < length; i++) into[i] = into[i]! + data[from + i]!;
  }
}
