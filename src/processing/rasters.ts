/** The rasters that kernels pass on: floats while values are worked on, bytes when they are settled. */
import { allocateSamples, rasterOf, type Raster, type Samples, type Size } from '../image/raster.ts';

/** Samples are nominally 0 to 1; values outside, NaN and infinities may occur until `contrast` clamps them. */
export interface FloatRaster extends Raster {
  readonly bitsPerSample: 32;
  readonly sampleFormat: 'float';
  readonly data: Float32Array;
}

export interface ByteRaster extends Raster {
  readonly bitsPerSample: 8;
  readonly sampleFormat: 'uint';
  readonly data: Uint8Array;
}

export interface WordRaster extends Raster {
  readonly bitsPerSample: 16;
  readonly sampleFormat: 'uint';
  readonly data: Uint16Array;
}

/** A float raster over `size.width * size.height * bands` samples. */
export function floatRaster(size: Size, bands: number, data: Float32Array): FloatRaster {
  return { width: size.width, height: size.height, bands, bitsPerSample: 32, sampleFormat: 'float', data };
}

/** An 8-bit raster over `size.width * size.height * bands` samples. */
export function eightBitRaster(size: Size, bands: number, data: Uint8Array): ByteRaster {
  return { width: size.width, height: size.height, bands, bitsPerSample: 8, sampleFormat: 'uint', data };
}

/** A 16-bit raster over `size.width * size.height * bands` samples. */
export function sixteenBitRaster(size: Size, bands: number, data: Uint16Array): WordRaster {
  return { width: size.width, height: size.height, bands, bitsPerSample: 16, sampleFormat: 'uint', data };
}

/** Whether the samples are 8-bit; tells the compiler so. */
export function isEightBit(raster: Raster): raster is ByteRaster {
  return raster.data instanceof Uint8Array;
}

/** Whether the samples are floats; tells the compiler so. */
export function isFloat(raster: Raster): raster is FloatRaster {
  return raster.data instanceof Float32Array;
}

/** The shape of a raster: what kernels that only move or weigh pixels may change. */
export interface Shape extends Size {
  readonly bands: number;
}

/** A zeroed raster of the given shape whose samples are of the same type as those of `raster`. */
export function blankLike<R extends Raster>(raster: R, shape: Shape): R {
  const length = shape.width * shape.height * shape.bands;
  return reshaped(raster, shape, allocateSamples(length, raster.bitsPerSample, raster.sampleFormat));
}

/** `raster` with other samples of the same type, in another shape. */
export function reshaped<R extends Raster>(raster: R, shape: Shape, data: Samples): R {
  // The byte edge: that the array fits the raster's type is what callers promise, the compiler cannot follow it.
  const { bitsPerSample, sampleFormat } = raster;
  return rasterOf(shape, { bands: shape.bands, bitsPerSample, sampleFormat }, data) as R;
}
