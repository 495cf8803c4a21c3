/** Samples that change their place or width, and keep their value. */

/** The first `kept` of `bands` bands, in samples of `size` bytes. */
export function pick(from: usize, bands: i32, to: usize, kept: i32, pixels: i32, size: i32): void {
  const step = bands * size;
  const length = kept * size;
  for (; pixels > 0; pixels--, from += step, to += length) {
    // What is copied too far is written over by the next pixel.
    if (length <= 4) store<u32>(to, load<u32>(from));
    else if (length <= 16) v128.store(to, v128.load(from));
    else memory.copy(to, from, length);
  }
}

/** 16 bits to their high byte. */
export function highByte16(from: usize, to: usize, count: i32): void {
  const end = from + (<usize>count << 1);
  for (; from < end; from += 32, to += 16)
    v128.store(to, i8x16.narrow_i16x8_u(i16x8.shr_u(v128.load(from), 8), i16x8.shr_u(v128.load(from, 16), 8)));
}

/** 32 bits to their high byte. */
export function highByte32(from: usize, to: usize, count: i32): void {
  const end = from + (<usize>count << 2);
  for (; from < end; from += 16, to += 4) {
    const words = i16x8.narrow_i32x4_u(i32x4.shr_u(v128.load(from), 24), i32x4.splat(0));
    v128.store32_lane(to, i8x16.narrow_i16x8_u(words, words), 0);
  }
}

/** Rows that go through vectors at once. */
const ROWS: i32 = 8;

/** Side of the blocks in which rows become columns, so that what is written stays in the processor's cache. */
const BLOCK: i32 = 32;

/**
 * Rows become columns: pixel (x, y), of `size` bytes, goes to `to + x * acrossRow + y * downColumn` (bytes); `downColumn` is `size` or its
 * negative. Pixels of 1, 3 and 4 bytes go in squares through vectors; what is left at two sides, and others, one by one.
 */
export function transpose(from: usize, width: i32, height: i32, size: i32, to: usize, acrossRow: i32, downColumn: i32): void {
  const row = width * size;
  const side = size == 1 ? 8 : 4;
  const isSquared = size == 1 || size == 3 || size == 4;
  const wide = isSquared ? width - (width % side) : 0;
  const high = isSquared ? height - (height % ROWS) : 0;
  for (let top = 0; top < height; top += BLOCK) {
    const bottom = min(top + BLOCK, height);
    const squaredBottom = min(bottom, high);
    for (let left = 0; left < width; left += BLOCK) {
      const right = min(left + BLOCK, width);
      const squaredRight = min(right, wide);
      for (let y = top; y < squaredBottom; y += ROWS) {
        // Against the order of the rows, what is written begins with the last of them.
        const first = downColumn > 0 ? y : y + ROWS - 1;
        const step = downColumn > 0 ? row : -row;
        for (let x = left; x < squaredRight; x += side)
          stripe(from + first * row + x * size, step, size, to + x * acrossRow + first * downColumn, acrossRow);
      }
      for (let y = top; y < bottom; y++) {
        const start = y < high ? max(left, squaredRight) : left;
        if (start < right)
          scatter(from + y * row + start * size, right - start, size, to + start * acrossRow + y * downColumn, acrossRow);
      }
    }
  }
}

/** Pixels of eight rows, `step` bytes apart, to rows that are `across` bytes apart: eight of one byte, or four. */
// @ts-ignore: decorator
@inline
function stripe(from: usize, step: i32, size: i32, to: usize, across: i32): void {
  if (size == 1) squareOfBytes(from, step, to, across);
  else if (size == 3) stripeOfThree(from, step, to, across);
  else stripeOfFour(from, step, to, across);
}

/** 8 by 8. */
function squareOfBytes(from: usize, step: i32, to: usize, across: i32): void {
  const a = pairs(from, step);
  const b = pairs(from + 2 * step, step);
  const c = pairs(from + 4 * step, step);
  const d = pairs(from + 6 * step, step);
  const left = v128.shuffle<i16>(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
  const right = v128.shuffle<i16>(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
  const lowerLeft = v128.shuffle<i16>(c, d, 0, 8, 1, 9, 2, 10, 3, 11);
  const lowerRight = v128.shuffle<i16>(c, d, 4, 12, 5, 13, 6, 14, 7, 15);
  storeTwo(to, across, v128.shuffle<i32>(left, lowerLeft, 0, 4, 1, 5));
  storeTwo(to + 2 * across, across, v128.shuffle<i32>(left, lowerLeft, 2, 6, 3, 7));
  storeTwo(to + 4 * across, across, v128.shuffle<i32>(right, lowerRight, 0, 4, 1, 5));
  storeTwo(to + 6 * across, across, v128.shuffle<i32>(right, lowerRight, 2, 6, 3, 7));
}

/** Eight bytes of two rows, in turn. */
// @ts-ignore: decorator
@inline
function pairs(from: usize, step: i32): v128 {
  const one = v128.load64_zero(from);
  const other = v128.load64_zero(from + step);
  return v128.shuffle<i8>(one, other, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}

// @ts-ignore: decorator
@inline
function storeTwo(to: usize, across: i32, rows: v128): void {
  v128.store64_lane(to, rows, 0);
  v128.store64_lane(to + across, rows, 1);
}

/** Pixels of three bytes. */
function stripeOfThree(from: usize, step: i32, to: usize, across: i32): void {
  const a = fourPixels(from);
  const b = fourPixels(from + step);
  const c = fourPixels(from + 2 * step);
  const d = fourPixels(from + 3 * step);
  from += 4 * step;
  const e = fourPixels(from);
  const f = fourPixels(from + step);
  const g = fourPixels(from + 2 * step);
  const h = fourPixels(from + 3 * step);
  const topLeft = v128.shuffle<i32>(a, b, 0, 4, 1, 5);
  const topRight = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
  const upperLeft = v128.shuffle<i32>(c, d, 0, 4, 1, 5);
  const upperRight = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
  const lowerLeft = v128.shuffle<i32>(e, f, 0, 4, 1, 5);
  const lowerRight = v128.shuffle<i32>(e, f, 2, 6, 3, 7);
  const bottomLeft = v128.shuffle<i32>(g, h, 0, 4, 1, 5);
  const bottomRight = v128.shuffle<i32>(g, h, 2, 6, 3, 7);
  storeThree(to, v128.shuffle<i64>(topLeft, upperLeft, 0, 2), v128.shuffle<i64>(lowerLeft, bottomLeft, 0, 2));
  storeThree(to + across, v128.shuffle<i64>(topLeft, upperLeft, 1, 3), v128.shuffle<i64>(lowerLeft, bottomLeft, 1, 3));
  to += 2 * across;
  storeThree(to, v128.shuffle<i64>(topRight, upperRight, 0, 2), v128.shuffle<i64>(lowerRight, bottomRight, 0, 2));
  storeThree(to + across, v128.shuffle<i64>(topRight, upperRight, 1, 3), v128.shuffle<i64>(lowerRight, bottomRight, 1, 3));
}

/** One in each lane of four bytes. */
// @ts-ignore: decorator
@inline
function fourPixels(from: usize): v128 {
  return i8x16.swizzle(v128.load(from), i8x16(0, 1, 2, -1, 3, 4, 5, -1, 6, 7, 8, -1, 9, 10, 11, -1));
}

/** 24 bytes out of eight lanes. */
// @ts-ignore: decorator
@inline
function storeThree(to: usize, four: v128, next: v128): void {
  v128.store(to, v128.shuffle<i8>(four, next, 0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 16, 17, 18, 20));
  v128.store64_lane(to, i8x16.swizzle(next, i8x16(5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1, -1, -1, -1, -1)), 0, 16);
}

/** Pixels of four bytes. */
function stripeOfFour(from: usize, step: i32, to: usize, across: i32): void {
  squareOfFour(from, step, to, across);
  squareOfFour(from + 4 * step, step, to + 16, across);
}

// @ts-ignore: decorator
@inline
function squareOfFour(from: usize, step: i32, to: usize, across: i32): void {
  const a = v128.load(from);
  const b = v128.load(from + step);
  const c = v128.load(from + 2 * step);
  const d = v128.load(from + 3 * step);
  const left = v128.shuffle<i32>(a, b, 0, 4, 1, 5);
  const right = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
  const lowerLeft = v128.shuffle<i32>(c, d, 0, 4, 1, 5);
  const lowerRight = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<i64>(left, lowerLeft, 0, 2));
  v128.store(to + across, v128.shuffle<i64>(left, lowerLeft, 1, 3));
  v128.store(to + 2 * across, v128.shuffle<i64>(right, lowerRight, 0, 2));
  v128.store(to + 3 * across, v128.shuffle<i64>(right, lowerRight, 1, 3));
}

/** The pixels of a row in the opposite order. */
export function reverse(from: usize, pixels: i32, size: i32, to: usize): void {
  scatter(from, pixels, size, to + <usize>((pixels - 1) * size), -size);
}

/** Pixels of a row to places at equal distances. */
function scatter(from: usize, count: i32, size: i32, to: usize, step: i32): void {
  const end = from + <usize>(count * size);
  if (size == 1) for (; from < end; from++, to += step) store<u8>(to, load<u8>(from));
  else if (size == 2) for (; from < end; from += 2, to += step) store<u16>(to, load<u16>(from));
  else if (size == 3) {
    for (; from < end; from += 3, to += step) {
      store<u16>(to, load<u16>(from));
      store<u8>(to, load<u8>(from, 2), 2);
    }
  } else if (size == 4) for (; from < end; from += 4, to += step) store<u32>(to, load<u32>(from));
  else for (; from < end; from += size, to += step) memory.copy(to, from, size);
}
