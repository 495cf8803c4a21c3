/** WebP tiles of a TIFF: each a WebP file. */
import type { Awaitable } from '../../awaitable.ts';
import { sharp } from '../lazy-sharp.ts';
import { plainBytes } from '../bytes.ts';
import { mostPixels } from '../jpeg/decode.ts';
import { recycling } from '../../recycling.ts';
import { libwebp, type Libwebp } from '../system/libwebp.ts';
import type { EncodedSegment } from './compression.ts';
import { damaged } from './directory.ts';
import { fitPicture } from './jpeg-segment.ts';

/** Decodes a tile or strip to 8-bit RGB or RGBA; a tile that is opaque may be stored without its alpha. */
export function decodeWebpSegment(segment: EncodedSegment): Awaitable<Uint8Array> {
  return byLibwebp(segment, libwebp()) ?? bySharp(segment);
}

/** Without sharp, whose fixed cost is several times that of a tile. What is odd in any way is left to it. */
function byLibwebp(
  { bytes, width, height, samplesPerPixel: bands }: EncodedSegment,
  library: Libwebp | undefined,
): Uint8Array | undefined {
  if (library === undefined || (bands !== 3 && bands !== 4)) return undefined;
  const output = recycling.lend(width * height * bands);
  if (library.decodeInto(bytes, output, { width, height, bands })) return output;
  recycling.giveBack(output);
  return undefined;
}

async function bySharp(segment: EncodedSegment): Promise<Uint8Array> {
  const { samplesPerPixel } = segment;
  try {
    const picture = sharp(segment.bytes, {
      failOn: 'truncated',
      limitInputPixels: mostPixels(segment),
      ignoreIcc: true,
    });
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
