/** What makes one pixel out of the bands of one pixel. */
import { exp2, log2 } from './curves.as';

/**
 * Weighted sums: `columns` has four weights for each input band, those of four outputs. All outputs of a pixel are `outputs`
 * floats; of fewer than four, what is written too much is written over by the next pixel.
 */
export function twist(from: usize, bands: i32, to: usize, outputs: i32, pixels: i32, columns: usize): void {
  const step = <usize>outputs << 2;
  if (bands == 3) {
    const red = v128.load(columns);
    const green = v128.load(columns, 16);
    const blue = v128.load(columns, 32);
    for (; pixels > 0; pixels--, from += 12, to += step) {
      const r = f32x4.mul(v128.load32_splat(from), red);
      const g = f32x4.mul(v128.load32_splat(from, 4), green);
      const b = f32x4.mul(v128.load32_splat(from, 8), blue);
      v128.store(to, f32x4.add(f32x4.add(r, g), b));
    }
    return;
  }
  for (; pixels > 0; pixels--, to += step) {
    let sum = f32x4.splat(0);
    for (let column = columns, end = columns + (<usize>bands << 4); column < end; column += 16, from += 4)
      sum = f32x4.add(sum, f32x4.mul(v128.load32_splat(from), v128.load(column)));
    v128.store(to, sum);
  }
}

/** 0.5 s . n, clamped to 0–1, of a pixel that is a normal; black is no surface. */
export function shade(from: usize, bands: i32, to: usize, pixels: i32, x: f32, y: f32, z: f32): void {
  const step = <usize>bands << 2;
  for (; pixels > 0; pixels--, from += step, to += 4) {
    const r = load<f32>(from);
    const g = load<f32>(from, 4);
    const b = load<f32>(from, 8);
    const brightness = x * (<f32>0.5 - r) + y * (<f32>0.5 - g) + z * (<f32>0.5 - b);
    const isBlack = (r == 0) & (g == 0) & (b == 0);
    store<f32>(to, isBlack ? 0 : max<f32>(0, min<f32>(brightness, 1)));
  }
}

/** Three floats for each pixel by linear interpolation in a map: `segments + 2` colors of four floats. */
export function colormap(from: usize, bands: i32, to: usize, pixels: i32, map: usize, segments: i32): void {
  const step = <usize>bands << 2;
  const most = <f32>segments;
  for (; pixels > 0; pixels--, from += step, to += 12) {
    const v = load<f32>(from) * most;
    const position: f32 = v > 0 ? (v < most ? v : most) : 0;
    const segment = <i32>position;
    const color = map + (<usize>segment << 4);
    const low = v128.load(color);
    const share = f32x4.splat(position - <f32>segment);
    v128.store(to, f32x4.add(low, f32x4.mul(share, f32x4.sub(v128.load(color, 16), low))));
  }
}

// 0.299, 0.587 and 0.114 as fractions of 2^22, which add up to 1.
const RED: u64 = 1254097;
const GREEN: u64 = 2462056;
const BLUE: u64 = 478151;

/** Three bands to one, four (the last is alpha) to two; truncated. */
export function gray8(from: usize, bands: i32, to: usize, pixels: i32): void {
  const kept = bands - 2;
  if (bands == 3) {
    for (; pixels >= 16; pixels -= 16, from += 48, to += 16) {
      const low = i16x8.narrow_i32x4_s(fourGrays(from), fourGrays(from + 12));
      const high = i16x8.narrow_i32x4_s(fourGrays(from + 24), fourGrays(from + 36));
      v128.store(to, i8x16.narrow_i16x8_u(low, high));
    }
  }
  for (; pixels > 0; pixels--, from += bands, to += kept) {
    const sum = <u32>load<u8>(from) * <u32>RED + <u32>load<u8>(from, 1) * <u32>GREEN + <u32>load<u8>(from, 2) * <u32>BLUE;
    store<u8>(to, <u8>(sum >> 22));
    if (kept == 2) store<u8>(to, load<u8>(from, 3), 1);
  }
}

/** Of four pixels of three bytes. */
// @ts-ignore: decorator
@inline
function fourGrays(from: usize): v128 {
  const pixels = v128.load(from);
  // An index beyond 15 gives 0: of constants V8 makes one instruction.
  const red = i8x16.swizzle(pixels, i8x16(0, -1, -1, -1, 3, -1, -1, -1, 6, -1, -1, -1, 9, -1, -1, -1));
  const green = i8x16.swizzle(pixels, i8x16(1, -1, -1, -1, 4, -1, -1, -1, 7, -1, -1, -1, 10, -1, -1, -1));
  const blue = i8x16.swizzle(pixels, i8x16(2, -1, -1, -1, 5, -1, -1, -1, 8, -1, -1, -1, 11, -1, -1, -1));
  const sums = i32x4.add(
    i32x4.add(i32x4.mul(red, i32x4.splat(<i32>RED)), i32x4.mul(green, i32x4.splat(<i32>GREEN))),
    i32x4.mul(blue, i32x4.splat(<i32>BLUE)),
  );
  return i32x4.shr_u(sums, 22);
}

export function gray16(from: usize, bands: i32, to: usize, pixels: i32): void {
  const kept = bands - 2;
  for (; pixels > 0; pixels--, from += <usize>bands << 1, to += <usize>kept << 1) {
    const sum = <u64>load<u16>(from) * RED + <u64>load<u16>(from, 2) * GREEN + <u64>load<u16>(from, 4) * BLUE;
    store<u16>(to, <u16>(sum >> 22));
    if (kept == 2) store<u16>(to, load<u16>(from, 6), 2);
  }
}

/** CIELAB as stored (TIFF 6, section 23) to sRGB from 0 to 1; bands after the third are dropped. */
export function cielab8(from: usize, bands: i32, to: usize, pixels: i32): void {
  if (!isTableMade) makeTable();
  for (; pixels > 0; pixels--, from += bands, to += 12)
    v128.store(to, srgbOf(<f32>load<u8>(from) * <f32>(100.0 / 255.0), <f32>load<i8>(from, 1), <f32>load<i8>(from, 2)));
}

/** Of a* and b* the high byte counts. */
export function cielab16(from: usize, bands: i32, to: usize, pixels: i32): void {
  if (!isTableMade) makeTable();
  for (; pixels > 0; pixels--, from += <usize>bands << 1, to += 12)
    v128.store(to, srgbOf(<f32>(load<u16>(from) >> 1) * <f32>(1 / 327.67), <f32>load<i8>(from, 3), <f32>load<i8>(from, 5)));
}

export function cielabFloat(from: usize, bands: i32, to: usize, pixels: i32): void {
  if (!isTableMade) makeTable();
  for (; pixels > 0; pixels--, from += <usize>bands << 2, to += 12)
    v128.store(to, srgbOf(load<f32>(from), load<f32>(from, 4), load<f32>(from, 8)));
}

/** CIE 15, section 8.2.1, white D65; the matrix and the transfer curve of sRGB. */
// @ts-ignore: decorator
@inline
function srgbOf(l: f32, a: f32, b: f32): v128 {
  const y = (l + 16) * <f32>(1.0 / 116.0);
  let f = f32x4.splat(y);
  f = f32x4.replace_lane(f, 0, y + a * <f32>0.002);
  f = f32x4.replace_lane(f, 2, y - b * <f32>0.005);
  const cube = f32x4.mul(f32x4.mul(f, f), f);
  const line = f32x4.mul(f32x4.sub(f, f32x4.splat(<f32>(4.0 / 29.0))), f32x4.splat(<f32>(108.0 / 841.0)));
  const light = f32x4.mul(v128.bitselect(cube, line, f32x4.gt(f, f32x4.splat(<f32>(6.0 / 29.0)))), f32x4(0.95047, 1, 1.08883, 0));
  const x = f32x4.mul(v128.shuffle<f32>(light, light, 0, 0, 0, 0), f32x4(3.2404542, -0.969266, 0.0556434, 0));
  const middle = f32x4.mul(v128.shuffle<f32>(light, light, 1, 1, 1, 1), f32x4(-1.5371385, 1.8760108, -0.2040259, 0));
  const z = f32x4.mul(v128.shuffle<f32>(light, light, 2, 2, 2, 2), f32x4(-0.4985314, 0.041556, 1.0572252, 0));
  return encode(f32x4.add(f32x4.add(x, middle), z));
}

/** Where the straight part of sRGB's transfer curve ends. */
const STRAIGHT: f32 = 0.0031308;

/** Steps of the curve's table are 512 to the octave, so that lines between them are right to 2e-7. */
const STEP_BITS = 14;
const STEP_MASK: i32 = (1 << STEP_BITS) - 1;
/** The number whose bits are those of STRAIGHT, rounded down to a step. */
const FIRST: i32 = 0x3b4d2e1c & ~STEP_MASK;
/** From FIRST to the step behind 1. */
const STEPS: i32 = ((0x3f800000 - FIRST) >> STEP_BITS) + 2;

const curveTable = memory.data(4 * 4400, 16);
let isTableMade = false;

function makeTable(): void {
  for (let i = 0; i < STEPS; i++) {
    const v = f32x4.splat(reinterpret<f32>(FIRST + (i << STEP_BITS)));
    const power = exp2(f32x4.mul(log2(v), f32x4.splat(<f32>(1 / 2.4))));
    store<f32>(curveTable + (<usize>i << 2), f32x4.extract_lane(power, 0) * <f32>1.055 - <f32>0.055);
  }
  isTableMade = true;
}

/** The curve at the value with these bits, from STRAIGHT to 1. */
// @ts-ignore: decorator
@inline
function curveAt(bits: i32): f32 {
  const place = bits - FIRST;
  const step = curveTable + (<usize>(place >> STEP_BITS) << 2);
  const low = load<f32>(step);
  return low + (load<f32>(step, 4) - low) * (<f32>(place & STEP_MASK) * <f32>(1.0 / 16384.0));
}

// @ts-ignore: decorator
@inline
function encode(light: v128): v128 {
  // pmax and pmin this way round give 0 for NaN.
  const v = f32x4.pmin(f32x4.splat(1), f32x4.pmax(f32x4.splat(0), light));
  const line = f32x4.mul(v, f32x4.splat(12.92));
  const bits = i32x4.max_s(v, i32x4.splat(FIRST));
  let curve = f32x4.splat(curveAt(i32x4.extract_lane(bits, 0)));
  curve = f32x4.replace_lane(curve, 1, curveAt(i32x4.extract_lane(bits, 1)));
  curve = f32x4.replace_lane(curve, 2, curveAt(i32x4.extract_lane(bits, 2)));
  const coded = v128.bitselect(line, curve, f32x4.le(v, f32x4.splat(STRAIGHT)));
  return v128.bitselect(f32x4.splat(1), coded, f32x4.ge(v, f32x4.splat(1)));
}
