/** Luminance and color differences to red, green, blue, in place (sYCC: IEC 61966-2-1, annex G; full range, BT.601). */
import type { Raster } from '../../raster.ts';

/** The first three bands. */
export function yccToRgb({ data, bands, bitsPerSample }: Raster): void {
  const max = 2 ** bitsPerSample - 1;
  const zero = 2 ** (bitsPerSample - 1);
  for (let i = 0; i + 2 < data.length; i += bands) {
    const y = data[i]!;
    const cb = data[i + 1]! - zero;
    const cr = data[i + 2]! - zero;
    data[i] = clamp(y + 1.402 * cr, max);
    data[i + 1] = clamp(y - 0.344136 * cb - 0.714136 * cr, max);
    data[i + 2] = clamp(y + 1.772 * cb, max);
  }
}

/** The first `count` bands become what is left to the largest value. */
export function invertBands({ data, bands, bitsPerSample }: Raster, count: number): void {
  const max = 2 ** bitsPerSample - 1;
  for (let start = 0; start < data.length; start += bands) {
    for (let i = start; i < start + count; i++) data[i] = max - data[i]!;
  }
}

function clamp(value: number, max: number): number {
  return value < 0 ? 0 : value > max ? max : Math.floor(value + 0.5);
}
