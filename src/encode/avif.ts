/** AVIF through sharp's libheif, whose only encoder is aom: every `codec` of an encoding means that. */
import type { Sharp } from 'sharp';
import type { Raster } from '../image/raster.ts';
import type { Embed, Encoding } from './encoder.ts';
import { withFittingProfile } from './icc.ts';
import { encodePng } from './png.ts';
import { requireFits } from './raster-limits.ts';
import type { RasterLimits } from './raster-limits.ts';
import { expandGray, fileFrom, filePipeline, pixelPipeline, sharpQuality } from './through-sharp.ts';

type AvifEncoding = Extract<Encoding, { format: 'avif' }>;

export const AVIF_LIMITS: RasterLimits = { name: 'AVIF', bands: [1, 2, 3, 4], bits: [8], maxSide: 16_384 };

/** Twice the time of 0 for a third less bytes at higher fidelity; 2 doubles the time again for a few per cent. */
const LOSSY_EFFORT = 1;
const LOSSLESS_EFFORT = 0;

/**
 * See {@link Encode}; gray becomes RGB; color is kept in 4:4:4.
 *
 * ICC and XMP are embedded as they are. EXIF goes through libexif, which keeps its fields but writes them anew.
 * AVIF has no place for density.
 */
export async function encodeAvif(raster: Raster, encoding: AvifEncoding, embed: Embed): Promise<Uint8Array> {
  requireFits(raster, AVIF_LIMITS);
  const pipeline = await pipelineWith(raster, withFittingProfile(embed, 'rgb'));
  const { quality } = encoding;
  const options =
    quality === 'lossless'
      ? { lossless: true, effort: LOSSLESS_EFFORT }
      : { quality: sharpQuality(quality), effort: LOSSY_EFFORT, tune: 'ssim' as const };
  return fileFrom(pipeline.avif({ ...options, chromaSubsampling: '4:4:4' }));
}

/** Sharp embeds metadata only from an input that has it: an uncompressed PNG carries them there. */
async function pipelineWith(raster: Raster, { icc, xmp, exif }: Embed): Promise<Sharp> {
  if (icc === undefined && xmp === undefined && exif === undefined) return pixelPipeline(raster);
  const carried = {
    ...(icc === undefined ? {} : { icc }),
    ...(xmp === undefined ? {} : { xmp }),
    ...(exif === undefined ? {} : { exif }),
  };
  const pipeline = filePipeline(await encodePng(expandGray(raster), { format: 'png', level: 0 }, carried));
  if (icc !== undefined) pipeline.keepIccProfile();
  if (xmp !== undefined) pipeline.keepXmp();
  if (exif !== undefined) pipeline.keepExif();
  return pipeline;
}
