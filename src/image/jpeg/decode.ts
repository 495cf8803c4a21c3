/** JPEG → samples: the one place where JPEG is decoded, whether it is a file or a tile of one. */
import type { Awaitable } from '../../awaitable.ts';
import { ServerError } from '../../errors.ts';
import { plainBytes } from '../bytes.ts';
import type { Rectangle, Size } from '../raster.ts';
import { recycling } from '../../recycling.ts';
import { turbojpeg } from '../system/libturbojpeg.ts';
import { openedJpeg, runHere } from '../vips/run-here.ts';
import { runVips, type VipsInput } from '../vips/run-vips.ts';
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
 * @param expected size of the tile that it is: a larger picture costs more.
 * @throws {ServerError} `damaged` when anything in it is: a tile is right or it is not sent.
 */
export function decodeJpeg(bytes: Uint8Array, bands: number, expected: Size): Awaitable<JpegPixels> {
  return decodeByTurbo(bytes, bands, expected) ?? decodeBySharp(bytes, bands, mostPixels(expected));
}

/** Small enough for anything, in pixels. */
const HARMLESS_PIXELS = 2 ** 22;

/**
 * Of a picture that is stored as a tile: writers may make the last ones larger than they must be, but what is much larger is
 * made to fill the memory. Looked at before anything is decoded.
 */
export const mostPixels = ({ width, height }: Size): number => Math.max(HARMLESS_PIXELS, 4 * width * height);

/** Without sharp, whose fixed cost is ten times that of a tile. Whatever is odd or broken is left to it. */
function decodeByTurbo(bytes: Uint8Array, bands: number, expected: Size): JpegPixels | undefined {
  const library = turbojpeg();
  const shape = library?.shapeOf(bytes);
  if (library === undefined || shape?.bands !== bands) return undefined;
  const { width, height } = shape;
  if (width > expected.width || height > expected.height) return undefined;
  const data = recycling.lend(width * height * bands);
  if (library.decodeInto(bytes, data, shape)) return { width, height, bands, data };
  recycling.giveBack(data);
  return undefined;
}

async function decodeBySharp(bytes: Uint8Array, bands: number, maxPixels: number): Promise<JpegPixels> {
  const { data, info } = await openedJpeg(bytes, bands, 'warning', maxPixels)
    .raw()
    .toBuffer({ resolveWithObject: true })
    .catch(throwDamaged);
  const { width, height, channels } = info;
  return checkBands(Promise.resolve({ width, height, bands: channels, data: plainBytes(data) }), bands);
}

/**
 * Decodes a window of a picture that is reduced to a size; factors of 2 come from the decoder itself. Of a damaged
 * file what is there is shown.
 *
 * @throws {ServerError} `damaged` when nothing can be decoded.
 */
export function decodeScaledJpeg(bytes: Uint8Array, bands: number, scale: JpegScale): Promise<JpegPixels> {
  return checkBands(runHere(bytes, { kind: 'jpeg', bands, ...scale }), bands);
}

/** As `decodeScaledJpeg`, of a file of which nothing but its header is known: where crashes are not seen. */
export function decodeScaledFile(file: VipsInput, bands: number, scale: JpegScale): Promise<JpegPixels> {
  return checkBands(runVips(file, { kind: 'jpeg', bands, ...scale }), bands);
}

async function checkBands(decoding: Promise<JpegPixels>, bands: number): Promise<JpegPixels> {
  const pixels = await decoding.catch(throwDamaged);
  if (pixels.bands !== bands) throw damagedJpeg('it has other components than its header says');
  return pixels;
}

/** libvips repeats itself; the beginning says it all. */
function throwDamaged(cause: unknown): never {
  if (cause instanceof ServerError) throw cause;
  const reason = cause instanceof Error ? cause.message.slice(0, 200) : '';
  throw damagedJpeg('it can not be decoded', { reason });
}
