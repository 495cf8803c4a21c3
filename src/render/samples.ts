/** Reads plain sample values out of images, for spectra and profiles. */
import { infoOfPage, type ImageInfo } from '../image/info.ts';
import { widenedBits, type Raster, type Rectangle, type SampleFormat } from '../image/raster.ts';
import type { FindReader } from './copy.ts';
import type { PlanSource } from './plan.ts';
import { readClocked, type ReadParts } from './strips.ts';

/** Which samples are read: one window of one level in each of several sources (views or pages). */
export interface SampleQuery {
  readonly level: number;
  readonly window: Rectangle;
  readonly sources: readonly SampleSource[];
}

export interface SampleSource extends PlanSource {
  /** Name of the view or page, for people. */
  readonly name: string;
  /** Factor on the values (TIFF StoNits). */
  readonly scale: number;
}

/** For each source the samples of the window, row by row, interleaved over bands. */
export interface SampleRow {
  readonly name: string;
  readonly scale: number;
  /** 8 for narrower ones. */
  readonly bitsPerSample: number;
  readonly sampleFormat: SampleFormat;
  readonly values: readonly number[];
}

export type SampleTable = readonly SampleRow[];

/** Reads the values. */
export type ReadSamples = (query: SampleQuery, signal: AbortSignal) => Promise<SampleTable>;

/** @throws {ServerError} as readers do. */
export async function readSamples(
  query: SampleQuery,
  findReader: FindReader,
  parts: ReadParts,
): Promise<SampleTable> {
  const table: SampleRow[] = [];
  for (const source of query.sources) {
    const reader = await findReader(source);
    const address = { page: source.page, level: query.level, window: query.window };
    const { name, scale } = source;
    table.push({
      name,
      scale,
      ...storedSamples(await readClocked(reader, address, parts), infoOfPage(reader.info, source.page)),
    });
  }
  return table;
}

/** The samples as the file has them: those of 10, 12 and 14 bits are wider in rasters. */
function storedSamples(
  raster: Raster,
  info: ImageInfo,
): Pick<SampleRow, 'bitsPerSample' | 'sampleFormat' | 'values'> {
  const { bitsPerSample, sampleFormat, data } = raster;
  const widened = widenedBits(info.bitsPerSample);
  if (widened === 0) return { bitsPerSample, sampleFormat, values: Array.from(data) };
  return {
    bitsPerSample: info.bitsPerSample,
    sampleFormat,
    values: Array.from(data, (value) => value >> widened),
  };
}
