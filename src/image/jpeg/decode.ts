/** JPEG → samples: the one place where JPEG is decoded, whether it is a file or a tile of one. */
import { sharp } from '../lazy-sharp.ts';
import type { FailOnOptions, Sharp } from 'sharp';
import { plainBytes } from '../bytes.ts';
import type { Rectangle, Size } from '../raster.ts';
import { damagedJpeg } from './markers.ts';

/** Decoded pixels, samples of a pixel side by side. */
export interface JpegPixels {
  readonly width: number;
  readonly height: number;
  readonly bands: number;
  readonly data: Uint8Array;
}

export interface JpegScale {
  /** Size of the whole picture at the level. */
  readonly size: Size;
  /** Part of it that is wanted. */
  readonly window: Rectangle;
}

/**
 * Decodes a whole JPEG to 1, 3 or 4 bands in its own numbers: gray, RGB, or CMYK with 0 for no ink. Profiles are
 * not applied.
 *
 * @throws {ServerError} `damaged` when anything in it is: a tile is right or it is not sent.
 */
export async function decodeJpeg(bytes: Uint8Array, bands: number): Promise<JpegPixels> {
  return pixelsOf(open(bytes, bands, 'warning'), bands);
}

/**
 * Decodes a window of a picture that is reduced to a size; factors of 2 come from the decoder itself. Of a damaged
 * file what is there is shown.
 *
 * @throws {ServerError} `damaged` when nothing can be decoded.
 */
export async function decodeScaledJpeg(
  bytes: Uint8Array,
  bands: number,
  { size, window }: JpegScale,
): Promise<JpegPixels> {
  const { x: left, y: top, width, height } = window;
  const resized = open(bytes, bands, 'none').resize({ ...size, fit: 'fill' });
  return pixelsOf(resized.extract({ left, top, width, height }), bands);
}

function open(bytes: Uint8Array, bands: number, failOn: FailOnOptions): Sharp {
  const picture = sharp(bytes, { failOn, limitInputPixels: false, ignoreIcc: true });
  if (bands === 1) return picture.toColourspace('b-w');
  if (bands === 4) return picture.pipelineColourspace('cmyk').toColourspace('cmyk');
  return picture;
}

async function pixelsOf(picture: Sharp, bands: number): Promise<JpegPixels> {
  const { data, info } = await picture.raw().toBuffer({ resolveWithObject: true }).catch(throwDamaged);
  if (info.channels !== bands) throw damagedJpeg('it has other components than its header says');
  return { width: info.width, height: info.height, bands, data: plainBytes(data) };
}

/** libvips repeats itself; the beginning says it all. */
function throwDamaged(cause: unknown): never {
  const reason = cause instanceof Error ? cause.message.slice(0, 200) : '';
  throw damagedJpeg('it can not be decoded', { reason });
}
