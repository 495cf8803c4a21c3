/** Tone curves over floats. Logarithm and power by the polynomials of Cephes (S. Moshier, logf.c and exp2f.c). */

/** The binary logarithm of positive floats, right to about 1e-7 of the fraction; exact for powers of 2. */
// @ts-ignore: decorator
@inline
export function log2(x: v128): v128 {
  // Octaves from sqrt(1/2) to sqrt(2), so that f is small and 0 at 1.
  const octave = i32x4.shr_s(i32x4.sub(x, i32x4.splat(0x3f3504f3)), 23);
  const f = f32x4.sub(i32x4.sub(x, i32x4.shl(octave, 23)), f32x4.splat(1));
  let p = f32x4.splat(7.0376836292e-2);
  p = f32x4.add(f32x4.mul(p, f), f32x4.splat(-1.151461031e-1));
  p = f32x4.add(f32x4.mul(p, f), f32x4.splat(1.167699874e-1));
  p = f32x4.add(f32x4.mul(p, f), f32x4.splat(-1.2420140846e-1));
  p = f32x4.add(f32x4.mul(p, f), f32x4.splat(1.4249322787e-1));
  p = f32x4.add(f32x4.mul(p, f), f32x4.splat(-1.6668057665e-1));
  p = f32x4.add(f32x4.mul(p, f), f32x4.splat(2.0000714765e-1));
  p = f32x4.add(f32x4.mul(p, f), f32x4.splat(-2.4999993993e-1));
  p = f32x4.add(f32x4.mul(p, f), f32x4.splat(3.3333331174e-1));
  const square = f32x4.mul(f, f);
  const rest = f32x4.sub(f32x4.mul(f32x4.mul(p, f), square), f32x4.mul(square, f32x4.splat(0.5)));
  const ln = f32x4.add(f, rest);
  return f32x4.add(f32x4.convert_i32x4_s(octave), f32x4.mul(ln, f32x4.splat(1.44269504088896341)));
}

/** 2 to the power of `x`, which is brought between -126 and 127; right to 2e-7, exact for whole numbers. */
// @ts-ignore: decorator
@inline
export function exp2(x: v128): v128 {
  const bounded = f32x4.max(f32x4.min(x, f32x4.splat(127)), f32x4.splat(-126));
  const whole = f32x4.nearest(bounded);
  const r = f32x4.sub(bounded, whole);
  let p = f32x4.splat(1.535336188319500e-4);
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.339887440266574e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(9.618437357674640e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(5.550332471162809e-2));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(2.402264791363012e-1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(6.931472028550421e-1));
  const fraction = f32x4.add(f32x4.mul(p, r), f32x4.splat(1));
  return i32x4.add(fraction, i32x4.shl(i32x4.trunc_sat_f32x4_s(whole), 23));
}

/** Below this, floats have no leading 1; they are as good as 0. */
const LEAST: f32 = 1.17549435e-38;

/** max(v, 0) ^ exponent; `ofZero` is the power of 0. */
export function gamma(from: usize, to: usize, count: i32, exponent: f32, ofZero: f32): void {
  const end = from + (<usize>count << 2);
  const e = f32x4.splat(exponent);
  const zero = f32x4.splat(ofZero);
  for (; from < end; from += 16, to += 16) {
    const v = v128.load(from);
    v128.store(to, v128.bitselect(exp2(f32x4.mul(log2(v), e)), zero, f32x4.ge(v, f32x4.splat(LEAST))));
  }
}

/** ln(1 + 255 max(v, 0)) / ln(256). */
export function logarithm(from: usize, to: usize, count: i32): void {
  const end = from + (<usize>count << 2);
  for (; from < end; from += 16, to += 16) {
    const v = f32x4.pmax(f32x4.splat(0), v128.load(from));
    v128.store(to, f32x4.mul(log2(f32x4.add(f32x4.mul(v, f32x4.splat(255)), f32x4.splat(1))), f32x4.splat(0.125)));
  }
}

/** 1 - v. */
export function invert(from: usize, to: usize, count: i32): void {
  const end = from + (<usize>count << 2);
  for (; from < end; from += 16, to += 16) v128.store(to, f32x4.sub(f32x4.splat(1), v128.load(from)));
}
