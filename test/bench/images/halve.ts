/** The next smaller level of a pyramid. */
import { emptySamples, type Samples } from './paint.ts';
import type { Recipe } from './recipes.ts';

/** Each sample the mean of four; `side` is that of the larger picture. */
export function halve(samples: Samples, side: number, recipe: Recipe): Samples {
  const { bands } = recipe;
  const half = side / 2;
  const row = side * bands;
  const result = emptySamples(recipe, half);
  for (let y = 0, to = 0; y < half; y++) {
    for (let x = 0; x < half; x++) {
      const from = 2 * y * row + 2 * x * bands;
      for (let band = 0; band < bands; band++, to++) {
        const at = from + band;
        result[to] =
          (samples[at]! + samples[at + bands]! + samples[at + row]! + samples[at + row + bands]!) / 4;
      }
    }
  }
  return result;
}
