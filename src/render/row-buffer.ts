/** Consecutive rows of a picture of which only some are held: what strips need of the strips before them. */
import type { Raster } from '../image/raster.ts';
import { lendSamples, recycling } from '../recycling.ts';
import { reshaped } from '../processing/rasters.ts';
import type { Strip } from '../processing/resample-plan.ts';

export class RowBuffer {
  #held: Strip | undefined;

  /** The row after the last one held. */
  get bottom(): number {
    return this.#held === undefined ? 0 : this.#held.top + this.#held.raster.height;
  }

  /** Copies the strip that follows what is held, and forgets rows above `keepFrom`. */
  append(strip: Strip, keepFrom: number): void {
    const held = this.#held;
    const kept = held === undefined ? 0 : Math.max(0, this.bottom - Math.max(keepFrom, held.top));
    this.#held = joined(kept === 0 ? undefined : this.rows(this.bottom - kept, kept), strip);
    if (held !== undefined) recycling.giveBack(held.raster.data);
  }

  /** Nobody needs the rows any more. */
  release(): void {
    if (this.#held !== undefined) recycling.giveBack(this.#held.raster.data);
    this.#held = undefined;
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

function joined(above: Strip | undefined, below: Strip): Strip {
  const { width, bands, bitsPerSample, sampleFormat } = below.raster;
  const height = (above?.raster.height ?? 0) + below.raster.height;
  const data = lendSamples(width * height * bands, bitsPerSample, sampleFormat);
  if (above !== undefined) data.set(above.raster.data, 0);
  data.set(below.raster.data, data.length - below.raster.data.length);
  return {
    top: above?.top ?? below.top,
    raster: reshaped(below.raster, { width, height, bands }, data),
  };
}
