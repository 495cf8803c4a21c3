/** The one door to sharp: pixels in as they are, a file's bytes out, failures told as ours. */
import { sharp } from '../image/lazy-sharp.ts';
import type { Sharp } from 'sharp';
import { ServerError } from '../errors.ts';
import { byteRaster } from '../image/raster.ts';
import type { Raster } from '../image/raster.ts';

/**
 * A pipeline over the samples of an 8-bit raster.
 *
 * Gray stays gray only for a caller that sets `toColourspace('b-w')`; else sharp repeats it in red, green and
 * blue, values unchanged.
 */
export function pixelPipeline(raster: Raster): Sharp {
  const channels = raster.bands;
  if (channels !== 1 && channels !== 2 && channels !== 3 && channels !== 4) {
    throw new ServerError('internal', 'internal server error', { facts: { channels } });
  }
  const { width, height } = raster;
  return sharp(raster.data, { raw: { width, height, channels }, limitInputPixels: false });
}

/** A pipeline over a file that this server made itself, so no limit on its pixels is needed. */
export function filePipeline(file: Uint8Array): Sharp {
  return sharp(file, { limitInputPixels: false });
}

/**
 * Runs a pipeline.
 *
 * @throws {ServerError} `internal` when the encoder fails.
 */
export async function fileFrom(pipeline: Sharp): Promise<Uint8Array> {
  try {
    return await pipeline.toBuffer();
  } catch (cause) {
    throw new ServerError('internal', 'the picture could not be encoded', { cause });
  }
}

/** Sharp's lowest quality is 1; it takes whole numbers only. */
export function sharpQuality(quality: number): number {
  return Math.min(100, Math.max(1, Math.round(quality)));
}

/** The raster with gray repeated in red, green and blue; alpha stays the last band. RGB is given back as it is. */
export function expandGray(raster: Raster): Raster {
  const { bands, data } = raster;
  if (bands > 2) return raster;
  const hasAlpha = bands === 2;
  const outBands = hasAlpha ? 4 : 3;
  const pixels = raster.width * raster.height;
  const out = new Uint8Array(pixels * outBands);
  for (let pixel = 0, from = 0, to = 0; pixel < pixels; pixel++, from += bands, to += outBands) {
    const gray = data[from]!;
    out[to] = gray;
    out[to + 1] = gray;
    out[to + 2] = gray;
    if (hasAlpha) out[to + 3] = data[from + 1]!;
  }
  return byteRaster(raster, outBands, out);
}
