/** WebP tiles of a TIFF: each a WebP file. */
import { sharp } from '../lazy-sharp.ts';
import { plainBytes } from '../bytes.ts';
import type { EncodedSegment } from './compression.ts';
import { damaged } from './directory.ts';
import { fitPicture } from './jpeg-segment.ts';

/** Decodes a tile or strip to 8-bit RGB or RGBA; a tile that is opaque may be stored without its alpha. */
export async function decodeWebpSegment(segment: EncodedSegment): Promise<Uint8Array> {
  const { samplesPerPixel } = segment;
  try {
    const picture = sharp(segment.bytes, { failOn: 'truncated', limitInputPixels: false, ignoreIcc: true });
    const banded = samplesPerPixel === 4 ? picture.ensureAlpha() : picture.removeAlpha();
    const { data, info } = await banded.raw().toBuffer({ resolveWithObject: true });
    return fitPicture(
      { width: info.width, height: info.height, bands: info.channels, data: plainBytes(data) },
      segment,
    );
  } catch (cause) {
    throw damaged('a WebP tile is broken', {
      reason: cause instanceof Error ? cause.message.slice(0, 200) : '',
    });
  }
}
