/** Convolution, sample by sample. */
import type { ConvolutionKernel } from '../../../src/processing/convolve.ts';
import { floatRaster, type FloatRaster } from '../../../src/processing/rasters.ts';

/**
 * out(x, y) = sum of weight(dx, dy) * in(x + dx, y + dy), divided by the kernel's sum when that is positive. Pixels
 * over the edge are those at the edge. Bands do not mix. (BEHAVIOUR 8)
 *
 * @throws {RangeError} for a kernel that is no square with a side of 1, 3 or 5.
 */
export function convolve(raster: FloatRaster, kernel: ConvolutionKernel): FloatRaster {
  const { width, height, bands, data } = raster;
  const rows = kernelRows(kernel);
  const reach = (rows.length - 1) / 2;
  const length = width * bands;
  const result = new Float32Array(data.length);
  // As many padded rows as the kernel is high: each is filled once and replaced by the one that far down.
  const padded = rows.map(() => new Float32Array(length + 2 * reach * bands));
  for (let row = -reach; row < height + reach; row++) {
    const y = Math.min(Math.max(row, 0), height - 1);
    padRow(data.subarray(y * length, (y + 1) * length), padded[(row + reach) % rows.length]!, bands);
    if (row < reach) continue;
    const top = row - reach;
    const sums = result.subarray(top * length, (top + 1) * length);
    for (let dy = 0; dy < rows.length; dy++) rows[dy]!(padded[(top + dy) % rows.length]!, sums, bands);
  }
  return floatRaster(raster, bands, result);
}

/** Adds to each sum the weighted samples around it; `padded` starts as many pixels before as the kernel reaches. */
type AddRow = (padded: Float32Array, sums: Float32Array, bands: number) => void;

/** One for each row of the kernel. The loops are written out: this way they take a third of the time. */
function kernelRows(kernel: ConvolutionKernel): AddRow[] {
  const side = Math.sqrt(kernel.length);
  if (side !== 1 && side !== 3 && side !== 5) throw new RangeError(`a kernel of ${kernel.length} weights`);
  const sum = kernel.reduce((a, b) => a + b, 0);
  // Weights that cancel out may leave a rounding error behind, which is no positive sum.
  const divisor = sum > 1e-9 ? sum : 1;
  return Array.from({ length: side }, (_, row) => {
    const weights = kernel.slice(row * side, (row + 1) * side).map((weight) => weight / divisor);
    if (side === 1) return (padded, sums) => addRow1(padded, sums, weights);
    return side === 3
      ? (padded, sums, bands) => addRow3(padded, sums, bands, weights)
      : (padded, sums, bands) => addRow5(padded, sums, bands, weights);
  });
}

function addRow1(padded: Float32Array, sums: Float32Array, [a = 0]: readonly number[]): void {
  for (let i = 0; i < sums.length; i++) sums[i]! += a * padded[i]!;
}

function addRow3(padded: Float32Array, sums: Float32Array, bands: number, weights: readonly number[]): void {
  const [a = 0, b = 0, c = 0] = weights;
  const two = 2 * bands;
  for (let i = 0; i < sums.length; i++)
    sums[i]! += a * padded[i]! + b * padded[i + bands]! + c * padded[i + two]!;
}

function addRow5(padded: Float32Array, sums: Float32Array, bands: number, weights: readonly number[]): void {
  const [a = 0, b = 0, c = 0, d = 0, e = 0] = weights;
  const two = 2 * bands;
  const three = 3 * bands;
  const four = 4 * bands;
  for (let i = 0; i < sums.length; i++) {
    const left = a * padded[i]! + b * padded[i + bands]!;
    sums[i]! += left + c * padded[i + two]! + d * padded[i + three]! + e * padded[i + four]!;
  }
}

/** Copies a row into the middle of `padded` and repeats its first and last pixel up to the ends. */
function padRow(row: Float32Array, padded: Float32Array, bands: number): void {
  const margin = (padded.length - row.length) / 2;
  padded.set(row, margin);
  for (let i = 0; i < margin; i++) {
    padded[i] = row[i % bands]!;
    padded[margin + row.length + i] = row[row.length - bands + (i % bands)]!;
  }
}
