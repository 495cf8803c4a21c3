/** Baseline JPEG with 4:2:0 chroma: by libjpeg-turbo itself, or by sharp where that is not installed. */
import { after, type Awaitable } from '../awaitable.ts';
import { ServerError } from '../errors.ts';
import type { Raster } from '../image/raster.ts';
import type { JpegCompressor } from '../image/system/turbo-compressor.ts';
import { lendCopy } from '../recycling.ts';
import { NO_DENSITY } from './density.ts';
import type { Embed, Encoding } from './encoder.ts';
import { colorsOfBands, withFittingProfile } from './icc.ts';
import { insertJpegMetadata, stateDensity } from './jpeg-metadata.ts';
import { compressByTurbo, jpegCompressor } from './jpeg-turbo.ts';
import { requireFits } from './raster-limits.ts';
import type { RasterLimits } from './raster-limits.ts';
import { fileFrom, pixelPipeline, sharpQuality } from './through-sharp.ts';

/** libjpeg's own limit is 65500, below the 65535 of the format. */
export const JPEG_LIMITS: RasterLimits = { name: 'JPEG', bands: [1, 3], bits: [8], maxSide: 65_500 };

/** See {@link Encode}; ICC, XMP, EXIF and density are put in as segments. */
export function encodeJpeg(
  raster: Raster,
  encoding: Extract<Encoding, { format: 'jpeg' }>,
  embed: Embed,
): Awaitable<Uint8Array> {
  requireFits(raster, JPEG_LIMITS);
  const metadata = embed.resolution === undefined ? { resolution: NO_DENSITY, ...embed } : embed;
  const fitting = withFittingProfile(metadata, colorsOfBands(raster.bands));
  const turbo = jpegCompressor();
  if (turbo === undefined)
    return after(jpegBySharp(raster, encoding.quality), (file) => insertJpegMetadata(file, fitting));
  const file = jpegByTurbo(turbo, raster, encoding.quality);
  const stated = stateDensity(file, fitting);
  if (stated !== undefined) return stated;
  const whole = insertJpegMetadata(file, fitting);
  // Inserting has made a file of its own, unless there was nothing to insert.
  return whole === file ? lendCopy(file) : whole;
}

/** A complete JPEG of 1 or 3 bands without metadata; its density is whatever the encoder writes. */
export async function bareJpeg(
  raster: Raster,
  quality: number,
  turbo: JpegCompressor | undefined = jpegCompressor(),
): Promise<Uint8Array> {
  return turbo === undefined
    ? jpegBySharp(raster, quality)
    : new Uint8Array(jpegByTurbo(turbo, raster, quality));
}

/** @returns a view of memory that the next call writes over. */
function jpegByTurbo(turbo: JpegCompressor, raster: Raster, quality: number): Uint8Array {
  try {
    return compressByTurbo(turbo, raster, sharpQuality(quality));
  } catch (cause) {
    throw new ServerError('internal', 'the picture could not be encoded', { cause });
  }
}

/** Optimized Huffman tables need a second pass over the coefficients for a few per cent of the size: off. */
function jpegBySharp(raster: Raster, quality: number): Promise<Uint8Array> {
  const pipeline = pixelPipeline(raster).jpeg({
    quality: sharpQuality(quality),
    chromaSubsampling: '4:2:0',
    optimiseCoding: false,
  });
  return fileFrom(raster.bands === 1 ? pipeline.toColourspace('b-w') : pipeline);
}
