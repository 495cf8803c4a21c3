/**
 * Rows of a plane on their way through the horizontal inverse transform. A plane's rows hold the low-pass half, then
 * the high-pass half; both are taken apart into two lines with a free place at each end for the mirrored sample.
 */

/** Samples of the widest row. */
export const MAX_ROW_SAMPLES: i32 = 16384;

export const LOW: usize = memory.data(16384 * 2 + 128, 16) + 16;
export const HIGH: usize = memory.data(16384 * 2 + 128, 16) + 16;

/** How many samples of a row that starts at an even (0) or odd (1) place are low-pass ones. */
// @ts-ignore: a decorator
@inline
export function lowCount(width: i32, parity: i32): i32 {
  return (width + 1 - parity) >> 1;
}

/** Fills the lines. `low` is where the low-pass half lies: in the row, or in the plane of the resolution below. */
// @ts-ignore: a decorator
@inline
export function takeApart(row: usize, low: usize, lows: i32, highs: i32): void {
  memory.copy(LOW, low, <usize>lows << 2);
  memory.copy(HIGH, row + (<usize>lows << 2), <usize>highs << 2);
}

/** Mirrors the outermost samples of a line of `count` (Figure F.2: whole-sample symmetric, seen by its neighbors). */
// @ts-ignore: a decorator
@inline
export function mirror(line: usize, count: i32): void {
  const end = line + (<usize>count << 2);
  store<u32>(line - 4, load<u32>(line));
  store<u32>(end, load<u32>(end - 4));
}

/** Writes the lines back sample by sample in turn. Rows have room for a multiple of eight samples. */
// @ts-ignore: a decorator
@inline
export function interleave(row: usize, width: i32, parity: i32): void {
  const first = parity ? HIGH : LOW;
  const second = parity ? LOW : HIGH;
  const bytes = <usize>((width + 1) >> 1) << 2;
  for (let i: usize = 0; i < bytes; i += 16) {
    const a = v128.load(first + i);
    const b = v128.load(second + i);
    const target = row + (i << 1);
    v128.store(target, v128.shuffle<i32>(a, b, 0, 4, 1, 5));
    v128.store(target + 16, v128.shuffle<i32>(a, b, 2, 6, 3, 7));
  }
}
