/**
 * Weighted means of rows, then of columns, in whole numbers. Weights have 14 bits behind the point and lie in pairs, for two
 * neighbors at once; a run of an odd number ends with a weight of 0, so that one row, or some samples, behind the last
 * that counts are read.
 *
 * Between both passes samples are signed words with room for what curves swing over: bytes with 6 bits behind the point,
 * words less 32,768, halved.
 */

const WEIGHT_BITS: i32 = 14;
const BYTE_BITS: i32 = 6;
const HALF_WORD = <i16>-32768;

/** `count` samples of 8 bits, each the mean of those below each other in `2 * pairs` rows. Written are groups of 16. */
export function weighRows8(from: usize, stride: i32, weights: usize, pairs: i32, to: usize, count: i32): void {
  const last = weights + (<usize>pairs << 2);
  const half = i32x4.splat(1 << (WEIGHT_BITS - BYTE_BITS - 1));
  for (let i: usize = 0; i < <usize>count; i += 16) {
    let a = half;
    let b = half;
    let c = half;
    let d = half;
    let row = from + i;
    for (let weight = weights; weight < last; weight += 4) {
      const both = v128.load32_splat(weight);
      const one = v128.load(row);
      const other = v128.load(row + stride);
      const low = i8x16.shuffle(one, other, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
      const high = i8x16.shuffle(one, other, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
      a = i32x4.add(a, i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_u(low), both));
      b = i32x4.add(b, i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_u(low), both));
      c = i32x4.add(c, i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_u(high), both));
      d = i32x4.add(d, i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_u(high), both));
      row += stride << 1;
    }
    const shift = WEIGHT_BITS - BYTE_BITS;
    const out = to + (i << 1);
    v128.store(out, i16x8.narrow_i32x4_s(i32x4.shr_s(a, shift), i32x4.shr_s(b, shift)));
    v128.store(out, i16x8.narrow_i32x4_s(i32x4.shr_s(c, shift), i32x4.shr_s(d, shift)), 16);
  }
}

/** As `weighRows8`, of 16 bits; `stride` counts bytes. Written are groups of 8. */
export function weighRows16(from: usize, stride: i32, weights: usize, pairs: i32, to: usize, count: i32): void {
  const last = weights + (<usize>pairs << 2);
  const half = i32x4.splat(1 << WEIGHT_BITS);
  const middle = i16x8.splat(HALF_WORD);
  for (let i: usize = 0, length = <usize>count << 1; i < length; i += 16) {
    let a = half;
    let b = half;
    let row = from + i;
    for (let weight = weights; weight < last; weight += 4) {
      const both = v128.load32_splat(weight);
      const one = v128.xor(v128.load(row), middle);
      const other = v128.xor(v128.load(row + stride), middle);
      a = i32x4.add(a, i32x4.dot_i16x8_s(v128.shuffle<i16>(one, other, 0, 8, 1, 9, 2, 10, 3, 11), both));
      b = i32x4.add(b, i32x4.dot_i16x8_s(v128.shuffle<i16>(one, other, 4, 12, 5, 13, 6, 14, 7, 15), both));
      row += stride << 1;
    }
    const shift = WEIGHT_BITS + 1;
    v128.store(to + i, i16x8.narrow_i32x4_s(i32x4.shr_s(a, shift), i32x4.shr_s(b, shift)));
  }
}

/** Four sums as samples: in the lowest bytes, or words where `isWide`. */
// @ts-ignore: decorator
@inline
function settled(sums: v128, isWide: bool): v128 {
  if (isWide) {
    const half = i32x4.splat(1 << (WEIGHT_BITS - 2));
    const signed = i32x4.shr_s(i32x4.add(sums, half), WEIGHT_BITS - 1);
    const words = i32x4.add(signed, i32x4.splat(32768));
    return i16x8.narrow_i32x4_u(words, words);
  }
  const half = i32x4.splat(1 << (WEIGHT_BITS + BYTE_BITS - 1));
  const words = i32x4.shr_s(i32x4.add(sums, half), WEIGHT_BITS + BYTE_BITS);
  const narrow = i16x8.narrow_i32x4_s(words, words);
  return i8x16.narrow_i16x8_u(narrow, narrow);
}

// @ts-ignore: decorator
@inline
function storeFour(to: usize, sums: v128, isWide: bool): void {
  const samples = settled(sums, isWide);
  if (isWide) v128.store64_lane(to, samples, 0);
  else v128.store32_lane(to, samples, 0);
}

/**
 * `width` gray pixels out of a row between both passes. `starts` has the first sample of each (i32), `weights` `groups`
 * times 8 words for each. Written are groups of 4.
 */
export function weighGray(
  from: usize,
  starts: usize,
  weights: usize,
  groups: i32,
  to: usize,
  width: i32,
  isWide: bool,
): void {
  const step = <usize>groups << 4;
  for (let x = 0; x < width; x += 4, starts += 16, to += isWide ? 8 : 4, weights += step << 2) {
    const a = sumOfRun(from + (load<u32>(starts) << 1), weights, step);
    const b = sumOfRun(from + (load<u32>(starts, 4) << 1), weights + step, step);
    const c = sumOfRun(from + (load<u32>(starts, 8) << 1), weights + step * 2, step);
    const d = sumOfRun(from + (load<u32>(starts, 12) << 1), weights + step * 3, step);
    const ab = i32x4.add(v128.shuffle<i32>(a, b, 0, 1, 4, 5), v128.shuffle<i32>(a, b, 2, 3, 6, 7));
    const cd = i32x4.add(v128.shuffle<i32>(c, d, 0, 1, 4, 5), v128.shuffle<i32>(c, d, 2, 3, 6, 7));
    const sums = i32x4.add(v128.shuffle<i32>(ab, cd, 0, 2, 4, 6), v128.shuffle<i32>(ab, cd, 1, 3, 5, 7));
    storeFour(to, sums, isWide);
  }
}

// @ts-ignore: decorator
@inline
function sumOfRun(from: usize, weights: usize, bytes: usize): v128 {
  let sum = i32x4.dot_i16x8_s(v128.load(from), v128.load(weights));
  for (let i: usize = 16; i < bytes; i += 16) {
    sum = i32x4.add(sum, i32x4.dot_i16x8_s(v128.load(from + i), v128.load(weights + i)));
  }
  return sum;
}

/** As `weighGray`, of three bands; `weights` has `pairs` pairs for each pixel. One sample behind the last is written. */
export function weighColors(
  from: usize,
  starts: usize,
  weights: usize,
  pairs: i32,
  to: usize,
  width: i32,
  isWide: bool,
): void {
  weighPixels(from, starts, weights, pairs, to, width, isWide, 3);
}

/** As `weighColors`, of four bands. */
export function weighFour(
  from: usize,
  starts: usize,
  weights: usize,
  pairs: i32,
  to: usize,
  width: i32,
  isWide: bool,
): void {
  weighPixels(from, starts, weights, pairs, to, width, isWide, 4);
}

// @ts-ignore: decorator
@inline
function weighPixels(
  from: usize,
  starts: usize,
  weights: usize,
  pairs: i32,
  to: usize,
  width: i32,
  isWide: bool,
  bands: i32,
): void {
  const step = <usize>pairs << 2;
  const pixelBytes = <usize>bands << 1;
  for (let x = 0; x < width; x++, starts += 4, weights += step, to += isWide ? pixelBytes : <usize>bands) {
    let sums = i32x4.splat(0);
    let pixel = from + <usize>load<u32>(starts) * pixelBytes;
    for (let i: usize = 0; i < step; i += 4, pixel += pixelBytes << 1) {
      const two = v128.load(pixel);
      const paired =
        bands == 3
          ? v128.shuffle<i16>(two, two, 0, 3, 1, 4, 2, 5, 6, 7)
          : v128.shuffle<i16>(two, two, 0, 4, 1, 5, 2, 6, 3, 7);
      sums = i32x4.add(sums, i32x4.dot_i16x8_s(paired, v128.load32_splat(weights + i)));
    }
    storeFour(to, sums, isWide);
  }
}
