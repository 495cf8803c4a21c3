/** Keeps color profiles out of files whose colors they do not describe. */
import type { Embed } from './encoder.ts';
import { latin1, startsWith } from './bytes.ts';

/** The colors that the samples of a file stand for; `none`: the file cannot carry a profile. */
export type FileColors = 'gray' | 'rgb' | 'none';

const HEADER_LENGTH = 128;
const SIGNATURE = { offset: 36, bytes: latin1('acsp') };
const COLOR_SPACE = { offset: 16, gray: latin1('GRAY'), rgb: latin1('RGB ') };

/** Gray up to two bands (the second is alpha), RGB with three or four, no colors that a profile knows above. */
export function colorsOfBands(bands: number): FileColors {
  if (bands <= 2) return 'gray';
  return bands <= 4 ? 'rgb' : 'none';
}

/**
 * `embed` without its ICC profile when that describes other colors than the file has.
 *
 * The pixels may have been changed since the profile was read (CMYK made RGB, RGB made gray), and WebP and AVIF
 * show gray as RGB. ICC.1:2022, section 7.2: data color space at byte 16, signature at byte 36.
 */
export function withFittingProfile(embed: Embed, colors: FileColors): Embed {
  if (embed.icc === undefined || describes(embed.icc, colors)) return embed;
  const { icc: _, ...rest } = embed;
  return rest;
}

function describes(icc: Uint8Array, colors: FileColors): boolean {
  if (colors === 'none' || icc.length < HEADER_LENGTH) return false;
  if (!startsWith(icc, SIGNATURE.bytes, SIGNATURE.offset)) return false;
  return startsWith(icc, COLOR_SPACE[colors], COLOR_SPACE.offset);
}
