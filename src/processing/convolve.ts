/** Convolution with a small kernel: blur, sharpen, find edges. */
import { floatRaster, type FloatRaster } from './rasters.ts';

/** The weights of a square with an odd side, row after row. */
export type ConvolutionKernel = readonly number[];

// The three edge finders see changes along rows only; sobel and scharr are bright where a row grows brighter, prewitt
// where it grows darker. All weights were found by least squares from recorded pictures.
const KERNELS: ReadonlyMap<string, ConvolutionKernel> = new Map([
  ['sobel', [-1, 0, 1, -2, 0, 2, -1, 0, 1]],
  ['prewitt', [1, 0, -1, 1, 0, -1, 1, 0, -1]],
  ['scharr', [-3, 0, 3, -10, 0, 10, -3, 0, 3]],
  ['laplace', [-1, -1, -1, -1, 8, -1, -1, -1, -1]],
  ['gaussian', [1, 2, 1, 2, 4, 2, 1, 2, 1]],
  ['sharpen', [0, -1, 0, -1, 5, -1, 0, -1, 0]],
  ['emboss', [-2, -1, 0, -1, 1, 1, 0, 1, 2]],
]);

/** The names that `namedKernel` knows. */
export const KERNEL_NAMES: readonly string[] = [...KERNELS.keys()];

/** The kernel of a name, 3 x 3; `undefined` for an unknown name. (BEHAVIOUR 5: CNV) */
export function namedKernel(name: string): ConvolutionKernel | undefined {
  return KERNELS.get(name);
}

/**
 * out(x, y) = sum of weight(dx, dy) * in(x + dx, y + dy), divided by the kernel's sum when that is positive. Pixels
 * over the edge are those at the edge. Bands do not mix. (BEHAVIOUR 8)
 *
 * @throws {RangeError} for a kernel that is no square with an odd side.
 */
export function convolve(raster: FloatRaster, kernel: ConvolutionKernel): FloatRaster {
  const side = Math.sqrt(kernel.length);
  if (side % 2 !== 1) throw new RangeError(`${kernel.length} weights are no square with an odd side`);
  const { width, height, bands, data } = raster;
  const reach = (side - 1) / 2;
  const taps = nonZeroTaps(kernel, side, bands);
  const length = width * bands;
  const result = new Float32Array(data.length);
  // As many padded rows as the kernel is high: each is filled once and replaced by the one `side` rows further down.
  const padded = Array.from({ length: side }, () => new Float32Array(length + 2 * reach * bands));
  for (let row = -reach; row < height + reach; row++) {
    const y = Math.min(Math.max(row, 0), height - 1);
    padRow(data.subarray(y * length, (y + 1) * length), padded[(row + reach) % side]!, bands);
    if (row < reach) continue;
    const top = row - reach;
    const sums = result.subarray(top * length, (top + 1) * length);
    for (const { dy, offset, weight } of taps) accumulate(padded[(top + dy) % side]!, sums, offset, weight);
  }
  return floatRaster(raster, bands, result);
}

interface Tap {
  /** Rows below the kernel's top. */
  readonly dy: number;
  /** Samples from the kernel's left edge. */
  readonly offset: number;
  readonly weight: number;
}

function nonZeroTaps(kernel: ConvolutionKernel, side: number, bands: number): Tap[] {
  const sum = kernel.reduce((a, b) => a + b, 0);
  // Weights that cancel out may leave a rounding error behind, which is no positive sum.
  const divisor = sum > 1e-9 ? sum : 1;
  return kernel
    .map((weight, i) => ({ dy: Math.floor(i / side), offset: (i % side) * bands, weight: weight / divisor }))
    .filter((tap) => tap.weight !== 0);
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

function accumulate(padded: Float32Array, sums: Float32Array, offset: number, weight: number): void {
  for (let i = 0; i < sums.length; i++) sums[i]! += weight * padded[i + offset]!;
}
