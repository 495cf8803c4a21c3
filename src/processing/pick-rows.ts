/** Changing the size of a raster by picking, for each pixel, the nearest one of the source. */
import type { Raster, Samples } from '../image/raster.ts';
import { blankLike } from './rasters.ts';
import type { ResamplePlan, RowRange, Strip } from './resample-plan.ts';

/** Some rows of the output of a plan with `nearest`; `source` has at least the rows that it picks from. */
export function pickRows<R extends Raster>(source: Strip<R>, plan: ResamplePlan, output: RowRange): R {
  const { bands, data } = source.raster;
  const result = blankLike(source.raster, { width: plan.to.width, height: output.height, bands });
  const offsets = plan.columns.starts.map((column) => column * bands);
  const stride = source.raster.width * bands;
  const length = plan.to.width * bands;
  for (let y = 0; y < output.height; y++) {
    const picked = plan.rows.starts[output.top + y]!;
    const isRepeated = y > 0 && picked === plan.rows.starts[output.top + y - 1];
    if (isRepeated) {
      result.data.copyWithin(y * length, (y - 1) * length, y * length);
    } else {
      const start = (picked - source.top) * stride;
      pick(
        data.subarray(start, start + stride),
        result.data.subarray(y * length, (y + 1) * length),
        offsets,
        bands,
      );
    }
  }
  return result;
}

function pick(from: Samples, to: Samples, offsets: Int32Array, bands: number): void {
  for (let x = 0, out = 0; x < offsets.length; x++) {
    const first = offsets[x]!;
    for (let band = 0; band < bands; band++) to[out++] = from[first + band]!;
  }
}
