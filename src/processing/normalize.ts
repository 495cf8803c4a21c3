/** Turns stored samples into floats from 0 (the band's minimum) to 1 (its maximum). */
import type { Raster, Samples } from '../image/raster.ts';
import { floatRaster, type FloatRaster } from './rasters.ts';

/** Smallest and largest sample value of each band, in stored values. */
export interface SampleRange {
  readonly min: readonly number[];
  readonly max: readonly number[];
}

/**
 * (v - min) / (max - min) for each band; NaN and infinities become 0, and so does a band without extent
 * (min = max). A minimum above the maximum inverts the band. (BEHAVIOUR 8)
 *
 * @throws {RangeError} when `range` has fewer entries than the raster has bands.
 */
export function normalize(raster: Raster, range: SampleRange): FloatRaster {
  const { bands, data } = raster;
  const { offsets, factors } = coefficients(range, bands);
  const result = new Float32Array(data.length);
  if (factors.every((factor, band) => factor === factors[0] && offsets[band] === offsets[0])) {
    scaleAll(data, result, offsets[0]!, factors[0]!);
  } else {
    scaleBands(data, result, offsets, factors);
  }
  if (data instanceof Float32Array) clearNonFinite(result);
  return floatRaster(raster, bands, result);
}

function coefficients(range: SampleRange, bands: number): { offsets: Float64Array; factors: Float64Array } {
  if (range.min.length < bands || range.max.length < bands) {
    throw new RangeError(`a sample range of ${range.min.length} bands for a raster of ${bands}`);
  }
  const offsets = Float64Array.from(range.min.slice(0, bands));
  const factors = offsets.map((min, band) => {
    const extent = range.max[band]! - min;
    return extent === 0 ? 0 : 1 / extent;
  });
  return { offsets, factors };
}

function scaleAll(from: Samples, to: Float32Array, offset: number, factor: number): void {
  for (let i = 0; i < from.length; i++) to[i] = (from[i]! - offset) * factor;
}

function scaleBands(from: Samples, to: Float32Array, offsets: Float64Array, factors: Float64Array): void {
  const bands = offsets.length;
  for (let i = 0; i < from.length; i += bands) {
    for (let band = 0; band < bands; band++)
      to[i + band] = (from[i + band]! - offsets[band]!) * factors[band]!;
  }
}

function clearNonFinite(samples: Float32Array): void {
  for (let i = 0; i < samples.length; i++) {
    const v = samples[i]!;
    // Only NaN and the infinities differ from themselves when they are taken from themselves.
    if (v - v !== 0) samples[i] = 0;
  }
}
