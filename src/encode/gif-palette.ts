/** The colors of a picture as a palette and indexes into it, when 256 are enough. */
import type { Raster } from '../image/raster.ts';

export interface PalettePicture {
  /** Red, green and blue of each color in the order of first use; at most 256 entries. */
  readonly palette: Uint8Array;
  /** One for each pixel. */
  readonly indexes: Uint8Array;
  /** The index that stands for transparent pixels. */
  readonly transparent?: number;
}

const MAX_COLORS = 256;
/** Slots of the hash table from color to index; a power of two, at most a quarter full. */
const SLOTS = 1024;
/** From this alpha on a pixel is shown. */
const OPAQUE = 128;
const TRANSPARENT = 1 << 24;

/**
 * Every color of an 8-bit raster of 3 or 4 bands exactly, or undefined when there are more than 256, transparent
 * counted as one. Alpha becomes all or nothing at 128.
 */
export function paletteOf({ data, bands, width, height }: Raster): PalettePicture | undefined {
  const indexes = new Uint8Array(width * height);
  const colors: number[] = [];
  const keys = new Int32Array(SLOTS).fill(-1);
  const found = new Uint8Array(SLOTS);
  for (let pixel = 0, at = 0; pixel < indexes.length; pixel++, at += bands) {
    const isShown = bands === 3 || data[at + 3]! >= OPAQUE;
    const color = isShown ? (data[at]! << 16) | (data[at + 1]! << 8) | data[at + 2]! : TRANSPARENT;
    let slot = Math.imul(color, 0x9e3779b1) >>> 22;
    while (keys[slot] !== -1 && keys[slot] !== color) slot = (slot + 1) & (SLOTS - 1);
    if (keys[slot] === -1) {
      if (colors.length === MAX_COLORS) return undefined;
      keys[slot] = color;
      found[slot] = colors.length;
      colors.push(color);
    }
    indexes[pixel] = found[slot]!;
  }
  const palette = Uint8Array.from(colors.flatMap((color) => [color >> 16, color >> 8, color]));
  const transparent = colors.indexOf(TRANSPARENT);
  return transparent < 0 ? { palette, indexes } : { palette, indexes, transparent };
}
