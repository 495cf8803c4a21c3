/** What a picture takes while it is made, estimated before anything is allocated. */
import { levelOf } from '../geometry.ts';
import type { OutputFormat } from '../encode/encoder.ts';
import { infoOfPage, type ImageInfo, type VirtualSource } from '../image/info.ts';
import type { Size } from '../image/raster.ts';
import { PACK_BYTES } from '../image/virtual/pack.ts';
import { PIECE_SAMPLES } from '../image/virtual/pieces.ts';
import type { TaskCost } from './messages.ts';
import type { RenderPlan } from './plan.ts';
import type { SampleQuery } from './samples.ts';
import type { Depth } from './steps.ts';
import { STRIP_SAMPLES } from './strips.ts';

export interface Work {
  readonly level: number;
  readonly window: Size;
  readonly output: Size;
  readonly depth: Depth;
  readonly format: OutputFormat;
}

/**
 * Copies of the output that exist at once, measured: made, turned or drawn on, taken by the encoder; files without loss
 * are nearly as large, and exist in pieces, whole and framed.
 */
const COPIES_LOSSY = 3;
const COPIES_LOSSLESS = 4.5;

/** Bytes at the worst moment: strips in their own samples and as floats, and the output. */
export function requestBytes(info: ImageInfo, { level, window, output, depth, format }: Work): number {
  const { tileHeight, virtual, segmentBytes = 0 } = levelOf(info, level);
  const rowOfTiles = window.width * info.bands * Math.min(tileHeight, window.height);
  const stripSamples = Math.max(
    Math.min(STRIP_SAMPLES, window.width * window.height * info.bands),
    rowOfTiles,
  );
  const sampleBytes = Math.ceil(info.bitsPerSample / 8);
  const outputBytes = output.width * output.height * Math.min(info.bands, 4) * (depth / 8);
  const copies = format === 'png' || format === 'tiff' ? COPIES_LOSSLESS : COPIES_LOSSY;
  // A virtual level is averaged out of pieces: their samples, a row of sums, and a sum for every sample of a strip;
  // small ones are kept.
  const averaging =
    virtual === undefined
      ? 0
      : pieceSamples(info, virtual, window) * (sampleBytes + 8) + stripSamples * 8 + PACK_BYTES;
  return stripSamples * (sampleBytes + 8) + averaging + segmentBytes + outputBytes * copies;
}

/** Tiles of any usual size, and thumbnails of small pictures. */
const TILE_PIXELS = 2 ** 20;

/** Pictures without tiles are decoded in bands or levels of so many bytes at most (`flat-reader.ts`), twice at once. */
const FLAT_BYTES = 2 * 2 ** 26;

/** Lists of samples and their text. */
const BYTES_PER_LISTED_SAMPLE = 64;

const STATISTICS_BYTES = 2 ** 26;

/** What a picture takes; what the decoder of a file without tiles takes is in it. */
export function planCost(image: ImageInfo, plan: RenderPlan): TaskCost {
  const info = infoOfPage(image, plan.source.page);
  const { window, level, steps, encoding } = plan;
  const output = steps.reduce<Size>((size, step) => (step.kind === 'resample' ? step : size), window);
  const depth = steps.some((step) => step.kind === 'contrast' && step.depth === 16) ? 16 : 8;
  const bytes = requestBytes(info, { level, window, output, depth, format: encoding.format });
  const pixels = Math.max(window.width * window.height, output.width * output.height);
  return {
    bytes: bytes + flatBytes(info, level, plan.source.identity.size),
    isExport: pixels > TILE_PIXELS,
    // Colors of inks go through their profile there.
    usesProcess: !TILED_FORMATS.has(info.format) || info.colorSpace === 'cmyk',
  };
}

export function samplesCost({ window, sources }: SampleQuery): TaskCost {
  const bytes = window.width * window.height * sources.length * BYTES_PER_LISTED_SAMPLE;
  return { bytes, isExport: false };
}

/** Statistics are made in strips of the smallest level. */
export function statisticsCost(): TaskCost {
  return { bytes: STATISTICS_BYTES, isExport: true };
}

/**
 * Decoders hold a level in planes, in pixels, and once more to send it: measured are 2.1 (JPEG) to 3.9 (WebP) times its
 * bytes, and 6.7 of AVIF.
 */
const DECODER_COPIES = 4;

const TILED_FORMATS: ReadonlySet<ImageInfo['format']> = new Set(['tiff', 'jp2']);

function flatBytes(info: ImageInfo, level: number, fileBytes: number): number {
  if (TILED_FORMATS.has(info.format)) return 0;
  const { width, height } = levelOf(info, level);
  const levelBytes = width * height * info.bands * (info.bitsPerSample / 8);
  return Math.min(DECODER_COPIES * levelBytes, FLAT_BYTES) + fileBytes;
}

/** Samples of the largest piece that a virtual level is averaged from. */
function pieceSamples(info: ImageInfo, virtual: VirtualSource, window: Size): number {
  const stored = info.levels.filter((level) => level.virtual === undefined)[virtual.from];
  if (stored === undefined) return 0;
  const width = Math.min(window.width * virtual.factor, stored.width);
  const { isCut, tileWidth, tileHeight, rowsTogether = 1 } = stored;
  const least = isCut === true ? width * rowsTogether : tileWidth * tileHeight;
  return Math.max(PIECE_SAMPLES, least * info.bands);
}
