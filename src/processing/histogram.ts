/** The histogram of a picture and what is read from it: bounds for stretching, levels for equalizing, a threshold. */
import type { Raster } from '../image/raster.ts';
import type { SampleRange } from './normalize.ts';
import type { ByteRaster } from './rasters.ts';

/** How many pixels there are of each of 256 levels. */
export type Histogram = Uint32Array;

/**
 * Counts the pixels of each level, the level of a pixel being the mean of its bands, rounded.
 *
 * The raster is the image's smallest level's first tile, normalized and brought to 8 bits with contrast 1.
 * (BEHAVIOUR 8)
 */
export function histogram(raster: ByteRaster): Histogram {
  const { bands, data } = raster;
  const counts = new Uint32Array(256);
  const levelOfSum = new Uint8Array(255 * bands + 1).map((_, sum) => Math.floor(sum / bands + 0.5));
  for (let i = 0; i < data.length; i += bands) {
    let sum = 0;
    for (let band = 0; band < bands; band++) sum += data[i + band]!;
    counts[levelOfSum[sum]!]!++;
  }
  return counts;
}

/** The first and the last level that has pixels; `undefined` for a histogram of nothing. */
export function extent(counts: Histogram): { readonly first: number; readonly last: number } | undefined {
  const first = counts.findIndex((count) => count > 0);
  return first < 0 ? undefined : { first, last: counts.findLastIndex((count) => count > 0) };
}

/**
 * The range of samples to normalize by so that a picture uses all levels: the first and the last level with pixels,
 * as samples of each band. A picture of a single level keeps its range. (BEHAVIOUR 8: stretch)
 *
 * `range` is the one that the histogram was made with. Of integers a level is 1/256 of the range's values, so that
 * level 5 of 16 bits is 1280; of floats 1/255 of its extent.
 */
export function stretchBounds(
  counts: Histogram,
  range: SampleRange,
  sampleFormat: Raster['sampleFormat'],
): SampleRange {
  const levels = extent(counts);
  if (levels === undefined || levels.first === levels.last) return range;
  const sampleOf = (level: number) => (min: number, band: number) => {
    const distance = range.max[band]! - min;
    return min + (sampleFormat === 'float' ? (level * distance) / 255 : (level * (distance + 1)) / 256);
  };
  return { min: range.min.map(sampleOf(levels.first)), max: range.min.map(sampleOf(levels.last)) };
}
