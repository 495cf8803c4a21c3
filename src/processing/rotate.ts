/** Rotation by quarter turns: pixels move, none is computed. */
import type { Raster } from '../image/raster.ts';
import { blankLike } from './rasters.ts';

export type QuarterTurn = 90 | 180 | 270;

/** Clockwise; the size is swapped for 90 and 270. (BEHAVIOUR 5: ROT; IIIF Image API 3.0, 4.3) */
export function rotate<R extends Raster>(raster: R, degrees: QuarterTurn): R {
  if (degrees === 180) return reversed(raster);
  const { width, height } = raster;
  return transposed(
    raster,
    degrees === 90
      ? { start: height - 1, acrossRow: height, downColumn: -1 }
      : { start: (width - 1) * height, acrossRow: -height, downColumn: 1 },
  );
}

function reversed<R extends Raster>(raster: R): R {
  const { bands, data } = raster;
  const result = blankLike(raster, raster);
  const to = result.data;
  for (let i = 0, out = data.length - bands; out >= 0; i += bands, out -= bands) {
    for (let band = 0; band < bands; band++) to[out + band] = data[i + band]!;
  }
  return result;
}

/** Where pixels go, in pixels of the result: the first one, and the steps to the next in a row and in a column. */
interface Steps {
  readonly start: number;
  readonly acrossRow: number;
  readonly downColumn: number;
}

/** Side of the square blocks in which rows become columns, so that what is written stays in the processor's cache. */
const BLOCK = 32;

function transposed<R extends Raster>(raster: R, steps: Steps): R {
  const { width, height, bands } = raster;
  const result = blankLike(raster, { width: height, height: width, bands });
  for (let top = 0; top < height; top += BLOCK) {
    for (let left = 0; left < width; left += BLOCK) transposeBlock(raster, result, steps, { left, top });
  }
  return result;
}

function transposeBlock(
  raster: Raster,
  result: Raster,
  steps: Steps,
  at: { left: number; top: number },
): void {
  const { width, height, bands, data } = raster;
  const to = result.data;
  const right = Math.min(at.left + BLOCK, width);
  const bottom = Math.min(at.top + BLOCK, height);
  const step = steps.acrossRow * bands;
  for (let y = at.top; y < bottom; y++) {
    let i = (y * width + at.left) * bands;
    let out = (steps.start + at.left * steps.acrossRow + y * steps.downColumn) * bands;
    for (let x = at.left; x < right; x++, i += bands, out += step) {
      for (let band = 0; band < bands; band++) to[out + band] = data[i + band]!;
    }
  }
}
