/** Taps in whole numbers, in pairs: what the kernels of src/wasm/pixels/resample.as.ts weigh with. */
import type { Taps } from './resample-taps.ts';

/** The weight 1. */
const ONE = 2 ** 14;

/** Rounded, weights that are smaller than this on the average would lose what they say. */
const MOST_TAPS = 1024;

/** The weights of one axis. */
export interface FixedTaps {
  /** Weights of each output position; those behind its taps are 0. */
  readonly length: number;
  /** `length` for each position that there is room for. */
  readonly weights: Int16Array;
}

/** Whether weights of 14 bits are exact enough: an error of a quarter of a level of 8 bits at the most. */
export const canBeFixed = ({ count }: Taps): boolean => count <= MOST_TAPS;

export interface FixedShape {
  /** Of it the length of each run is a multiple. */
  readonly multiple: number;
  /** Runs for which there is room. */
  readonly positions: number;
}

/**
 * Each run of weights adds up to exactly 1, as flat pictures have to stay flat: what is rounded away from one weight
 * is given to the next one.
 */
export function fixedTaps({ count, weights }: Taps, { multiple, positions }: FixedShape): FixedTaps {
  const length = Math.ceil(count / multiple) * multiple;
  const fixed = new Int16Array(positions * length);
  for (let from = 0, to = 0; from < weights.length; from += count, to += length) {
    let sum = 0;
    let given = 0;
    for (let k = 0; k < count; k++) {
      sum += weights[from + k]!;
      const upTo = Math.round(sum * ONE);
      fixed[to + k] = upTo - given;
      given = upTo;
    }
  }
  return { length, weights: fixed };
}
