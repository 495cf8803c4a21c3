/** Color twist: every output band is a weighted sum of the input bands. */
import { ServerError } from '../errors.ts';
import { floatRaster, type FloatRaster } from './rasters.ts';

/**
 * out_k = sum over j of matrix[k][j] * in_j. A row for each output band, a column for each input band; missing
 * columns are 0, columns beyond the bands are ignored. (BEHAVIOUR 5 and 8)
 *
 * @throws {ServerError} `bad-request` for a matrix without rows.
 */
export function twist(raster: FloatRaster, matrix: readonly (readonly number[])[]): FloatRaster {
  const rows = matrix.length;
  if (rows === 0) throw new ServerError('bad-request', 'a color twist needs a matrix of at least one row');
  const { bands, data } = raster;
  const weights = flatten(matrix, bands);
  const result = new Float32Array(raster.width * raster.height * rows);
  if (bands === 3 && rows === 3) multiply3(data, result, weights);
  else multiply(data, result, weights, bands);
  return floatRaster(raster, rows, result);
}

/** Row after row, `bands` weights each. */
function flatten(matrix: readonly (readonly number[])[], bands: number): Float64Array {
  const weights = new Float64Array(matrix.length * bands);
  matrix.forEach((row, k) => weights.set(row.slice(0, bands), k * bands));
  return weights;
}

function multiply(from: Float32Array, to: Float32Array, weights: Float64Array, bands: number): void {
  for (let pixel = 0, out = 0; pixel < from.length; pixel += bands) {
    for (let weight = 0; weight < weights.length; out++) {
      let sum = 0;
      for (let band = 0; band < bands; band++) sum += weights[weight++]! * from[pixel + band]!;
      to[out] = sum;
    }
  }
}

/** The commonest shape, unrolled. */
function multiply3(from: Float32Array, to: Float32Array, weights: Float64Array): void {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0, i = 0] = weights;
  for (let p = 0; p < from.length; p += 3) {
    const x = from[p]!;
    const y = from[p + 1]!;
    const z = from[p + 2]!;
    to[p] = a * x + b * y + c * z;
    to[p + 1] = d * x + e * y + f * z;
    to[p + 2] = g * x + h * y + i * z;
  }
}
