/** What a picture takes while it is made, estimated before anything is allocated. */
import { levelOf } from '../geometry.ts';
import type { ImageInfo } from '../image/info.ts';
import type { Size } from '../image/raster.ts';
import { STRIP_SAMPLES, WHOLE_SAMPLES } from './strips.ts';

export interface Work {
  readonly level: number;
  readonly window: Size;
  readonly output: Size;
}

/** Copies of the output that exist at once: made, turned or drawn on, handed to the encoder, the file. */
const OUTPUT_COPIES = 4;

/** Bytes at the worst moment: strips in their own samples and as floats, and the output. */
export function requestBytes(info: ImageInfo, { level, window, output }: Work): number {
  const { tileHeight } = levelOf(info, level);
  const rowOfTiles = window.width * info.bands * Math.min(tileHeight, window.height);
  const stripSamples = Math.max(
    Math.min(STRIP_SAMPLES, window.width * window.height * info.bands),
    rowOfTiles,
  );
  const windowSamples = window.width * window.height * info.bands;
  // Put together before the size is changed; twice that while libvips works on it.
  const wholeBytes =
    windowSamples <= WHOLE_SAMPLES ? windowSamples * (info.bitsPerSample > 8 ? 2 : 1) * 2 : 0;
  const sampleBytes = Math.ceil(info.bitsPerSample / 8);
  const outputBytes =
    output.width * output.height * Math.min(info.bands, 4) * (info.bitsPerSample > 8 ? 2 : 1);
  return stripSamples * (sampleBytes + 8) + wholeBytes + outputBytes * OUTPUT_COPIES;
}
