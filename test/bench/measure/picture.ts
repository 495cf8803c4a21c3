/** Answers as pictures: whether they decode, how large they are, how alike two of them are. */
import sharp from 'sharp';

export interface Picture {
  readonly width: number;
  readonly height: number;
  /** Red, green, blue. */
  readonly pixels: Uint8Array;
}

/** @throws Error for what is no whole picture. */
export async function decode(body: Uint8Array): Promise<Picture> {
  const { data, info } = await sharp(body, { failOn: 'warning' })
    .removeAlpha()
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, pixels: data };
}

/** Peak signal-to-noise ratio in dB, Infinity for equal pictures, -Infinity for different sizes. */
export function likeness(one: Picture, other: Picture): number {
  if (one.width !== other.width || one.height !== other.height) return -Infinity;
  let sum = 0;
  for (let i = 0; i < one.pixels.length; i++) sum += (one.pixels[i]! - other.pixels[i]!) ** 2;
  return sum === 0 ? Infinity : 10 * Math.log10((255 * 255 * one.pixels.length) / sum);
}
