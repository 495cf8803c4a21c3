/** From transformed components to samples (ISO/IEC 15444-1 Annex G): colors, level shift, clamping, interleaving. */

/** RCT (G.2), in place. Rows are `rowBytes` apart, and have room for a multiple of four samples. */
export function inverseRct(first: usize, second: usize, third: usize, rowBytes: usize, width: i32, height: i32): void {
  for (let y = 0; y < height; y++) {
    const start = <usize>y * rowBytes;
    const end = start + (<usize>width << 2);
    for (let i = start; i < end; i += 16) {
      const u = v128.load(second + i);
      const v = v128.load(third + i);
      const green = i32x4.sub(v128.load(first + i), i32x4.shr_s(i32x4.add(u, v), 2));
      v128.store(first + i, i32x4.add(v, green));
      v128.store(second + i, green);
      v128.store(third + i, i32x4.add(u, green));
    }
  }
}

/** ICT (G.3), in place, in floats. */
export function inverseIct(first: usize, second: usize, third: usize, rowBytes: usize, width: i32, height: i32): void {
  for (let y = 0; y < height; y++) {
    const start = <usize>y * rowBytes;
    const end = start + (<usize>width << 2);
    for (let i = start; i < end; i += 16) {
      const luma = v128.load(first + i);
      const blue = v128.load(second + i);
      const red = v128.load(third + i);
      const green = f32x4.sub(
        f32x4.sub(luma, f32x4.mul(blue, f32x4.splat(0.34413))),
        f32x4.mul(red, f32x4.splat(0.71414)),
      );
      v128.store(first + i, f32x4.add(luma, f32x4.mul(red, f32x4.splat(1.402))));
      v128.store(second + i, green);
      v128.store(third + i, f32x4.add(luma, f32x4.mul(blue, f32x4.splat(1.772))));
    }
  }
}

/** Rounds (half to even) if the plane holds floats, adds the level shift, clamps; in place, whole numbers. */
export function finishPlane(
  plane: usize,
  rowBytes: usize,
  width: i32,
  height: i32,
  isFloat: bool,
  shift: i32,
  least: i32,
  most: i32,
): void {
  for (let y = 0; y < height; y++) {
    const end = plane + (<usize>width << 2);
    for (let p = plane; p < end; p += 16) v128.store(p, finished(p, isFloat, shift, least, most));
    plane += rowBytes;
  }
}

// @ts-ignore: a decorator
@inline
function finished(address: usize, isFloat: bool, shift: i32, least: i32, most: i32): v128 {
  const value = v128.load(address);
  const whole = isFloat ? i32x4.trunc_sat_f32x4_s(f32x4.nearest(value)) : value;
  const atLeast = i32x4.max_s(whole, i32x4.splat(least - shift));
  return i32x4.add(i32x4.min_s(atLeast, i32x4.splat(most - shift)), i32x4.splat(shift));
}

/**
 * The samples of one plane, from 0 to `most`, put between those of others.
 *
 * @param sampleBytes 1 or 2.
 * @param pixelSamples samples from one pixel to the next.
 */
export function interleavePlane(
  plane: usize,
  rowBytes: usize,
  width: i32,
  height: i32,
  isFloat: bool,
  shift: i32,
  most: i32,
  sampleBytes: i32,
  target: usize,
  pixelSamples: i32,
): void {
  const isWide = sampleBytes === 2;
  const step = <usize>pixelSamples << (isWide ? 1 : 0);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x += 4) {
      const four = finished(plane + (<usize>x << 2), isFloat, shift, 0, most);
      const count = width - x;
      if (isWide) {
        store<u16>(target, <u16>i32x4.extract_lane(four, 0));
        if (count > 1) store<u16>(target + step, <u16>i32x4.extract_lane(four, 1));
        if (count > 2) store<u16>(target + 2 * step, <u16>i32x4.extract_lane(four, 2));
        if (count > 3) store<u16>(target + 3 * step, <u16>i32x4.extract_lane(four, 3));
      } else {
        store<u8>(target, <u8>i32x4.extract_lane(four, 0));
        if (count > 1) store<u8>(target + step, <u8>i32x4.extract_lane(four, 1));
        if (count > 2) store<u8>(target + 2 * step, <u8>i32x4.extract_lane(four, 2));
        if (count > 3) store<u8>(target + 3 * step, <u8>i32x4.extract_lane(four, 3));
      }
      target += step * <usize>min(count, 4);
    }
    plane += rowBytes;
  }
}

/**
 * Three planes as pixels of three bytes, four pixels at a time.
 *
 * @param target has room for 16 bytes more than the pixels take: what is written over the end of a row, the next one
 * covers.
 */
export function interleaveThree(
  first: usize,
  second: usize,
  third: usize,
  rowBytes: usize,
  width: i32,
  height: i32,
  isFloat: bool,
  shift: i32,
  most: i32,
  target: usize,
): void {
  for (let y = 0; y < height; y++) {
    const end = <usize>width << 2;
    let pixel = target;
    for (let x: usize = 0; x < end; x += 16) {
      const a = finished(first + x, isFloat, shift, 0, most);
      const b = finished(second + x, isFloat, shift, 0, most);
      const c = finished(third + x, isFloat, shift, 0, most);
      const bytes = i8x16.narrow_i16x8_u(i16x8.narrow_i32x4_u(a, b), i16x8.narrow_i32x4_u(c, c));
      v128.store(pixel, v128.shuffle<u8>(bytes, bytes, 0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11, 0, 0, 0, 0));
      pixel += 12;
    }
    first += rowBytes;
    second += rowBytes;
    third += rowBytes;
    target += <usize>width * 3;
  }
}
