/** Changing the size of a raster, first along rows, then along columns. */
import type { Raster, Samples, Size } from '../image/raster.ts';
import { blankLike } from './rasters.ts';
import { makeTaps, type Interpolation, type Taps } from './resample-taps.ts';

/** Everything about a change of size that does not depend on pixels. */
export interface ResamplePlan {
  readonly from: Size;
  readonly to: Size;
  readonly columns: Taps;
  readonly rows: Taps;
}

/** Consecutive rows: the first one's number, and how many. */
export interface RowRange {
  readonly top: number;
  readonly height: number;
}

export function planResample(from: Size, to: Size, interpolation: Interpolation): ResamplePlan {
  return {
    from,
    to,
    columns: makeTaps(from.width, to.width, interpolation),
    rows: makeTaps(from.height, to.height, interpolation),
  };
}

/**
 * The raster in another size, at least 1 x 1; the same samples and bands. (BEHAVIOUR 2: INTERPOLATION)
 *
 * Samples are weighed as they are: alpha counts as a band like others, NaN spreads to what it touches.
 */
export function resample<R extends Raster>(raster: R, to: Size, interpolation: Interpolation): R {
  if (to.width === raster.width && to.height === raster.height) return raster;
  const plan = planResample(raster, to, interpolation);
  return resampleRows(raster, 0, plan, { top: 0, height: to.height });
}

/** The rows of the source that some rows of the output are made of. */
export function sourceRows(plan: ResamplePlan, output: RowRange): RowRange {
  const { starts, count } = plan.rows;
  const top = starts[output.top]!;
  return { top, height: starts[output.top + output.height - 1]! + count - top };
}

/**
 * Some rows of the output, for pictures that are made strip by strip; the same pixels as from the whole.
 *
 * `raster` holds rows of the source from `sourceTop` on, at least those of `sourceRows(plan, output)`.
 */
export function resampleRows<R extends Raster>(
  raster: R,
  sourceTop: number,
  plan: ResamplePlan,
  output: RowRange,
): R {
  const { rows, columns, to } = plan;
  const { bands } = raster;
  const result = blankLike(raster, { width: to.width, height: output.height, bands });
  const write = rowWriter(result);
  const ring = new RowRing(raster, sourceTop, columns, rows.count);
  const sums = new Float32Array(to.width * bands);
  for (let y = 0; y < output.height; y++) {
    const position = output.top + y;
    const start = rows.starts[position]!;
    sums.fill(0);
    for (let k = 0; k < rows.count; k++) {
      const weight = rows.weights[position * rows.count + k]!;
      if (weight !== 0) accumulate(ring.row(start + k), sums, weight);
    }
    write(sums, y * sums.length);
  }
  return result;
}

/** Source rows already brought to the output's width: as many as an output row can need, each made once. */
class RowRing {
  readonly #raster: Raster;
  readonly #sourceTop: number;
  readonly #columns: Taps;
  readonly #rows: Float32Array[];
  readonly #numbers: Int32Array;

  constructor(raster: Raster, sourceTop: number, columns: Taps, count: number) {
    this.#raster = raster;
    this.#sourceTop = sourceTop;
    this.#columns = columns;
    const length = columns.starts.length * raster.bands;
    this.#rows = Array.from({ length: count }, () => new Float32Array(length));
    this.#numbers = new Int32Array(count).fill(-1);
  }

  row(number: number): Float32Array {
    const slot = number % this.#rows.length;
    const row = this.#rows[slot]!;
    if (this.#numbers[slot] !== number) {
      const stride = this.#raster.width * this.#raster.bands;
      const start = (number - this.#sourceTop) * stride;
      weighColumns(this.#raster.data.subarray(start, start + stride), row, this.#columns, this.#raster.bands);
      this.#numbers[slot] = number;
    }
    return row;
  }
}

function weighColumns(row: Samples, out: Float32Array, columns: Taps, bands: number): void {
  const { starts, weights, count } = columns;
  if (bands === 3) return weighColumns3(row, out, columns);
  for (let x = 0, o = 0; x < starts.length; x++) {
    const first = starts[x]! * bands;
    for (let band = 0; band < bands; band++, o++) {
      let sum = 0;
      for (let k = 0, i = first + band, w = x * count; k < count; k++, i += bands)
        sum += row[i]! * weights[w + k]!;
      out[o] = sum;
    }
  }
}

function weighColumns3(row: Samples, out: Float32Array, { starts, weights, count }: Taps): void {
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

/** Writes a row of sums into the samples of `raster` from an index on, rounded and clipped where they are integers. */
function rowWriter(raster: Raster): (sums: Float32Array, at: number) => void {
  const { data } = raster;
  if (data instanceof Float32Array) return (sums, at) => data.set(sums, at);
  const white = 2 ** raster.bitsPerSample - 1;
  return (sums, at) => {
    for (let i = 0; i < sums.length; i++) {
      const v = sums[i]! + 0.5;
      data[at + i] = v > 0 ? (v < white ? v : white) : 0;
    }
  };
}
