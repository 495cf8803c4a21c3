/** Changing the size of a raster by weighted means of its pixels, first along rows, then along columns. */
import type { Raster, Samples } from '../image/raster.ts';
import { blankLike } from './rasters.ts';
import type { ResamplePlan, RowRange, Strip } from './resample-plan.ts';
import type { Taps } from './resample-taps.ts';

/** Some rows of the output of a plan; `source` has at least the rows that they are made of. */
export function weighRows<R extends Raster>(source: Strip<R>, plan: ResamplePlan, output: RowRange): R {
  const { rows, columns, to } = plan;
  const { bands } = source.raster;
  const result = blankLike(source.raster, { width: to.width, height: output.height, bands });
  const ring = new RowRing(source, columns, rows.count);
  const sums = new Float32Array(to.width * bands);
  for (let y = 0; y < output.height; y++) {
    const position = output.top + y;
    const first = rows.starts[position]!;
    const weights = rows.weights.subarray(position * rows.count, (position + 1) * rows.count);
    // Two rows at once: every pass over the sums costs as much as a multiplication.
    for (let k = 0; k < rows.count; k += 2) {
      const next = Math.min(k + 1, rows.count - 1);
      const pair = { one: ring.row(first + k), other: ring.row(first + next) };
      const otherWeight = next === k ? 0 : weights[next]!;
      if (k === 0) weigh(pair, weights[k]!, otherWeight, sums);
      else addWeighed(pair, weights[k]!, otherWeight, sums);
    }
    settle(sums, result.data.subarray(y * sums.length, (y + 1) * sums.length));
  }
  return result;
}

/** Source rows already brought to the output's width: as many as one output row can need, each made once. */
class RowRing {
  readonly #source: Strip;
  readonly #columns: Taps;
  readonly #rows: Float32Array[];
  readonly #numbers: Int32Array;

  constructor(source: Strip, columns: Taps, count: number) {
    this.#source = source;
    this.#columns = columns;
    const length = columns.starts.length * source.raster.bands;
    this.#rows = Array.from({ length: count }, () => new Float32Array(length));
    this.#numbers = new Int32Array(count).fill(-1);
  }

  row(number: number): Float32Array {
    const slot = number % this.#rows.length;
    const row = this.#rows[slot]!;
    if (this.#numbers[slot] !== number) {
      const { top, raster } = this.#source;
      const stride = raster.width * raster.bands;
      const start = (number - top) * stride;
      weighColumns(raster.data.subarray(start, start + stride), row, this.#columns, raster.bands);
      this.#numbers[slot] = number;
    }
    return row;
  }
}

function weighColumns(row: Samples, out: Float32Array, columns: Taps, bands: number): void {
  if (bands === 3) return weighColumnsOfColor(row, out, columns);
  const { starts, weights, count } = columns;
  for (let x = 0, o = 0; x < starts.length; x++) {
    const first = starts[x]! * bands;
    for (let band = 0; band < bands; band++, o++) {
      let sum = 0;
      for (let k = 0, i = first + band; k < count; k++, i += bands) sum += row[i]! * weights[x * count + k]!;
      out[o] = sum;
    }
  }
}

function weighColumnsOfColor(row: Samples, out: Float32Array, { starts, weights, count }: Taps): void {
  for (let x = 0, w = 0, o = 0; x < starts.length; x++, o += 3) {
    let red = 0;
    let green = 0;
    let blue = 0;
    for (let k = 0, i = starts[x]! * 3; k < count; k++, i += 3) {
      const weight = weights[w++]!;
      red += row[i]! * weight;
      green += row[i + 1]! * weight;
      blue += row[i + 2]! * weight;
    }
    out[o] = red;
    out[o + 1] = green;
    out[o + 2] = blue;
  }
}

interface RowPair {
  readonly one: Float32Array;
  readonly other: Float32Array;
}

function weigh({ one, other }: RowPair, weight: number, otherWeight: number, sums: Float32Array): void {
  for (let i = 0; i < sums.length; i++) sums[i] = one[i]! * weight + other[i]! * otherWeight;
}

function addWeighed({ one, other }: RowPair, weight: number, otherWeight: number, sums: Float32Array): void {
  for (let i = 0; i < sums.length; i++) sums[i]! += one[i]! * weight + other[i]! * otherWeight;
}

/** Stores a row of sums, rounded and clipped where samples are integers. */
function settle(sums: Float32Array, row: Samples): void {
  if (row instanceof Float32Array) {
    row.set(sums);
  } else if (row instanceof Uint8Array) {
    for (let i = 0; i < sums.length; i++) {
      const v = sums[i]! + 0.5;
      row[i] = v > 0 ? (v < 255 ? v : 255) : 0;
    }
  } else {
    const white = 2 ** (8 * row.BYTES_PER_ELEMENT) - 1;
    for (let i = 0; i < sums.length; i++) row[i] = Math.min(Math.max(sums[i]! + 0.5, 0), white);
  }
}
