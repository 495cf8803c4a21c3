/**
 * TIFF of any number of bands with 8 or 16 bits, written here.
 *
 * Sharp's libtiff has no Zstandard, sets no deflate level, takes four bands at most and writes gray as RGB when it
 * is not told otherwise, none of the text tags, and a density that nobody asked for.
 */
import type { Raster } from '../../image/raster.ts';
import type { Embed, Encoding, TiffCompression } from '../encoder.ts';
import { colorsOfBands, withFittingProfile } from '../icc.ts';
import { JPEG_LIMITS } from '../jpeg.ts';
import { fits, requireFits } from '../raster-limits.ts';
import type { RasterLimits } from '../raster-limits.ts';
import { expandGray } from '../through-sharp.ts';
import { WEBP_LIMITS } from '../webp.ts';
import { exifDirectories } from './exif-ifd.ts';
import { tiffFile } from './file.ts';
import { compressStrips } from './strips.ts';
import { metadataTags, pictureTags } from './tags.ts';

export const TIFF_LIMITS: RasterLimits = { name: 'TIFF', bands: 'any', bits: [8, 16], maxSide: 0xffffffff };

/** What the codecs inside a TIFF hold; the others hold whatever a TIFF does. */
const CODEC_LIMITS: Readonly<Partial<Record<TiffCompression, RasterLimits>>> = {
  jpeg: JPEG_LIMITS,
  webp: WEBP_LIMITS,
};
/** For what the codec that was asked for cannot hold: every reader knows it, and no band or bit is lost. */
const FALLBACK = { compression: 'deflate', quality: 1 } as const;

/**
 * See {@link Encode}. ICC, XMP, density and all text fields become tags; of EXIF the Exif and GPS directories are
 * taken over.
 *
 * JPEG holds 8 bits with 1 or 3 bands, WebP 8 bits with 3 or 4 (gray becomes RGB): deflate takes their place for
 * anything else.
 *
 * @throws {ServerError} also `unsupported` above 4 GiB.
 */
export async function encodeTiff(
  raster: Raster,
  encoding: Extract<Encoding, { format: 'tiff' }>,
  embed: Embed,
): Promise<Uint8Array> {
  requireFits(raster, TIFF_LIMITS);
  const { compression, quality } = fits(raster, CODEC_LIMITS[encoding.compression]) ? encoding : FALLBACK;
  const picture = compression === 'webp' ? expandGray(raster) : raster;
  const strips = await compressStrips(picture, compression, quality);
  const tags = [
    ...pictureTags(picture, compression, strips),
    ...metadataTags(withFittingProfile(embed, colorsOfBands(picture.bands))),
  ];
  const subDirectories = embed.exif === undefined ? [] : exifDirectories(embed.exif);
  return tiffFile({ tags, subDirectories, strips: strips.data });
}
