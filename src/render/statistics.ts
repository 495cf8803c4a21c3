/** Statistics of an image, from its smallest level: range, mean, percentiles and histogram of every band. */
import { levelOf } from '../geometry.ts';
import { infoOfPage, type ImageInfo } from '../image/info.ts';
import { widenedBits, type Raster } from '../image/raster.ts';
import type { ImageReader, WindowAddress } from '../image/reader.ts';
import {
  BINS, countBins, EMPTY_SUMMARY, mergeSummaries, percentile, summarizeBands, type BandSummary, type BinRange,
} from '../processing/statistics.ts'; // prettier-ignore
import type { PlanSource } from './plan.ts';
import { readStrips, type ReadParts } from './strips.ts';

export interface BandStatistics {
  /** Smallest and largest sample, and the mean, in stored values; null for a band of NaN only. */
  readonly min: number | null;
  readonly max: number | null;
  readonly mean: number | null;
  /** Percent → value. */
  readonly percentiles: Readonly<Record<string, number | null>>;
  /** What the bins divide evenly: all values of 8 and 16 bits, else from the smallest to the largest sample. */
  readonly range: readonly [min: number, max: number];
  /** Samples in each of 256 bins. */
  readonly histogram: readonly number[];
}

export interface Statistics {
  /** The level that was counted. */
  readonly width: number;
  readonly height: number;
  readonly bands: readonly BandStatistics[];
}

/** Measures an image. */
export type ReadStatistics = (source: PlanSource, signal: AbortSignal) => Promise<Statistics>;

const PERCENTS = [1, 5, 25, 50, 75, 95, 99];

/** @throws {ServerError} as readers do. */
export async function readStatistics(
  reader: ImageReader,
  page: number,
  parts: ReadParts,
): Promise<Statistics> {
  const info = infoOfPage(reader.info, page);
  const level = info.levels.length - 1;
  const { width, height } = levelOf(info, level);
  const address: WindowAddress = { page, level, window: { x: 0, y: 0, width, height } };
  const summaries = await summarize(reader, address, parts);
  const ranges = summaries.map((summary) => rangeOf(summary, info));
  const counts = ranges.map(() => new Float64Array(BINS));
  for await (const raster of storedStrips(reader, address, parts)) {
    ranges.forEach((range, band) => countBins(raster, band, range, counts[band]!));
  }
  return {
    width,
    height,
    bands: summaries.map((summary, band) => describeBand(summary, ranges[band]!, counts[band]!)),
  };
}

async function summarize(
  reader: ImageReader,
  address: WindowAddress,
  parts: ReadParts,
): Promise<readonly BandSummary[]> {
  let summaries: readonly BandSummary[] = Array<BandSummary>(
    infoOfPage(reader.info, address.page).bands,
  ).fill(EMPTY_SUMMARY);
  for await (const raster of storedStrips(reader, address, parts)) {
    const strip = summarizeBands(raster);
    summaries = summaries.map((summary, band) => mergeSummaries(summary, strip[band] ?? EMPTY_SUMMARY));
  }
  return summaries;
}

/** Strips with the samples of the file: those of 10, 12 and 14 bits are wider in rasters. */
async function* storedStrips(
  reader: ImageReader,
  address: WindowAddress,
  parts: ReadParts,
): AsyncIterable<Raster> {
  const widened = widenedBits(infoOfPage(reader.info, address.page).bitsPerSample);
  for await (const { raster } of readStrips(reader, address, parts)) {
    yield widened === 0 ? raster : { ...raster, data: raster.data.map((value) => value >> widened) };
  }
}

function rangeOf({ min, max, count }: BandSummary, { bitsPerSample, sampleFormat }: ImageInfo): BinRange {
  if (sampleFormat === 'uint' && bitsPerSample <= 16) return { min: 0, max: 2 ** Math.max(bitsPerSample, 8) };
  return count === 0 ? { min: 0, max: 1 } : { min, max };
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

function describeBand(summary: BandSummary, range: BinRange, counts: Float64Array): BandStatistics {
  const percentiles = PERCENTS.map(
    (percent) => [percent, finite(percentile(counts, range, percent / 100))] as const,
  );
  return {
    min: finite(summary.min),
    max: finite(summary.max),
    mean: finite(summary.sum / summary.count),
    percentiles: Object.fromEntries(percentiles),
    range: [range.min, range.max],
    histogram: Array.from(counts),
  };
}
