/** Windows of rasters, and rasters of half the size. */
import { allocateSamples, type Raster, type Rectangle, type Size } from '../raster.ts';

/** A zeroed raster of another size with samples of the same kind. */
export function rasterLike(raster: Raster, size: Size): Raster {
  const { bands, bitsPerSample, sampleFormat } = raster;
  const data = allocateSamples(size.width * size.height * bands, bitsPerSample, sampleFormat);
  return { width: size.width, height: size.height, bands, bitsPerSample, sampleFormat, data };
}

/** A window of a raster in memory of its own. */
export function copyWindow(raster: Raster, window: Rectangle): Raster {
  const target = rasterLike(raster, window);
  copyRows(raster, window, target, 0);
  return target;
}

/** Copies a window of `raster` to the rows of `target`, which is as wide, from `top` on. */
export function copyRows(raster: Raster, window: Rectangle, target: Raster, top: number): void {
  const { bands, width, data } = raster;
  const length = window.width * bands;
  for (let row = 0; row < window.height; row++) {
    const from = ((window.y + row) * width + window.x) * bands;
    target.data.set(data.subarray(from, from + length), (top + row) * target.width * bands);
  }
}

/** Each pixel the mean of four; an odd last row or column is left out, a side of 1 stays. */
export function halved(raster: Raster): Raster {
  const { width, height, bands, data, sampleFormat } = raster;
  const size = { width: Math.max(1, width >> 1), height: Math.max(1, height >> 1) };
  const target = rasterLike(raster, size);
  const right = width > 1 ? bands : 0;
  const below = height > 1 ? width * bands : 0;
  const rounding = sampleFormat === 'float' ? 0 : 2;
  for (let y = 0, to = 0; y < size.height; y++) {
    let from = y * 2 * width * bands;
    for (let x = 0; x < size.width; x++, from += 2 * bands) {
      for (let band = 0; band < bands; band++, to++) {
        const at = from + band;
        const sum = data[at]! + data[at + right]! + data[at + below]! + data[at + right + below]!;
        target.data[to] = (sum + rounding) / 4;
      }
    }
  }
  return target;
}
