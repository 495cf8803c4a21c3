/** Black and white: a threshold chosen from the histogram, and its application. */
import type { Histogram } from './histogram.ts';
import { eightBitRaster, type ByteRaster } from './rasters.ts';

/**
 * The level that parts a histogram best: the variance between the levels up to and including it and those above is
 * largest. The lowest of several; 0 for a histogram of nothing or of a single level. (N. Otsu, A threshold selection
 * method from gray-level histograms, IEEE Trans. SMC 9, 1979)
 */
export function otsuThreshold(counts: Histogram): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const moment = counts.reduce((sum, count, level) => sum + count * level, 0);
  let threshold = 0;
  let widest = 0;
  let below = 0;
  let momentBelow = 0;
  for (let level = 0; level < 256; level++) {
    below += counts[level]!;
    momentBelow += counts[level]! * level;
    const above = total - below;
    if (below === 0 || above === 0) continue;
    const distance = momentBelow / below - (moment - momentBelow) / above;
    const variance = below * above * distance * distance;
    if (variance > widest) {
      widest = variance;
      threshold = level;
    }
  }
  return threshold;
}

/** Levels of the first band below `threshold` become 0, others 255; further bands (alpha) stay. (BEHAVIOUR 8) */
export function binary(raster: ByteRaster, threshold: number): ByteRaster {
  const { bands, data } = raster;
  const result = new Uint8Array(data);
  for (let i = 0; i < data.length; i += bands) result[i] = data[i]! < threshold ? 0 : 255;
  return eightBitRaster(raster, bands, result);
}
