/** Everything about a change of size that does not depend on pixels. */
import type { Raster, Size } from '../image/raster.ts';
import { makeTaps, type Interpolation, type Taps } from './resample-taps.ts';

export interface ResamplePlan {
  readonly interpolation: Interpolation;
  readonly to: Size;
  readonly columns: Taps;
  readonly rows: Taps;
}

/** Consecutive rows: the first one's number, and how many. */
export interface RowRange {
  readonly top: number;
  readonly height: number;
}

/** Some rows of a picture: the first one's number, and their pixels. */
export interface Strip<R extends Raster = Raster> {
  readonly top: number;
  readonly raster: R;
}

export function planResample(from: Size, to: Size, interpolation: Interpolation): ResamplePlan {
  return {
    interpolation,
    to,
    columns: makeTaps(from.width, to.width, interpolation),
    rows: makeTaps(from.height, to.height, interpolation),
  };
}

/** The rows of the source that some rows of the output are made of. */
export function sourceRows({ rows }: ResamplePlan, output: RowRange): RowRange {
  const top = rows.starts[output.top]!;
  return { top, height: rows.starts[output.top + output.height - 1]! + rows.count - top };
}
