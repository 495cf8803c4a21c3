/** What a picture takes while it is made, estimated before anything is allocated. */
import { levelOf } from '../geometry.ts';
import type { OutputFormat } from '../encode/encoder.ts';
import type { ImageInfo, VirtualSource } from '../image/info.ts';
import type { Size } from '../image/raster.ts';
import { PACK_BYTES } from '../image/virtual/pack.ts';
import { PIECE_SAMPLES } from '../image/virtual/pieces.ts';
import type { Depth } from './steps.ts';
import { STRIP_SAMPLES, WHOLE_SAMPLES } from './strips.ts';

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
  const windowSamples = window.width * window.height * info.bands;
  // Put together before the size is changed; twice that while libvips works on it.
  const wholeBytes = windowSamples <= WHOLE_SAMPLES ? windowSamples * (depth / 8) * 2 : 0;
  const sampleBytes = Math.ceil(info.bitsPerSample / 8);
  const outputBytes = output.width * output.height * Math.min(info.bands, 4) * (depth / 8);
  const copies = format === 'png' || format === 'tiff' ? COPIES_LOSSLESS : COPIES_LOSSY;
  // A virtual level is averaged out of pieces: their samples, a row of sums, and a sum for every sample of a strip;
  // small ones are kept.
  const averaging =
    virtual === undefined
      ? 0
      : pieceSamples(info, virtual, window) * (sampleBytes + 8) + stripSamples * 8 + PACK_BYTES;
  return stripSamples * (sampleBytes + 8) + averaging + segmentBytes + wholeBytes + outputBytes * copies;
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
