/** Changing the size of any raster; resize.ts takes a faster way where there is one. */
import type { Raster, Samples, Size } from '../image/raster.ts';
import { pickRows } from './pick-rows.ts';
import { blankLike } from './rasters.ts';
import { planResample, type ResamplePlan, type RowRange, type Strip } from './resample-plan.ts';
import type { Interpolation, Taps } from './resample-taps.ts';

/**
 * The raster in another size, at least 1 x 1; the same samples and bands. (BEHAVIOUR 2: INTERPOLATION)
 *
 * Samples are weighed as they are: alpha counts as a band like others, NaN spreads to what it touches.
 */
export function resample<R extends Raster>(raster: R, to: Size, interpolation: Interpolation): R {
  if (to.width === raster.width && to.height === raster.height) return raster;
  const plan = planResample(raster, to, interpolation);
  return resampleRows({ top: 0, raster }, plan, { top: 0, height: to.height });
}

/**
 * Some rows of the output, for pictures that are made strip by strip: the same pixels as from the whole.
 *
 * `source` has at least the rows of `sourceRows(plan, output)`.
 */
export function resampleRows<R extends Raster>(source: Strip<R>, plan: ResamplePlan, output: RowRange): R {
  return plan.interpolation === 'nearest' ? pickRows(source, plan, output) : weighRows(source, plan, output);
}

/** First along rows, then along columns. */
function weighRows<R extends Raster>(
  source: Strip<R>,
  { rows, columns, to }: ResamplePlan,
  output: RowRange,
): R {
  const { bands } = source.raster;
  const result = blankLike(source.raster, { width: to.width, height: output.height, bands });
  const ring = new RowRing(source, columns, rows.count);
  const sums = new Float32Array(to.width * bands);
  for (let y = 0; y < output.height; y++) {
    const position = output.top + y;
    sums.fill(0);
    for (let k = 0; k < rows.count; k++) {
      const weight = rows.weights[position * rows.count + k]!;
      if (weight !== 0) accumulate(ring.row(rows.starts[position]! + k), sums, weight);
    }
    const start = y * sums.length;
    settle(sums, result.data.subarray(start, start + sums.length));
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

function accumulate(row: Float32Array, sums: Float32Array, weight: number): void {
  for (let i = 0; i < sums.length; i++) sums[i]! += row[i]! * weight;
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
