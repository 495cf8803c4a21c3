/** Choices that look random and are the same for the same seed and case. */
import { pick, randomNumbers } from '../hostile/random.ts';

export interface Dice {
  /** 0 to `limit` - 1. */
  below(limit: number): number;
  /** True with this probability. */
  chance(probability: number): boolean;
  pick<T>(list: readonly T[]): T;
  /** A whole number of up to `bits` bits: an edge of its range, or any. */
  oddNumber(bits: number): number;
}

/** The dice of one case: a case can be made again without those before it. */
export function diceOf(seed: number, index: number): Dice {
  const random = randomNumbers((Math.imul(seed, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b)) | 0);
  const below = (limit: number): number => Math.floor(random() * limit);
  return {
    below,
    chance: (probability) => random() < probability,
    pick: (list) => pick(list, random),
    oddNumber: (bits) => {
      const top = 2 ** bits;
      const edges = [
        0,
        1,
        2,
        3,
        7,
        8,
        255,
        256,
        257,
        32_768,
        65_535,
        65_536,
        top / 2 - 1,
        top / 2,
        top - 2,
        top - 1,
      ];
      return random() < 0.6 ? pick(edges, random) % top : below(random() < 0.5 ? Math.min(top, 1024) : top);
    },
  };
}
