import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { namedKernel, type ConvolutionKernel } from '../../src/processing/convolve.ts';
import { floatRaster, type FloatRaster } from '../../src/processing/rasters.ts';
import { floats, listOf, noise } from './rasters-of.ts';
import { convolve } from './reference/convolve.ts';

const NAMES = ['sobel', 'prewitt', 'scharr', 'laplace', 'gaussian', 'sharpen', 'emboss'];

function kernel(name: string): ConvolutionKernel {
  const found = namedKernel(name);
  assert.ok(found);
  return found;
}

function noiseFloats(width: number, height: number, bands: number): FloatRaster {
  const next = noise(width + 100 * height + bands);
  return floatRaster({ width, height }, bands, Float32Array.from({ length: width * height * bands }, next));
}

/** The definition, written as plainly as possible. */
function plainly(raster: FloatRaster, weights: ConvolutionKernel): number[] {
  const { width, height, bands, data } = raster;
  const side = Math.sqrt(weights.length);
  const sum = weights.reduce((a, b) => a + b, 0);
  const clamp = (v: number, max: number) => Math.min(Math.max(v, 0), max);
  return Array.from(data, (_, i) => {
    const [x, y, band] = [Math.floor(i / bands) % width, Math.floor(i / bands / width), i % bands];
    return weights.reduce((total, weight, k) => {
      const column = clamp(x + (k % side) - (side - 1) / 2, width - 1);
      const row = clamp(y + Math.floor(k / side) - (side - 1) / 2, height - 1);
      return total + (weight * data[(row * width + column) * bands + band]!) / (sum > 0 ? sum : 1);
    }, 0);
  });
}

function assertClose(made: FloatRaster, wanted: readonly number[]): void {
  assert.equal(made.data.length, wanted.length);
  made.data.forEach((v, i) =>
    assert.ok(Math.abs(v - wanted[i]!) < 1e-5, `sample ${i}: ${v}, not ${wanted[i]}`),
  );
}

describe('convolve', () => {
  const step = floats(1, [0, 0, 1, 1], [0, 0, 1, 1], [0, 0, 1, 1]);

  it('finds where rows grow brighter or darker', () => {
    const rowsOf = (row: readonly number[]) => [...row, ...row, ...row];
    assert.deepEqual(listOf(convolve(step, kernel('sobel'))), rowsOf([0, 4, 4, 0]));
    assert.deepEqual(listOf(convolve(step, kernel('scharr'))), rowsOf([0, 16, 16, 0]));
    assert.deepEqual(listOf(convolve(step, kernel('prewitt'))), rowsOf([0, -3, -3, 0]));
  });

  it('blurs, sharpens, finds spots and embosses', () => {
    const spot = floats(1, [0, 0, 0], [0, 16, 0], [0, 0, 0]);
    assert.deepEqual(listOf(convolve(spot, kernel('gaussian'))), [1, 2, 1, 2, 4, 2, 1, 2, 1]);
    assert.deepEqual(listOf(convolve(spot, kernel('sharpen'))), [0, -16, 0, -16, 80, -16, 0, -16, 0]);
    assert.deepEqual(
      listOf(convolve(spot, kernel('laplace'))),
      [-16, -16, -16, -16, 128, -16, -16, -16, -16],
    );
    // Weights seen from the spot: those of the kernel turned by 180 degrees.
    assert.deepEqual(listOf(convolve(spot, kernel('emboss'))), [32, 16, 0, 16, 16, -16, 0, -16, -32]);
  });

  it('is the plain definition, for bands and sizes of all kinds', () => {
    const kernels = [
      ...NAMES.map(kernel),
      [3],
      [0, 0, 1, 0, 0, 0, 1, 2, 1, 0, 1, 2, 4, 2, 1, 0, 1, 2, 1, 0, 0, 0, 1, 0, 0],
    ];
    for (const raster of [
      noiseFloats(7, 5, 3),
      noiseFloats(1, 1, 1),
      noiseFloats(2, 9, 4),
      noiseFloats(3, 2, 31),
    ]) {
      for (const weights of kernels) assertClose(convolve(raster, weights), plainly(raster, weights));
    }
  });

  it('leaves pixels alone by the kernel of a single 1, and flat ones by any whose sum is positive', () => {
    const raster = noiseFloats(6, 4, 3);
    assert.deepEqual(convolve(raster, [0, 0, 0, 0, 1, 0, 0, 0, 0]), raster);
    assert.deepEqual(convolve(raster, [2]), raster);
    const flat = floats(1, [0.5, 0.5], [0.5, 0.5]);
    for (const name of ['gaussian', 'sharpen', 'emboss'])
      assertClose(convolve(flat, kernel(name)), [0.5, 0.5, 0.5, 0.5]);
  });

  it('does not divide by what rounding leaves of weights that cancel out', () => {
    const weights = [0.1, 0.2, -0.3, 0.1, 0.2, -0.3, 0.1, 0.2, -0.3];
    assert.ok(convolve(step, weights).data.every((v) => Math.abs(v) <= 1));
  });

  it('refuses kernels that are not 1, 3 or 5 on each side', () => {
    for (const count of [0, 2, 4, 5, 16, 49])
      assert.throws(() => convolve(step, Array<number>(count).fill(1)), RangeError);
  });
});

describe('namedKernel', () => {
  it('knows seven kernels of nine weights', () => {
    for (const name of NAMES) assert.equal(kernel(name).length, 9);
    assert.equal(namedKernel('nonsense'), undefined);
    assert.equal(namedKernel('constructor'), undefined);
  });
});
