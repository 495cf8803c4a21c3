/** Between integers and floats from 0 to 1. */

/**
 * (v - offset) * factor. Offsets and factors are vectors of four floats, `period` of them used in turn: 1 where all bands
 * are alike, else as many as there are bands.
 */
export function normalize8(from: usize, to: usize, count: i32, offsets: usize, factors: usize, period: i32): void {
  const end = to + (<usize>count << 2);
  const wrap = <usize>period << 4;
  for (let p: usize = 0; to < end; from += 4, to += 16) {
    const words = i16x8.extend_low_i8x16_u(v128.load32_zero(from));
    scale(f32x4.convert_i32x4_u(i32x4.extend_low_i16x8_u(words)), to, offsets + p, factors + p);
    p += 16;
    if (p == wrap) p = 0;
  }
}

export function normalize16(from: usize, to: usize, count: i32, offsets: usize, factors: usize, period: i32): void {
  const end = to + (<usize>count << 2);
  const wrap = <usize>period << 4;
  for (let p: usize = 0; to < end; from += 8, to += 16) {
    scale(f32x4.convert_i32x4_u(v128.load16x4_u(from)), to, offsets + p, factors + p);
    p += 16;
    if (p == wrap) p = 0;
  }
}

export function normalize32(from: usize, to: usize, count: i32, offsets: usize, factors: usize, period: i32): void {
  const end = to + (<usize>count << 2);
  const wrap = <usize>period << 4;
  for (let p: usize = 0; to < end; from += 16, to += 16) {
    scale(f32x4.convert_i32x4_u(v128.load(from)), to, offsets + p, factors + p);
    p += 16;
    if (p == wrap) p = 0;
  }
}

/** NaN and infinities become 0. */
export function normalizeFloat(from: usize, to: usize, count: i32, offsets: usize, factors: usize, period: i32): void {
  const end = to + (<usize>count << 2);
  const wrap = <usize>period << 4;
  for (let p: usize = 0; to < end; from += 16, to += 16) {
    const v = f32x4.mul(f32x4.sub(v128.load(from), v128.load(offsets + p)), v128.load(factors + p));
    // Only NaN and the infinities differ from themselves when they are taken from themselves.
    v128.store(to, v128.and(v, f32x4.eq(f32x4.sub(v, v), f32x4.splat(0))));
    p += 16;
    if (p == wrap) p = 0;
  }
}

// @ts-ignore: decorator
@inline
function scale(v: v128, to: usize, offset: usize, factor: usize): void {
  v128.store(to, f32x4.mul(f32x4.sub(v, v128.load(offset)), v128.load(factor)));
}

/** clamp(v * scale + slack) to 0–255, cut off behind the point; NaN becomes 0. */
export function contrast8(from: usize, to: usize, count: i32, scale: f32, slack: f32): void {
  const end = from + (<usize>count << 2);
  const s = f32x4.splat(scale);
  const a = f32x4.splat(slack);
  for (; from < end; from += 64, to += 16) {
    const low = i16x8.narrow_i32x4_s(whole(from, s, a), whole(from + 16, s, a));
    const high = i16x8.narrow_i32x4_s(whole(from + 32, s, a), whole(from + 48, s, a));
    v128.store(to, i8x16.narrow_i16x8_u(low, high));
  }
}

/** The same to 0–65535. */
export function contrast16(from: usize, to: usize, count: i32, scale: f32, slack: f32): void {
  const end = from + (<usize>count << 2);
  const s = f32x4.splat(scale);
  const a = f32x4.splat(slack);
  for (; from < end; from += 32, to += 16) v128.store(to, i16x8.narrow_i32x4_u(whole(from, s, a), whole(from + 16, s, a)));
}

// @ts-ignore: decorator
@inline
function whole(from: usize, scale: v128, slack: v128): v128 {
  return i32x4.trunc_sat_f32x4_s(f32x4.add(f32x4.mul(v128.load(from), scale), slack));
}
