/** Consecutive rows of a picture of which only some are held: what strips need of the strips before them. */
import type { Raster } from '../image/raster.ts';
import { blankLike, reshaped } from '../processing/rasters.ts';
import type { Strip } from '../processing/resample-plan.ts';

export class RowBuffer {
  #held: Strip | undefined;

  /** The row after the last one held. */
  get bottom(): number {
    return this.#held === undefined ? 0 : this.#held.top + this.#held.raster.height;
  }

  /** Adds the strip that follows what is held, and forgets rows above `keepFrom`. */
  append(strip: Strip, keepFrom: number): void {
    const kept = this.#held === undefined ? 0 : Math.max(0, this.bottom - Math.max(keepFrom, this.#held.top));
    this.#held = kept === 0 ? strip : joined(this.rows(this.bottom - kept, kept), strip);
  }

  /** `height` rows from `top` on, all of them held; shares their memory. */
  rows(top: number, height: number): Strip {
    const { raster, top: first } = this.held;
    if (top < first || top + height > this.bottom)
      throw new RangeError(`rows ${top} to ${top + height} are not held`);
    return { top, raster: rowsOf(raster, top - first, height) };
  }

  /** Everything that is held. */
  get held(): Strip {
    if (this.#held === undefined) throw new RangeError('no rows are held');
    return this.#held;
  }
}

/** Rows of a raster, sharing its memory. */
export function rowsOf(raster: Raster, top: number, height: number): Raster {
  const stride = raster.width * raster.bands;
  return reshaped(raster, { ...raster, height }, raster.data.subarray(top * stride, (top + height) * stride));
}

function joined(above: Strip, below: Strip): Strip {
  const height = above.raster.height + below.raster.height;
  const raster = blankLike(below.raster, { ...below.raster, height });
  raster.data.set(above.raster.data, 0);
  raster.data.set(below.raster.data, above.raster.data.length);
  return { top: above.top, raster };
}
