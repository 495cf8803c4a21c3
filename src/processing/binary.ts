/** Black and white: a threshold chosen from the histogram. */
import type { Histogram } from './histogram.ts';

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
