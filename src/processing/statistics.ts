/** Numbers about the samples of a picture, band by band, gathered strip by strip. */
import type { Raster } from '../image/raster.ts';

/** Extent and sum of one band; NaN and infinities do not count. */
export interface BandSummary {
  readonly min: number;
  readonly max: number;
  readonly sum: number;
  readonly count: number;
}

export const EMPTY_SUMMARY: BandSummary = { min: Infinity, max: -Infinity, sum: 0, count: 0 };

/** Summaries of the bands of a raster. */
export function summarizeBands(raster: Raster): readonly BandSummary[] {
  return Array.from({ length: raster.bands }, (_, band) => summarizeBand(raster, band));
}

function summarizeBand({ bands, data }: Raster, band: number): BandSummary {
  let [min, max, sum, count] = [Infinity, -Infinity, 0, 0];
  for (let i = band; i < data.length; i += bands) {
    const v = data[i]!;
    // Only NaN and the infinities differ from themselves when they are taken from themselves.
    if (v - v !== 0) continue;
    if (v < min) min = v;
    if (v > max) max = v;
    sum += v;
    count++;
  }
  return { min, max, sum, count };
}

/** The summary of both. */
export function mergeSummaries(one: BandSummary, other: BandSummary): BandSummary {
  return {
    min: Math.min(one.min, other.min),
    max: Math.max(one.max, other.max),
    sum: one.sum + other.sum,
    count: one.count + other.count,
  };
}

export const BINS = 256;

/** The values that the bins divide evenly; the last bin includes `max`. */
export interface BinRange {
  readonly min: number;
  readonly max: number;
}

/** Adds the samples of one band to `counts` (256 bins over `range`); samples outside count in the outermost bins. */
export function countBins(
  { bands, data }: Raster,
  band: number,
  { min, max }: BinRange,
  counts: Float64Array,
): void {
  const factor = max > min ? BINS / (max - min) : 0;
  for (let i = band; i < data.length; i += bands) {
    const v = data[i]!;
    if (v - v !== 0) continue;
    counts[Math.min(Math.max(Math.floor((v - min) * factor), 0), BINS - 1)]!++;
  }
}

/**
 * The value below which `share` (0 to 1) of the counted samples lie, linear inside its bin; of 8-bit samples, whose
 * bins are single values, exact. NaN for no samples.
 */
export function percentile(counts: Float64Array, { min, max }: BinRange, share: number): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const wanted = total * share;
  const width = (max - min) / BINS;
  let below = 0;
  for (let bin = 0; bin < BINS; bin++) {
    const count = counts[bin]!;
    if (count > 0 && below + count >= wanted) {
      const inside = width === 1 ? 0 : (wanted - below) / count;
      return min + (bin + inside) * width;
    }
    below += count;
  }
  return NaN;
}
