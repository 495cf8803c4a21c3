/** What an output picture is to be: encoding, quality, and what is written into it besides pixels. */
import type { Awaitable } from '../awaitable.ts';
import type { MetadataField, Resolution } from '../image/info.ts';
import type { Raster } from '../image/raster.ts';

export type TiffCompression = 'none' | 'lzw' | 'deflate' | 'jpeg' | 'webp' | 'zstd';

/** One output encoding with its settings, each within the range that BEHAVIOUR (environment variables) gives. */
export type Encoding =
  /** quality 1–100. */
  | { readonly format: 'jpeg'; readonly quality: number }
  /** Deflate level 0–9. */
  | { readonly format: 'png'; readonly level: number }
  /** quality 0–100 or lossless. */
  | { readonly format: 'webp'; readonly quality: number | 'lossless' }
  | {
      readonly format: 'avif';
      readonly quality: number | 'lossless';
      readonly codec: 'auto' | 'aom' | 'rav1e' | 'svt';
    }
  /** quality: deflate 1–9, zstd 1–19, jpeg and webp 0–100; the others ignore it. */
  | { readonly format: 'tiff'; readonly compression: TiffCompression; readonly quality: number }
  | { readonly format: 'gif' };

export type OutputFormat = Encoding['format'];

/** What is written into the file besides pixels. Absent fields are not written. */
export interface Embed {
  readonly icc?: Uint8Array;
  readonly xmp?: string;
  /** An EXIF block without a leading `Exif\0\0`. */
  readonly exif?: Uint8Array;
  readonly resolution?: Resolution;
  /** Written into TIFF tags and PNG text where the format has a place for them. */
  readonly metadata?: Readonly<Partial<Record<MetadataField, string>>>;
}

/**
 * Makes a file of one format from pixels; at once where nothing has to be waited for.
 *
 * Rasters have 8 bits (PNG and TIFF also 16) and 1 to 4 bands (TIFF any number); `bands` of each entry in the
 * table of encoders says what it takes.
 *
 * @throws {ServerError} `unsupported` for a raster that the format cannot hold, `internal` when the encoder fails.
 */
export type Encode<E extends Encoding = Encoding> = (
  raster: Raster,
  encoding: E,
  embed: Embed,
) => Awaitable<Uint8Array>;
