/** Color twist: every output band is a weighted sum of the input bands. */
import { ServerError } from '../../../src/errors.ts';
import type { Raster, Samples } from '../../../src/image/raster.ts';
import { normalize, type SampleRange } from '../../../src/processing/normalize.ts';
import { floatRaster, isFloat, type FloatRaster } from '../../../src/processing/rasters.ts';

/** A row for each output band, a column for each input band; missing columns are 0, surplus ones are ignored. */
export type TwistMatrix = readonly (readonly number[])[];

/**
 * out_k = sum over j of matrix[k][j] * in_j. (BEHAVIOUR 5 and 8)
 *
 * @throws {ServerError} `bad-request` for a matrix without rows.
 */
export function twist(raster: FloatRaster, matrix: TwistMatrix): FloatRaster {
  return multiply(raster, weightsOf(matrix, raster.bands));
}

/**
 * `twist(normalize(raster, range), matrix)` in one pass without the floats in between, which for integers of many
 * bands are four times the picture; equal within a rounding of single precision.
 *
 * @throws {ServerError} `bad-request` for a matrix without rows.
 * @throws {RangeError} when `range` has fewer entries than the raster has bands.
 */
export function twistNormalized(raster: Raster, range: SampleRange, matrix: TwistMatrix): FloatRaster {
  // NaN and infinities have to be cleared one by one.
  if (isFloat(raster)) return twist(normalize(raster, range), matrix);
  const { bands } = raster;
  if (range.min.length < bands || range.max.length < bands) {
    throw new RangeError(`a sample range of ${range.min.length} bands for a raster of ${bands}`);
  }
  const rows = weightsOf(matrix, bands).map(({ weights }) => {
    const perSample = weights.map((weight, band) => {
      const extent = range.max[band]! - range.min[band]!;
      return extent === 0 ? 0 : weight / extent;
    });
    return {
      weights: perSample,
      start: -perSample.reduce((sum, weight, band) => sum + weight * range.min[band]!, 0),
    };
  });
  return multiply(raster, rows);
}

/** out = start + sum of weights[j] * in_j */
interface OutputBand {
  readonly weights: Float64Array;
  readonly start: number;
}

function weightsOf(matrix: TwistMatrix, bands: number): OutputBand[] {
  if (matrix.length === 0)
    throw new ServerError('bad-request', 'a color twist needs a matrix of at least one row');
  return matrix.map((row) => ({
    weights: new Float64Array(bands).map((_, band) => row[band] ?? 0),
    start: 0,
  }));
}

function multiply(raster: Raster, rows: readonly OutputBand[]): FloatRaster {
  const result = new Float32Array(raster.width * raster.height * rows.length);
  const [red, green, blue, ...others] = rows;
  if (red !== undefined && green !== undefined && blue !== undefined && others.length === 0) {
    multiplyToColor(raster.data, result, [red, green, blue]);
  } else {
    rows.forEach((row, k) => multiplyToBand(raster, result, row, { index: k, bands: rows.length }));
  }
  return floatRaster(raster, rows.length, result);
}

function multiplyToBand(
  { data, bands }: Raster,
  to: Float32Array,
  { weights, start }: OutputBand,
  target: { readonly index: number; readonly bands: number },
): void {
  for (let pixel = 0, out = target.index; pixel < data.length; pixel += bands, out += target.bands) {
    let sum = start;
    for (let band = 0; band < bands; band++) sum += weights[band]! * data[pixel + band]!;
    to[out] = sum;
  }
}

/** Three output bands at once, each sample read once: half the time of band after band. */
function multiplyToColor(
  from: Samples,
  to: Float32Array,
  [red, green, blue]: readonly [OutputBand, OutputBand, OutputBand],
): void {
  const [reds, greens, blues] = [red.weights, green.weights, blue.weights];
  const bands = reds.length;
  for (let pixel = 0, out = 0; pixel < from.length; pixel += bands, out += 3) {
    let r = red.start;
    let g = green.start;
    let b = blue.start;
    for (let band = 0; band < bands; band++) {
      const v = from[pixel + band]!;
      r += reds[band]! * v;
      g += greens[band]! * v;
      b += blues[band]! * v;
    }
    to[out] = r;
    to[out + 1] = g;
    to[out + 2] = b;
  }
}
