/** Baseline JPEG with 4:2:0 chroma. */
import type { Raster } from '../image/raster.ts';
import { NO_DENSITY } from './density.ts';
import type { Embed, Encoding } from './encoder.ts';
import { colorsOfBands, withFittingProfile } from './icc.ts';
import { insertJpegMetadata } from './jpeg-metadata.ts';
import { requireFits } from './raster-limits.ts';
import type { RasterLimits } from './raster-limits.ts';
import { fileFrom, pixelPipeline, sharpQuality } from './through-sharp.ts';

/** libjpeg's own limit is 65500, below the 65535 of the format. */
export const JPEG_LIMITS: RasterLimits = { name: 'JPEG', bands: [1, 3], bits: [8], maxSide: 65_500 };

/** See {@link Encode}; ICC, XMP, EXIF and density are put in as segments. */
export async function encodeJpeg(
  raster: Raster,
  encoding: Extract<Encoding, { format: 'jpeg' }>,
  embed: Embed,
): Promise<Uint8Array> {
  requireFits(raster, JPEG_LIMITS);
  const file = await bareJpeg(raster, encoding.quality);
  const metadata = { ...embed, resolution: embed.resolution ?? NO_DENSITY };
  return insertJpegMetadata(file, withFittingProfile(metadata, colorsOfBands(raster.bands)));
}

/**
 * A complete JPEG of 1 or 3 bands without metadata; its density is whatever the encoder writes.
 *
 * Optimized Huffman tables need a second pass over the coefficients for a few per cent of the size: off.
 */
export function bareJpeg(raster: Raster, quality: number): Promise<Uint8Array> {
  const pipeline = pixelPipeline(raster).jpeg({
    quality: sharpQuality(quality),
    chromaSubsampling: '4:2:0',
    optimiseCoding: false,
  });
  return fileFrom(raster.bands === 1 ? pipeline.toColourspace('b-w') : pipeline);
}
