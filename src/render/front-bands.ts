/** Bands that nothing is made of are dropped before the work, not after it. */
import type { Step } from './steps.ts';

/** Steps that treat each band by itself, so that it is all the same whether others are dropped before or after. */
const BANDS_APART: readonly Step['kind'][] = [
  'normalize',
  'curve',
  'invert',
  'convolve',
  'contrast',
  'to-8-bit',
  'resample',
  'mirror',
];

/** The same steps with `keep-bands` as far in front as it may stand. */
export function frontBands(steps: readonly Step[]): readonly Step[] {
  const from = steps.findIndex(({ kind }) => kind === 'keep-bands');
  const step = steps[from];
  if (step === undefined) return steps;
  const mixing = steps.slice(0, from).findLastIndex((earlier) => !keepsBandsApart(earlier));
  const to = mixing + 1;
  return [...steps.slice(0, to), step, ...steps.slice(to, from), ...steps.slice(from + 1)];
}

function keepsBandsApart(step: Step): boolean {
  return BANDS_APART.includes(step.kind) || (step.kind === 'tone' && step.colormap === undefined);
}
