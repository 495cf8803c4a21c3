/** The table of output formats, and the one function that makes a file from pixels. */
import type { Awaitable } from '../awaitable.ts';
import type { Raster } from '../image/raster.ts';
import { AVIF_LIMITS, encodeAvif } from './avif.ts';
import type { Embed, Encode, Encoding, OutputFormat } from './encoder.ts';
import { FORMAT_NAMES } from './formats.ts';
import { encodeGif, GIF_LIMITS } from './gif.ts';
import { encodeJpeg, JPEG_LIMITS } from './jpeg.ts';
import { encodePng, PNG_LIMITS } from './png.ts';
import type { RasterLimits } from './raster-limits.ts';
import { encodeTiff, TIFF_LIMITS } from './tiff/tiff.ts';
import { encodeWebp, WEBP_LIMITS } from './webp.ts';

type EncodingOf<F extends OutputFormat> = Extract<Encoding, { format: F }>;

/** One output format. */
export interface Encoder<F extends OutputFormat> {
  readonly contentType: string;
  /** Of file names, without a dot. */
  readonly extension: string;
  /** The rasters it takes; a TIFF's compression can take less. */
  readonly limits: RasterLimits;
  readonly encode: Encode<EncodingOf<F>>;
}

/** Every output format. */
export const ENCODERS: { readonly [F in OutputFormat]: Encoder<F> } = {
  jpeg: { ...FORMAT_NAMES.jpeg, limits: JPEG_LIMITS, encode: encodeJpeg },
  png: { ...FORMAT_NAMES.png, limits: PNG_LIMITS, encode: encodePng },
  webp: { ...FORMAT_NAMES.webp, limits: WEBP_LIMITS, encode: encodeWebp },
  avif: { ...FORMAT_NAMES.avif, limits: AVIF_LIMITS, encode: encodeAvif },
  tiff: { ...FORMAT_NAMES.tiff, limits: TIFF_LIMITS, encode: encodeTiff },
  gif: { ...FORMAT_NAMES.gif, limits: GIF_LIMITS, encode: encodeGif },
};

/** A file of `encoding.format` from pixels; equal arguments give equal bytes. See {@link Encode}. */
export function encode(raster: Raster, encoding: Encoding, embed: Embed): Awaitable<Uint8Array> {
  return encodeAs(raster, encoding, embed);
}

function encodeAs<F extends OutputFormat>(
  raster: Raster,
  encoding: EncodingOf<F> & { readonly format: F },
  embed: Embed,
): Awaitable<Uint8Array> {
  return ENCODERS[encoding.format].encode(raster, encoding, embed);
}
