/** Which source pixels make an output pixel, and with what weights, along one axis. */

/** How pixels between pixels are made: the nearest one, or a weighted mean by one of three curves. */
export type Interpolation = 'nearest' | 'bilinear' | 'cubic' | 'lanczos';

/** For every output position a run of source positions and their weights. */
export interface Taps {
  /** Weights for each output position; where fewer pixels count, the others' are 0. */
  readonly count: number;
  /** First source position of each output position; `starts[i] + count` is at most the source's length. */
  readonly starts: Int32Array;
  /** `count` weights for each output position, adding up to 1. */
  readonly weights: Float64Array;
}

interface Curve {
  /** Distance from which on the weight is 0. */
  readonly reach: number;
  readonly weight: (distance: number) => number;
}

const CURVES: Readonly<Record<Exclude<Interpolation, 'nearest'>, Curve>> = {
  bilinear: { reach: 1, weight: (d) => Math.max(0, 1 - d) },
  // R. Keys, Cubic convolution interpolation for digital image processing, 1981, with a = -1/2.
  cubic: {
    reach: 2,
    weight: (d) => (d < 1 ? (1.5 * d - 2.5) * d * d + 1 : d < 2 ? ((-0.5 * d + 2.5) * d - 4) * d + 2 : 0),
  },
  // C. Duchon, Lanczos filtering in one and two dimensions, 1979, with three lobes.
  lanczos: { reach: 3, weight: (d) => (d < 3 ? sinc(d) * sinc(d / 3) : 0) },
};

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

/**
 * The taps from `from` pixels to `to` pixels that cover the same length.
 *
 * Pixels are areas: the centers of the first source and the first output pixel do not coincide unless the sizes are
 * equal. Going down, curves are as much wider as the output's pixels are larger, so every source pixel counts and
 * nothing aliases (but `nearest`, which picks). Near the edges, what would lie outside is left out.
 */
export function makeTaps(from: number, to: number, interpolation: Interpolation): Taps {
  const ratio = from / to;
  if (interpolation === 'nearest') return nearestTaps(from, to, ratio);
  const curve = CURVES[interpolation];
  const widening = Math.max(1, ratio);
  const reach = curve.reach * widening;
  const count = Math.min(from, Math.ceil(2 * reach));
  const starts = new Int32Array(to);
  const weights = new Float64Array(to * count);
  for (let i = 0; i < to; i++) {
    const center = (i + 0.5) * ratio - 0.5;
    const start = Math.min(Math.max(Math.floor(center - reach) + 1, 0), from - count);
    starts[i] = start;
    const run = weights.subarray(i * count, (i + 1) * count);
    for (let k = 0; k < count; k++) run[k] = curve.weight(Math.abs(start + k - center) / widening);
    const sum = run.reduce((a, b) => a + b, 0);
    for (let k = 0; k < count; k++) run[k]! /= sum;
  }
  return { count, starts, weights };
}

/** The pixel at or before the output pixel's left edge: the same phase as iipsrv's. */
function nearestTaps(from: number, to: number, ratio: number): Taps {
  const starts = new Int32Array(to).map((_, i) => Math.min(Math.floor(i * ratio), from - 1));
  return { count: 1, starts, weights: new Float64Array(to).fill(1) };
}
