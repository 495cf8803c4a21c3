/** WebP, lossy (VP8, 4:2:0) or lossless (VP8L). */
import type { Raster } from '../image/raster.ts';
import type { Embed, Encoding } from './encoder.ts';
import { withFittingProfile } from './icc.ts';
import { requireFits } from './raster-limits.ts';
import type { RasterLimits } from './raster-limits.ts';
import { fileFrom, pixelPipeline, sharpQuality } from './through-sharp.ts';
import { insertWebpMetadata } from './webp-metadata.ts';

export const WEBP_LIMITS: RasterLimits = { name: 'WebP', bands: [1, 2, 3, 4], bits: [8], maxSide: 16_383 };

/** The knee of the curve: 0 is a quarter larger for two thirds of the time, 4 gains 2 % for twice the time. */
const LOSSY_EFFORT = 2;
/** Every step above costs six times as long for a seventh of the size. */
const LOSSLESS_EFFORT = 0;

/** See {@link Encode}; gray becomes RGB; ICC, XMP and EXIF are put in as chunks. */
export async function encodeWebp(
  raster: Raster,
  encoding: Extract<Encoding, { format: 'webp' }>,
  embed: Embed,
): Promise<Uint8Array> {
  requireFits(raster, WEBP_LIMITS);
  const file = await bareWebp(raster, encoding.quality);
  return insertWebpMetadata(file, withFittingProfile(embed, 'rgb'));
}

/** A WebP file of 3 or 4 bands without metadata; `exact` keeps the colors of transparent pixels. */
export function bareWebp(raster: Raster, quality: number | 'lossless'): Promise<Uint8Array> {
  const options =
    quality === 'lossless'
      ? { lossless: true, exact: true, effort: LOSSLESS_EFFORT }
      : { quality: sharpQuality(quality), effort: LOSSY_EFFORT };
  return fileFrom(pixelPipeline(raster).webp(options));
}
