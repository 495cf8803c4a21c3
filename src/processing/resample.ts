/** Changing the size of any raster, whole or strip by strip. */
import type { Raster, Size } from '../image/raster.ts';
import { pickRows } from './pick-rows.ts';
import { planResample, type ResamplePlan, type RowRange } from './resample-plan.ts';
import type { Interpolation } from './resample-taps.ts';
import { areIntegersFor, weighIntegers } from './weigh-integers.ts';
import { weighRows } from './weigh-rows.ts';

/**
 * The raster in another size, at least 1 x 1; the same samples and bands. (BEHAVIOUR 2: INTERPOLATION)
 *
 * Samples are weighed as they are: alpha counts as a band like others, NaN spreads to what it touches.
 */
export function resample<R extends Raster>(raster: R, to: Size, interpolation: Interpolation): R {
  if (to.width === raster.width && to.height === raster.height) return raster;
  const plan = planResample(raster, to, interpolation);
  return resampleRows(raster, 0, plan, { top: 0, height: to.height });
}

/**
 * Some rows of the output, for pictures that are made strip by strip: the same pixels as from the whole.
 *
 * `raster` holds the source's rows from `sourceTop` on, at least those of `sourceRows(plan, output)`.
 */
export function resampleRows<R extends Raster>(
  raster: R,
  sourceTop: number,
  plan: ResamplePlan,
  output: RowRange,
): R {
  const source = { top: sourceTop, raster };
  if (plan.interpolation === 'nearest') return pickRows(source, plan, output);
  return areIntegersFor(plan, raster) ? weighIntegers(source, plan, output) : weighRows(source, plan, output);
}
