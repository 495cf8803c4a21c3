/** Histogram equalization: every level gets as much room as it has pixels. */
import { extent, type Histogram } from './histogram.ts';

/**
 * round(255 / total * (cdf - cdfMin)) for each level: cdf counts the pixels up to and including the level, cdfMin is
 * the share (not the count, which would be the textbook's formula) of the first level that has any; recorded
 * pictures are equal byte for byte. A histogram of nothing leaves levels alone.
 */
export function equalizationTable(counts: Histogram): Uint8Array {
  const table = new Uint8Array(256).map((_, level) => level);
  const levels = extent(counts);
  if (levels === undefined) return table;
  const total = counts.reduce((sum, count) => sum + count, 0);
  const cdfMin = counts[levels.first]! / total;
  let cdf = 0;
  for (let level = 0; level < 256; level++) {
    cdf += counts[level]!;
    table[level] = Math.max(0, Math.floor((255 / total) * (cdf - cdfMin) + 0.5));
  }
  return table;
}
