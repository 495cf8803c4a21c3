/** Changing the size of a picture that comes in strips: only the rows that two strips share are copied. */
import type { Size } from '../image/raster.ts';
import { recycling } from '../recycling.ts';
import { planResample, sourceRows, type ResamplePlan, type Strip } from '../processing/resample-plan.ts';
import type { Interpolation } from '../processing/resample-taps.ts';
import { resampleRows } from '../processing/resample.ts';
import { RowBuffer, rowsOf } from './row-buffer.ts';
import type { Strips } from './strips.ts';

export interface Resampling extends Size {
  readonly interpolation: Interpolation;
}

/** A stage that makes pictures of `from` those of `to`. */
export async function* resampleStrips(strips: Strips, from: Size, to: Resampling): Strips {
  const plan = planResample(from, to, to.interpolation);
  /** What rows to come need of the strips that are gone. */
  const above = new RowBuffer();
  let done = 0;
  for await (const strip of strips) {
    if (done === to.height) break;
    const bottom = bottomOf(strip);
    const ready = firstRow(plan, done, (row) => bottomRow(plan, row) > bottom);
    const spanning = firstRow(plan, done, (row) => row === ready || topRow(plan, row) >= strip.top);
    if (spanning > done) {
      above.append(rowsUpTo(strip, bottomRow(plan, spanning - 1)), topRow(plan, done));
      yield made(above.held, plan, done, spanning);
    }
    if (ready > spanning) yield made(strip, plan, spanning, ready);
    done = ready;
    if (done < to.height) keep(above, strip, topRow(plan, done));
    recycling.giveBack(strip.raster.data);
  }
  above.release();
}

/** The first output row from `start` on for which something is true, or the one after the last. */
function firstRow({ to }: ResamplePlan, start: number, isIt: (row: number) => boolean): number {
  let row = start;
  while (row < to.height && !isIt(row)) row++;
  return row;
}

const topRow = (plan: ResamplePlan, row: number): number => sourceRows(plan, { top: row, height: 1 }).top;

function bottomRow(plan: ResamplePlan, row: number): number {
  const { top, height } = sourceRows(plan, { top: row, height: 1 });
  return top + height;
}

const bottomOf = ({ top, raster }: Strip): number => top + raster.height;

function made({ top, raster }: Strip, plan: ResamplePlan, first: number, end: number): Strip {
  return { top: first, raster: resampleRows(raster, top, plan, { top: first, height: end - first }) };
}

const rowsUpTo = ({ top, raster }: Strip, end: number): Strip => ({
  top,
  raster: rowsOf(raster, 0, end - top),
});

/** Adds the strip's rows from `from` on that are not held yet. */
function keep(above: RowBuffer, strip: Strip, from: number): void {
  const top = Math.max(from, above.bottom, strip.top);
  const bottom = bottomOf(strip);
  if (top < bottom) above.append({ top, raster: rowsOf(strip.raster, top - strip.top, bottom - top) }, from);
}
