/** Which encodings a request can name, and the settings each gets from the configuration and the request. */
import type { Config } from '../config/config.ts';
import type { Encoding, OutputFormat, TiffCompression } from '../encode/encoder.ts';

/** A quality that the client asked for; `compression` concerns TIFF only. */
export interface AskedQuality {
  readonly value?: number;
  readonly compression?: TiffCompression;
}

const clamp = (value: number, low: number, high: number): number =>
  Math.min(Math.max(Math.round(value), low), high);

/** Quality range of each TIFF compression (BEHAVIOUR 2, TIFF_QUALITY). */
const TIFF_RANGES: Readonly<Record<TiffCompression, readonly [low: number, high: number]>> = {
  none: [0, 100],
  lzw: [0, 100],
  deflate: [1, 9],
  jpeg: [0, 100],
  webp: [0, 100],
  zstd: [1, 19],
};

/** The encoding for a format: the configured quality, or the asked one clamped to the encoder's range. */
export function encodingFor(format: OutputFormat, config: Config, asked: AskedQuality = {}): Encoding {
  const { value } = asked;
  switch (format) {
    case 'jpeg':
      return { format, quality: value === undefined ? config.jpegQuality : clamp(value, 1, 100) };
    case 'png':
      return { format, level: value === undefined ? config.pngLevel : clamp(value, 0, 9) };
    case 'webp':
      return { format, quality: value === undefined ? config.webpQuality : lossyOrLossless(value, 1) };
    case 'avif':
      return {
        format,
        quality: value === undefined ? config.avifQuality : lossyOrLossless(value, 0),
        codec: config.avifCodec,
      };
    case 'tiff':
      return tiffEncoding(config, asked);
    case 'gif':
      return { format };
  }
}

function lossyOrLossless(value: number, lowestLossy: number): number | 'lossless' {
  return value < lowestLossy ? 'lossless' : clamp(value, lowestLossy, 100);
}

function tiffEncoding(config: Config, asked: AskedQuality): Encoding {
  const compression = asked.compression ?? config.tiffCompression;
  const [low, high] = TIFF_RANGES[compression];
  return { format: 'tiff', compression, quality: clamp(asked.value ?? config.tiffQuality, low, high) };
}
