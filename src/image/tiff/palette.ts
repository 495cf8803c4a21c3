/** Palettes: the colors of indexes (TIFF 6.0, section 5). */
import type { Samples } from '../raster.ts';

/** Red, green and blue for every index; behind them the second sample of each pixel where that is its alpha. */
export function expandPalette(
  samples: Samples,
  palette: Uint8Array,
  step: number,
  bands: number,
): Uint8Array {
  const pixels = samples.length / step;
  const colors = new Uint8Array(pixels * bands);
  for (let i = 0, to = 0; i < samples.length; i += step, to += bands) {
    const from = samples[i]! * 3;
    colors[to] = palette[from]!;
    colors[to + 1] = palette[from + 1]!;
    colors[to + 2] = palette[from + 2]!;
    if (bands === 4) colors[to + 3] = samples[i + 1]!;
  }
  return colors;
}

/**
 * Colors of a palette as 8-bit red, green, blue for every index.
 *
 * @param map all reds, all greens, all blues, 16 bits each. Some writers fill in 8-bit values: then no value is
 * over 255.
 */
export function paletteOf(map: readonly number[]): Uint8Array {
  const count = Math.floor(map.length / 3);
  const shift = map.some((value) => value > 255) ? 8 : 0;
  const palette = new Uint8Array(count * 3);
  for (let i = 0; i < count; i++) {
    for (let band = 0; band < 3; band++) palette[i * 3 + band] = map[band * count + i]! >> shift;
  }
  return palette;
}
