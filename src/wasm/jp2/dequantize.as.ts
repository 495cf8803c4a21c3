/** From sign and magnitude to what the inverse transforms take (ISO/IEC 15444-1 Annexes E.1 and H.1). */
import { COEFFICIENTS } from './memory.as';

const MAGNITUDE: i32 = 0x7fffffff;

/**
 * Undoes the Maxshift of a region of interest: what lies above the background's planes is moved down.
 *
 * @param threshold the least magnitude that belongs to the region, in the unit of COEFFICIENTS.
 */
export function unshiftRegion(count: i32, threshold: u32, shift: u32): void {
  for (let address = COEFFICIENTS; address < COEFFICIENTS + (<usize>count << 2); address += 4) {
    const value = load<u32>(address);
    const magnitude = value & MAGNITUDE;
    if (magnitude >= threshold) store<u32>(address, (value & 0x80000000) | (magnitude >> shift));
  }
}

/**
 * A rectangle of the block as integers, without the bits below 1.
 *
 * @param first the index in COEFFICIENTS of the rectangle's upper left sample.
 * @param fraction bits below 1.
 */
export function storeIntegers(
  first: i32,
  blockWidth: i32,
  width: i32,
  height: i32,
  fraction: i32,
  target: usize,
  targetBytes: usize,
): void {
  let source = COEFFICIENTS + (<usize>first << 2);
  const magnitude = i32x4.splat(MAGNITUDE);
  for (let y = 0; y < height; y++) {
    let x = 0;
    for (; x + 4 <= width; x += 4) {
      const value = v128.load(source + (<usize>x << 2));
      const sign = i32x4.shr_s(value, 31);
      const size = i32x4.shr_u(v128.and(value, magnitude), fraction);
      v128.store(target + (<usize>x << 2), i32x4.sub(v128.xor(size, sign), sign));
    }
    for (; x < width; x++) {
      const value = load<i32>(source + (<usize>x << 2));
      const size = (value & MAGNITUDE) >>> fraction;
      store<i32>(target + (<usize>x << 2), value < 0 ? -size : size);
    }
    source += <usize>blockWidth << 2;
    target += targetBytes;
  }
}

/** The same as floats, times `step`. */
export function storeFloats(
  first: i32,
  blockWidth: i32,
  width: i32,
  height: i32,
  step: f32,
  target: usize,
  targetBytes: usize,
): void {
  let source = COEFFICIENTS + (<usize>first << 2);
  const magnitude = i32x4.splat(MAGNITUDE);
  const steps = f32x4.splat(step);
  for (let y = 0; y < height; y++) {
    let x = 0;
    for (; x + 4 <= width; x += 4) {
      const value = v128.load(source + (<usize>x << 2));
      const size = f32x4.mul(f32x4.convert_i32x4_s(v128.and(value, magnitude)), steps);
      v128.store(target + (<usize>x << 2), v128.or(size, v128.andnot(value, magnitude)));
    }
    for (; x < width; x++) {
      const value = load<i32>(source + (<usize>x << 2));
      const size = <f32>(value & MAGNITUDE) * step;
      store<f32>(target + (<usize>x << 2), value < 0 ? -size : size);
    }
    source += <usize>blockWidth << 2;
    target += targetBytes;
  }
}
