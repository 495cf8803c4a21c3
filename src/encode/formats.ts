/** Names of the output formats: media types and file extensions. Apart from the encoders, so that knowing them loads none. */
import type { OutputFormat } from './encoder.ts';

interface FormatNames {
  readonly contentType: string;
  readonly extension: string;
}

export const FORMAT_NAMES: Readonly<Record<OutputFormat, FormatNames>> = {
  jpeg: { contentType: 'image/jpeg', extension: 'jpg' },
  png: { contentType: 'image/png', extension: 'png' },
  webp: { contentType: 'image/webp', extension: 'webp' },
  avif: { contentType: 'image/avif', extension: 'avif' },
  tiff: { contentType: 'image/tiff', extension: 'tif' },
  gif: { contentType: 'image/gif', extension: 'gif' },
};

export const contentTypeOf = (format: OutputFormat): string => FORMAT_NAMES[format].contentType;

/** Without the dot. */
export const extensionOf = (format: OutputFormat): string => FORMAT_NAMES[format].extension;
